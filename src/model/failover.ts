import type { Mend } from './doctor.js'
import type { TableRef } from './table.js'
import type { RowValues } from './value.js'

/** `lost`: the master is gone; `returned`: it is back. */
export type FailoverKind = 'lost' | 'returned'

/** Transactions that one master lacks and another one has. */
export interface LackedTransactions {
  /** The master that lacks them. */
  readonly master: string
  /** The masters in whose binlogs they were read. */
  readonly readOn: readonly string[]
  /** How many, as far as they were read. */
  readonly count: number
  /** A GTID set (MySQL), the last number that it has and the last there is of each source (MariaDB), or a span of a binlog. */
  readonly which: string
  /** Those of them that only the returned master has, in the same words; empty when there are none. */
  readonly unsent: string
}

/** Transactions that a master has received, and not applied. */
export interface PendingTransactions {
  readonly master: string
  readonly which: string
  /** Why they are not being applied; `null` when they are. */
  readonly stopped: string | null
}

/** What will become of a row when every master has applied what it still lacks. */
export type Outlook =
  /** The masters agree on it now, and will. */
  | 'agrees'
  /** The masters will agree on it. */
  | 'arrives'
  /** It was written on both sides, and will differ. */
  | 'both-sides'
  /** It will differ, for it is not as the transactions expect it. */
  | 'differs'
  /** An applier will stop at it. */
  | 'stops'

/** A row that transactions change which some master lacks, and that does not come right by itself. */
export interface TroubledRow extends TableRef {
  readonly key: RowValues
  readonly outlook: Exclude<Outlook, 'agrees' | 'arrives'>
  /** In words. */
  readonly because: string
}

/** What a verdict goes by. */
export interface FailoverReason {
  /** See docs/reference/failover.md. */
  readonly id:
    | 'could-not-look'
    | 'not-applied'
    | 'applier-stopped'
    | 'both-sides'
    | 'differs'
    | 'stops'
    | 'lacked'
    | 'purged'
    | 'position-gone'
    | 'out-of-order'
    | 'lanes'
  readonly masters: readonly string[]
  readonly text: string
}

/**
 * `yes`: nothing stands in the way of replication with the returned master, or the survivors agree on the lost one's writes;
 * `no`: something does; `unknown`: it could not be told.
 */
export type FailoverAnswer = 'yes' | 'no' | 'unknown'

/** How many rows those transactions change. */
interface FailoverRows {
  /** All of them, as far as they were held. */
  readonly written: number
  readonly bothSides: number
  /** Rows that differ, and will agree once everything is applied. */
  readonly arriving: number
  /** Rows that will not come right by themselves. */
  readonly troubled: number
}

/** What a failover left behind. */
export interface FailoverReport {
  readonly kind: FailoverKind
  /** The master that was lost, or is back. */
  readonly master: string
  /** How transactions were told apart. */
  readonly by: 'gtid' | 'position'
  /** The lost or returned server: its uuid (MySQL) or server id (MariaDB). */
  readonly server: string
  readonly lacked: readonly LackedTransactions[]
  /** How many transactions only the returned master has. */
  readonly unsent: number
  readonly pending: readonly PendingTransactions[]
  readonly rows: FailoverRows
  /** The first of the rows that will not come right by themselves. */
  readonly troubled: readonly TroubledRow[]
  /** What could not be looked at. */
  readonly gaps: readonly string[]
  /** What a reader should know besides. */
  readonly notes: readonly string[]
  readonly answer: FailoverAnswer
  readonly reasons: readonly FailoverReason[]
  /** Statements that step over the unsent transactions, once their rows are as wanted on all masters. */
  readonly stepOver: readonly Mend[]
}
