import type { Graph, Need } from './graph.js'

/** A change to be written, or a row to be parked first; by the place of the change. */
export type Stop =
  | { readonly kind: 'write'; readonly place: number }
  | { readonly kind: 'park'; readonly place: number; readonly column: string }

interface Visit {
  readonly node: number
  next: number
}

/**
 * The changes in an order in which everything comes after what it needs, and otherwise as given: each is preceded by those
 * that it still needs. Where rows wait for each other's values in a circle, one of them is parked. The graph has no circle
 * that parking could not open.
 */
export function walk(graph: Graph): readonly Stop[] {
  const walker = new Walker(graph)
  for (const node of graph.changes.keys()) walker.from(node)
  return walker.stops
}

class Walker {
  readonly stops: Stop[] = []
  readonly #graph: Graph
  readonly #state: ('open' | 'done' | undefined)[] = []
  readonly #parked = new Map<number, Set<string>>()
  readonly #visits: Visit[] = []

  constructor(graph: Graph) {
    this.#graph = graph
  }

  from(start: number): void {
    if (this.#state[start] !== undefined) return
    this.#enter(start)
    for (let visit = this.#visits.at(-1); visit !== undefined; visit = this.#visits.at(-1)) {
      const need = this.#graph.needs[visit.node]?.[visit.next++]
      if (need === undefined) this.#leave(visit.node)
      else if (!this.#isMet(need)) this.#meet(need)
    }
  }

  #isMet({ node, park }: Need): boolean {
    const parked = this.#parked.get(node)
    return this.#state[node] === 'done' || (parked !== undefined && park.some((column) => parked.has(column)))
  }

  #meet(need: Need): void {
    if (this.#state[need.node] === undefined) this.#enter(need.node)
    else if (need.park.length > 0) this.#park(need)
    else this.#openCircle(need.node)
  }

  #enter(node: number): void {
    this.#state[node] = 'open'
    this.#visits.push({ node, next: 0 })
  }

  #leave(node: number): void {
    this.#visits.pop()
    this.#state[node] = 'done'
    if (node < this.#graph.changes.length) this.stops.push({ kind: 'write', place: node })
  }

  #park({ node, park }: Need): void {
    const [column] = park
    if (column === undefined) throw new Error('a row is to be parked in no column')
    this.#parked.set(node, (this.#parked.get(node) ?? new Set()).add(column))
    this.stops.push({ kind: 'park', place: node, column })
  }

  /**
   * The last need cannot be met by parking, but some need on the way from `node` to here can be. The visits from there on
   * are given up, to be made again when the row that was waited for is parked.
   */
  #openCircle(node: number): void {
    for (;;) {
      const given = this.#visits.pop()
      if (given === undefined || given.node === node) throw new Error('a circle that no parked value opens')
      this.#state[given.node] = undefined
      const waiting = this.#visits.at(-1)
      const need = waiting && this.#graph.needs[waiting.node]?.[waiting.next - 1]
      if (need !== undefined && need.park.length > 0) {
        this.#park(need)
        return
      }
    }
  }
}
