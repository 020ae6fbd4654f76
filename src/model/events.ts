import type { Divergence } from './divergence.js'
import type { RepairSummary } from './repair.js'
import type { AuditHeader, Summary, TableResult } from './report.js'
import type { TableRef } from './table.js'

/** What an audit finds, in order; the consumer's pace holds the audit back, so nothing piles up in memory. */
export type AuditEvent =
  | { readonly type: 'started'; readonly header: AuditHeader }
  | { readonly type: 'table-started'; readonly ref: TableRef }
  /** `reported`: the same row as the report has it, when one is rechecked. */
  | { readonly type: 'divergence'; readonly divergence: Divergence; readonly reported?: Divergence }
  | { readonly type: 'table-finished'; readonly result: TableResult }
  /** Only with a repair: after the last table. */
  | { readonly type: 'repaired'; readonly repair: RepairSummary }
  | { readonly type: 'finished'; readonly finishedAt: Date; readonly summary: Summary }

/** How far the audit is; may be dropped or coalesced without loss. */
export interface Progress {
  readonly ref: TableRef
  /** Rows read so far of this table, on the master where most were read. */
  readonly rows: number
  /** The server's estimate for the whole table; may be off by half. */
  readonly estimatedRows: number
  readonly chunks: number
  readonly mismatched: number
  /** Tables finished before this one, and tables in all. */
  readonly tablesDone: number
  readonly tables: number
}
