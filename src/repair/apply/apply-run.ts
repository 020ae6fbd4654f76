import type { Standstill } from '../../masters/catch-up.js'
import type { Master } from '../../masters/master.js'
import type { Key } from '../../model/range.js'
import type { RepairConfig, RowImage } from '../../model/repair.js'
import type { RepairTable } from '../plan/repair-table.js'
import type { Journal } from './journal.js'

/** A row of a plan, as applying follows it. */
export interface LiveRow {
  readonly table: RepairTable
  readonly key: Key
  /** The row on each master that a change builds on: as read for the plan, then as written. */
  readonly held: Map<string, RowImage | null>
  /** What stood under the lock before a change was made, by its id. */
  readonly locked: Map<number, RowImage | null>
}

/** What applying a plan works with. */
export interface ApplyRun {
  /** In the order they were named, which is the order they are locked in. */
  readonly masters: readonly Master[]
  readonly config: Pick<RepairConfig, 'viaReplication'>
  /** By the id of the change. */
  readonly rows: ReadonlyMap<number, LiveRow>
  readonly journal: Journal
  /** Where an applier has stopped and need not run; see `RepairRequest`. */
  readonly standstill: Standstill
  /** Milliseconds that masters may take to catch up with each other. */
  readonly patience: number
  readonly signal: AbortSignal | undefined
}
