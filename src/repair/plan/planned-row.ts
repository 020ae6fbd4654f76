import type { Key } from '../../model/range.js'
import type { RowChange, RowImage } from '../../model/repair.js'
import type { Ruled } from './plan-rows.js'
import type { RepairTable } from './repair-table.js'

/** A divergent row on its way through a repair. */
export interface PlannedRow extends Ruled {
  readonly fate: RowFate
}

/** What the plan makes of a row. */
export type RowFate =
  | {
      readonly kind: 'change'
      readonly table: RepairTable
      readonly key: Key
      /** The row on each master, as it was read for the plan. */
      readonly held: ReadonlyMap<string, RowImage | null>
      /** At least one. */
      readonly changes: readonly RowChange[]
    }
  /** Nothing will be written, and why. */
  | { readonly kind: 'manual' | 'refused' | 'stale'; readonly reason: string }

/** Everything that will be written, in the order of the rows. */
export function changesOf(rows: readonly PlannedRow[]): readonly RowChange[] {
  return rows.flatMap(({ fate }) => (fate.kind === 'change' ? fate.changes : []))
}
