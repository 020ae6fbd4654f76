import { strongComponents } from './components.js'
import type { Graph } from './graph.js'

/** Groups of changes that each have to wait for the others, in ways that no parked value can solve. */
export function deadlocks(graph: Graph): readonly (readonly number[])[] {
  const unparkable = graph.needs.map((needs) => needs.flatMap(({ node, park }) => (park.length === 0 ? node : [])))
  return strongComponents(unparkable)
    .filter((members) => members.length > 1)
    .map((members) => members.filter((each) => each < graph.changes.length).sort((left, right) => left - right))
}
