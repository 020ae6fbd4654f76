import type { RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'

/** Rows that are named one by one; of others the number is enough. */
const MOST_NAMED = 5
/** Characters of a literal that is shown. */
const MOST_SHOWN = 60

/**
 * Spreads refusals to the changes that cannot be made without a refused one, until nothing more is to be refused.
 *
 * @param refused reasons by the place of a change; what follows from them is added.
 * @param requires by the place of a change, the places of those without which it cannot be made.
 */
export function spreadRefusals(
  changes: readonly RowChange[],
  refused: Map<number, string>,
  requires: readonly (readonly number[])[]
): void {
  if (refused.size === 0) return
  const dependants = changes.map((): number[] => [])
  for (const [place, needed] of requires.entries()) for (const each of needed) dependants[each]?.push(place)
  const open = [...refused.keys()]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const change = changes[place]
    if (change === undefined) continue
    for (const dependant of dependants[place] ?? []) {
      if (refused.has(dependant)) continue
      refused.set(dependant, `${rowName(change)} has to be written before it, and that is refused`)
      open.push(dependant)
    }
  }
}

/** A row for people: `shop.orders (order_id = 7)`. */
export function rowName(change: RowChange): string {
  const image = change.before ?? change.after ?? {}
  const parts = change.table.key.map((name) => `${name} = ${shown(image[name] ?? '?')}`)
  return `${tableName(change.table.ref)} (${parts.join(', ')})`
}

/** Some rows for people, the first of them by name. */
export function rowNames(changes: readonly RowChange[]): string {
  const named = changes.slice(0, MOST_NAMED).map(rowName).join(', ')
  return changes.length > MOST_NAMED ? `${named} and ${changes.length - MOST_NAMED} more` : named
}

/** A literal for people, cut where it is long. */
export function shown(literal: string): string {
  return literal.length > MOST_SHOWN ? `${literal.slice(0, MOST_SHOWN)}…` : literal
}
