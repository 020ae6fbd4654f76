import type { ChangeOutcome } from '../../model/repair.js'

/** What became of changes, by their ids. */
export type Outcomes = ReadonlyMap<number, ChangeOutcome>

/** What becomes of a change whose `needs` were not all made; `null` when nothing is in its way. */
export function blocked(needs: readonly number[], outcomes: Outcomes): ChangeOutcome | null {
  const isMissing = needs.some((id) => (outcomes.get(id)?.status ?? 'applied') !== 'applied')
  return isMissing ? { status: 'refused', reason: 'another row that has to be written first was not written' } : null
}

const HELD = 'another session keeps the row locked on'

/** What becomes of a change whose row somebody else does not give up on a master. */
export function heldElsewhere(master: string): ChangeOutcome {
  return { status: 'failed', reason: `${HELD} ${master}: lock wait timeout` }
}

/** Why the rest of its table is not tried either; `null` when it may be. */
export function stopsTable(outcome: ChangeOutcome | undefined): string | null {
  return outcome?.status === 'failed' && !outcome.reason.startsWith(HELD) ? outcome.reason : null
}
