import type { Key } from '../../model/range.js'
import type { RowChange, RowImage } from '../../model/repair.js'
import type { Ruled } from './plan-rows.js'
import type { RepairTable } from './repair-table.js'

/** A divergent row on its way through a repair. */
export interface PlannedRow extends Ruled {
  readonly fate: RowFate
}

/** A row that will be written on some masters. */
export interface ChangedRow {
  readonly table: RepairTable
  readonly key: Key
  /** The row on each master, as it was read for the plan. */
  readonly held: ReadonlyMap<string, RowImage | null>
  /** At least one. */
  readonly changes: readonly RowChange[]
}

/** What the plan makes of a row. */
export type RowFate =
  | (ChangedRow & {
      readonly kind: 'change'
      /** Rows of its family that no audit has reported, because masters agree on them or none has them yet. */
      readonly carried?: readonly ChangedRow[]
    })
  /** Nothing will be written, and why. */
  | { readonly kind: 'manual' | 'refused' | 'stale'; readonly reason: string }

/** Everything that will be written, in the order of the rows. */
export function changesOf(rows: readonly PlannedRow[]): readonly RowChange[] {
  return rows.flatMap(({ fate }) => changesIn(fate))
}

/** What will be written for one row, and for those that it carries along. */
export function changesIn(fate: RowFate): readonly RowChange[] {
  return changedRows(fate).flatMap(({ changes }) => changes)
}

/** The row that a fate is about, with those that it carries along; none, when nothing will be written. */
export function changedRows(fate: RowFate): readonly ChangedRow[] {
  return fate.kind === 'change' ? [fate, ...(fate.carried ?? [])] : []
}
