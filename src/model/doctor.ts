import type { Divergence } from './divergence.js'
import type { MasterInfo } from './master.js'
import type { RepairSummary } from './repair.js'
import type { RowValues } from './value.js'

/**
 * How much a finding matters. `info`: good to know; `warning`: to be mended before it does harm; `danger`: rows get lost or
 * replication stops; `unknown`: it could not be looked at, so it may hide any of these.
 */
export type Severity = 'info' | 'warning' | 'danger' | 'unknown'

/** A statement that mends a finding. The user runs it; nothing here does. */
export interface Mend {
  /** The master to run it on. */
  readonly master: string
  readonly statement: string
}

/** What a check has found. */
export interface Finding {
  /** What scripts know it by: `lane-increment`. See docs/reference/doctor.md. */
  readonly id: string
  readonly severity: Severity
  /** The masters that it is about. */
  readonly masters: readonly string[]
  /** What was seen. */
  readonly what: string
  /** How that comes about. */
  readonly cause: string
  /** What it leads to. */
  readonly danger: string
  /** What to do that no statement does, or before the statements are run; `null` when the statements say it all. */
  readonly advice: string | null
  /** In the order in which they are to be run. */
  readonly mend: readonly Mend[]
}

/** A row that a transaction changes. */
export interface PendingRow {
  readonly verb: 'insert' | 'update' | 'delete'
  readonly database: string
  readonly table: string
  readonly key: RowValues
}

/** An applier that has stopped because a row does not fit, and what is to be done about it. */
export interface StoppedTransaction {
  /** The master whose applier it is. */
  readonly master: string
  /** Empty for the default channel. */
  readonly channel: string
  /** The master that it was written on; `null` when that is none of the masters named. */
  readonly source: string | null
  readonly errno: number
  /** In the server's words. */
  readonly message: string
  /** The transaction that it stands before; `null` when it is not numbered, or could not be read. */
  readonly gtid: string | null
  /** Where that begins in the binlog of the source: `file:offset`. */
  readonly position: string
  /** The rows that it changes. */
  readonly rows: readonly PendingRow[]
  /** Those of them that are not the same on all masters now, with what is decided of each. */
  readonly divergences: readonly Divergence[]
  /** What repairing them would do, or has done; `null` when there is nothing to repair. */
  readonly repair: RepairSummary | null
  /** The statements that repair them. */
  readonly mend: readonly Mend[]
  /** The statements that step over exactly this transaction, to be run when the rows are as they should be. */
  readonly stepOver: readonly Mend[]
  /** Why it must not be stepped over as things are; `null` when it may be. */
  readonly obstacle: string | null
}

/** How many findings there are of each severity. */
export type FindingCounts = Readonly<Record<Severity, number>>

/** What the masters were found to be like. */
export interface Diagnosis {
  readonly startedAt: Date
  readonly finishedAt: Date
  /** The masters that answered. */
  readonly masters: readonly MasterInfo[]
  /** The gravest first. */
  readonly findings: readonly Finding[]
  readonly stopped: readonly StoppedTransaction[]
}

/** The gravest first. What was not seen may be as grave as anything. */
const SEVERITIES: readonly Severity[] = ['danger', 'unknown', 'warning', 'info']

/** The gravest first; those of one severity stay in their order. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity))
}

/** Counts findings by severity. */
export function countFindings(findings: readonly Finding[]): FindingCounts {
  const counts = { info: 0, warning: 0, danger: 0, unknown: 0 }
  for (const { severity } of findings) counts[severity]++
  return counts
}
