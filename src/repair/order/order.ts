import type { FactsOf } from '../../masters/table-facts.js'
import type { RowChange, RowImage, Step } from '../../model/repair.js'
import { childrenQueries } from '../look/children-guard.js'
import { rowNames, spreadRefusals } from '../look/refusals.js'
import { imageNames } from '../look/transitions.js'
import { deadlocks } from './cycles.js'
import { familiesTogether } from './families-together.js'
import { type Graph, graphOf } from './graph.js'
import type { Unparkable } from './parkable.js'
import { type Stop, walk } from './walk.js'

/** A statement to be: a row is written, or a value of it is parked, which one is not known yet. */
export type Move =
  | { readonly kind: 'write'; readonly change: RowChange; readonly needs: readonly number[] }
  | { readonly kind: 'park'; readonly change: RowChange; readonly needs: readonly number[]; readonly column: string }

/** The order in which changes can be made, and those that cannot be made in any. */
export interface Order {
  readonly moves: readonly Move[]
  /** By the id of the change. */
  readonly refused: ReadonlyMap<number, string>
}

/** The parked literal of a change's row in a column of its master. */
export type ParkedLiteral = (change: RowChange, column: string) => string

/**
 * Orders the changes of one master so that no statement meets a unique value that another row still has, a parent that is
 * not there yet, or a child that is still there. Otherwise they keep the order given.
 */
export function orderChanges(changes: readonly RowChange[], facts: FactsOf, unparkable: Unparkable = new Set()): Order {
  const graph = graphOf(changes, facts, unparkable)
  const refused = refusedIn(graph)
  if (refused.size === 0) {
    return { moves: familiesTogether(walk(graph).flatMap((stop) => moveOf(graph, stop))), refused: new Map() }
  }
  const left = changes.filter((_, place) => !refused.has(place))
  return {
    moves: orderChanges(left, facts, unparkable).moves,
    refused: new Map([...refused].map(([place, reason]) => [changes[place]?.id ?? -1, reason]))
  }
}

/** The statements in order, with the parked values filled in. */
export function stepsOf(moves: readonly Move[], parked: ParkedLiteral, facts: FactsOf): readonly Step[] {
  const now = new Map<number, RowImage>()
  return moves.map((move) => {
    const { kind, change, needs } = move
    const before = now.get(change.id) ?? change.before
    if (kind === 'write') {
      const children = [...childrenQueries(change, facts), ...(change.guards ?? [])]
      return { kind, change, before, after: change.after, needs, children }
    }
    const after = { ...before, [imageName(change, move.column)]: parked(change, move.column) }
    now.set(change.id, after)
    // A row that is parked keeps what others know it by.
    return { kind, change, before, after, needs, children: [] }
  })
}

/** What an image calls a column of its master. */
export function imageName(change: RowChange, column: string): string {
  return imageNames(change.table).get(column.toLowerCase()) ?? column
}

function refusedIn(graph: Graph): Map<number, string> {
  const refused = new Map<number, string>()
  for (const group of deadlocks(graph)) {
    const rows = rowNames(group.flatMap((place) => graph.changes[place] ?? []))
    for (const place of group) refused.set(place, `these rows each have to be written before the others: ${rows}`)
  }
  spreadRefusals(graph.changes, refused, graph.requires)
  return refused
}

function moveOf(graph: Graph, stop: Stop): readonly Move[] {
  const change = graph.changes[stop.place]
  if (change === undefined) return []
  if (stop.kind === 'park') return [{ kind: 'park', change, needs: [], column: stop.column }]
  const places = [...new Set(graph.requires[stop.place])]
  const needs = places.flatMap((place) => graph.changes[place]?.id ?? [])
  return [{ kind: 'write', change, needs }]
}
