import type { Costs } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import type { FailoverReport } from '../model/failover.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'

/** A report in the making. Calls come one after the other, each awaited, so that a slow disk holds the audit back. */
export interface ReportSink {
  /** First, once. */
  open(header: AuditHeader): Promise<void>
  divergences(divergences: readonly Divergence[]): Promise<void>
  table(result: TableResult): Promise<void>
  /** Only with a repair: once, after the last table. */
  repaired(repair: RepairSummary): Promise<void>
  /** Only after a failover: once, after the last table and a repair. */
  failover?(failover: FailoverReport): Promise<void>
  /** Before `close`: the run was cut short, and can be gone on with by this file; `null` when nothing was saved. */
  cutShort?(resume: string | null): void
  /** Last: the report is whole and appears under its name. `costs` are absent where they are not known. */
  close(finishedAt: Date, summary: Summary, costs?: Costs | null): Promise<void>
  /** Instead of `close`: leaves nothing behind. Never rejects. */
  abort(): Promise<void>
}
