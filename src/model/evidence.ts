import type { RowValues } from './value.js'

/**
 * What made the masters differ, as far as their binlogs prove it:
 * `never-arrived` the last write to the row did not reach every master; `deleted` so, and it was a DELETE;
 * `double-insert` masters inserted the row independently of each other; `concurrent-update` they changed it so;
 * `crosswise` so, and each holds what the other wrote; `unknown` nothing of that is proven.
 */
export type EvidenceVerdict =
  | 'never-arrived'
  | 'deleted'
  | 'double-insert'
  | 'concurrent-update'
  | 'crosswise'
  | 'unknown'

/** What a transaction did to one row in all. */
export type EventKind = 'insert' | 'update' | 'delete'

/** One transaction that changed the row, as it stands in the binlog of one master. */
export interface RowEvent {
  readonly master: string
  /** As the server prints it; `null` where transactions are not numbered. */
  readonly gtid: string | null
  /** The server that made the change. */
  readonly serverId: number
  /**
   * When it was committed there: UTC, ISO 8601, with microseconds where the server logs them (MySQL), else to the second.
   */
  readonly at: string
  readonly kind: EventKind
  /** Made on this master, not applied from another one. */
  readonly local: boolean
  /** No other change of the row is known to have been made in knowledge of this one. */
  readonly last: boolean
  /** The masters whose row is as this change left it. */
  readonly heldBy: readonly string[]
}

/** What the binlogs tell of one divergent row. */
export interface Evidence {
  readonly verdict: EvidenceVerdict
  /** The verdict in words; of `unknown`, what stands in the way. */
  readonly because: string
  /** The last changes of the row in each binlog, in its order, and those that the verdict goes by. */
  readonly events: readonly RowEvent[]
  /** The row as all had it before they changed it independently; `null` where that is not known. */
  readonly base: RowValues | null
}
