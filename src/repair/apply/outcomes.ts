import type { ChangeOutcome } from '../../model/repair.js'

/** What became of changes, by their ids. */
export type Outcomes = ReadonlyMap<number, ChangeOutcome>

/** What becomes of a change whose `needs` were not all made; `null` when nothing is in its way. */
export function blocked(needs: readonly number[], outcomes: Outcomes): ChangeOutcome | null {
  const isMissing = needs.some((id) => (outcomes.get(id)?.status ?? 'applied') !== 'applied')
  return isMissing ? { status: 'refused', reason: 'another row that has to be written first was not written' } : null
}
