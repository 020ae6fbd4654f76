import type { Divergence } from './divergence.js'
import type { MasterInfo } from './master.js'
import type { Summary, TableResult } from './report.js'
import type { TableRef } from './table.js'

/** How many rows a report names in one table. */
export interface NamedRows {
  readonly ref: TableRef
  readonly rows: number
}

/**
 * A JSON report, read back. Its shape was checked and nothing else: whoever could edit the file may have put anything into
 * its texts, so they reach a server only by way of `sql/literal.ts`, and a terminal only by way of `report/text.ts`.
 */
export interface SavedReport {
  /** What people call it: its path as it was typed. */
  readonly name: string
  /** When its audit began; UTC, ISO 8601. */
  readonly startedAt: string
  readonly masters: readonly MasterInfo[]
  /** As the audit left them; tables that it never reached are absent. */
  readonly tables: readonly TableResult[]
  readonly summary: Summary
  /** The tables that its divergences name, in the order of the file. */
  readonly named: readonly NamedRows[]
  /**
   * The divergences of one table, in the order of the file, as often as they are asked for. Decisions and evidence of that
   * time are left behind.
   */
  divergences(ref: TableRef): AsyncIterable<Divergence>
}
