import type { ChangeOutcome, RowChange } from '../../model/repair.js'
import type { ApplyRun } from './apply-run.js'
import { type Batch, changesOf, type Unit, unitOf } from './batches.js'
import { blocked, type Outcomes } from './outcomes.js'

/**
 * The steps whose changes are still open. What builds on a change that was not made is refused, and what cannot be made on
 * one master is made on none: that is noted in `outcomes`.
 */
export function openSteps(batch: Batch, outcomes: Map<number, ChangeOutcome>, run: ApplyRun): Batch {
  const all = batch.flatMap(({ steps }) => steps)
  const changes = changesOf(batch)
  for (let before = -1; before !== outcomes.size; ) {
    before = outcomes.size
    const lost = lostRows(changes, outcomes, run)
    for (const { change, needs } of all) {
      if (outcomes.has(change.id)) continue
      const outcome = blocked(needs, outcomes) ?? lost.get(unitOf(change, run.rows))
      if (outcome !== undefined) outcomes.set(change.id, outcome)
    }
  }
  return batch.flatMap(({ master, steps }) => {
    const open = steps.filter(({ change }) => !outcomes.has(change.id))
    return open.length === 0 ? [] : [{ master, steps: open }]
  })
}

/** Rows and families that cannot be made on some master, and why. */
function lostRows(changes: readonly RowChange[], outcomes: Outcomes, run: ApplyRun): ReadonlyMap<Unit, ChangeOutcome> {
  const lost = new Map<Unit, ChangeOutcome>()
  for (const change of changes) {
    const outcome = outcomes.get(change.id)
    if (outcome !== undefined && outcome.status !== 'applied') lost.set(unitOf(change, run.rows), outcome)
  }
  return lost
}
