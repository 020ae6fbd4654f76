import type { ChangeOutcome } from '../../model/repair.js'

/** What became of changes, by their ids. */
export type Outcomes = ReadonlyMap<number, ChangeOutcome>

/** What becomes of a change whose `needs` were not all made; `null` when nothing is in its way. */
export function blocked(needs: readonly number[], outcomes: Outcomes): ChangeOutcome | null {
  const isMissing = needs.some((id) => (outcomes.get(id)?.status ?? 'applied') !== 'applied')
  return isMissing ? { status: 'refused', reason: 'another row that has to be written first was not written' } : null
}

/** What becomes of a change whose row somebody else does not give up on a master. */
export function heldElsewhere(master: string): ChangeOutcome {
  return {
    status: 'failed',
    reason: `another session keeps the row locked on ${master}: lock wait timeout`,
    busy: true
  }
}

/** Why the rest of its table is not tried either; `null` when it may be. */
export function stopsTable(outcome: ChangeOutcome | undefined): string | null {
  return outcome?.status === 'failed' && outcome.busy !== true ? outcome.reason : null
}

/** Adds what became of changes to what is known. */
export function note(into: Map<number, ChangeOutcome>, from: Outcomes): void {
  for (const [id, outcome] of from) into.set(id, outcome)
}
