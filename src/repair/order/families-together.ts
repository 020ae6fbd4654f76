import { strongComponents } from './components.js'
import type { Move } from './order.js'

/** Brings the moves of each family together, so that they can be made in one transaction; what they need comes before. */
export function familiesTogether(moves: readonly Move[]): readonly Move[] {
  if (moves.every(({ change }) => change.family === undefined)) return moves
  const units = new Map<string | number, { readonly node: number; readonly moves: Move[]; readonly needs: number[] }>()
  const unitOfChange = new Map<number, string | number>()
  for (const move of moves) {
    const name = move.change.family ?? move.change.id
    const unit = units.get(name) ?? { node: units.size, moves: [], needs: [] }
    unit.moves.push(move)
    units.set(name, unit)
    unitOfChange.set(move.change.id, name)
  }
  for (const { change, needs } of moves) {
    const needed = needs.flatMap((id) => units.get(unitOfChange.get(id) ?? '')?.node ?? [])
    units.get(change.family ?? change.id)?.needs.push(...needed)
  }
  const all = [...units.values()]
  const place = new Map(moves.map((move, at) => [move, at]))
  return strongComponents(all.map(({ needs }) => needs)).flatMap((members) =>
    members
      .flatMap((node) => all[node]?.moves ?? [])
      .toSorted((left, right) => (place.get(left) ?? 0) - (place.get(right) ?? 0))
  )
}
