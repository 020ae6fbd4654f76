import type { Session } from '../../masters/session.js'
import type { FactsOf } from '../../masters/table-facts.js'
import type { RowChange, Step } from '../../model/repair.js'
import { rowObstacles } from '../look/row-obstacles.js'
import { orderChanges, stepsOf } from './order.js'
import { findParkedValues } from './park.js'

/** What can be written on a master, in order, and why the rest can not, by the id of the change. */
export interface CheckedSteps {
  readonly steps: readonly Step[]
  readonly refused: ReadonlyMap<number, string>
}

/**
 * Looks at the rows that the changes of one master would run into, and puts the statements in an order in which none meets a
 * value, a parent or a child in its way. What is refused may leave others without what they need, which then are refused too.
 */
export async function checkedSteps(
  session: Session,
  changes: readonly RowChange[],
  facts: FactsOf
): Promise<CheckedSteps> {
  const refused = new Map<number, string>()
  const unparkable = new Set<string>()
  for (;;) {
    const found = await rowObstacles(session, left(changes, refused), facts)
    for (const [id, reason] of found) refused.set(id, reason)
    const possible = left(changes, refused)
    const order = orderChanges(possible, facts, unparkable)
    for (const [id, reason] of order.refused) refused.set(id, reason)
    if (order.refused.size > 0) continue
    const parking = await findParkedValues(session, order.moves, possible, facts)
    if ('parked' in parking) return { steps: stepsOf(order.moves, parking.parked, facts), refused }
    for (const place of parking.unparkable) unparkable.add(place)
  }
}

function left(changes: readonly RowChange[], refused: ReadonlyMap<number, string>): readonly RowChange[] {
  return changes.filter((change) => !refused.has(change.id))
}
