import type { Graph } from './graph.js'

/** What the search knows of a node that it has come across. */
interface Visit {
  readonly node: number
  next: number
}

/**
 * Groups of changes that each have to wait for the others, in ways that no parked value can solve: the strongly connected
 * parts of the graph (Tarjan 1972, without recursion: chains may be as long as there are changes).
 */
export function deadlocks(graph: Graph): readonly (readonly number[])[] {
  const search = new Search(graph)
  for (const node of graph.changes.keys()) search.from(node)
  return search.found
}

class Search {
  readonly found: number[][] = []
  readonly #graph: Graph
  readonly #index: Int32Array
  readonly #low: Int32Array
  readonly #open = new Set<number>()
  readonly #stack: number[] = []
  #count = 0

  constructor(graph: Graph) {
    this.#graph = graph
    this.#index = new Int32Array(graph.needs.length).fill(-1)
    this.#low = new Int32Array(graph.needs.length)
  }

  from(start: number): void {
    if (this.#index[start] !== -1) return
    const visits: Visit[] = [this.#enter(start)]
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const need = this.#graph.needs[visit.node]?.[visit.next++]
      if (need === undefined) {
        visits.pop()
        this.#leave(visit.node, visits.at(-1)?.node)
      } else if (need.park.length === 0) {
        if (this.#index[need.node] === -1) visits.push(this.#enter(need.node))
        else if (this.#open.has(need.node)) this.#lower(visit.node, this.#index[need.node])
      }
    }
  }

  #enter(node: number): Visit {
    this.#index[node] = this.#count
    this.#low[node] = this.#count++
    this.#stack.push(node)
    this.#open.add(node)
    return { node, next: 0 }
  }

  #leave(node: number, parent: number | undefined): void {
    if (this.#low[node] === this.#index[node]) this.#close(node)
    if (parent !== undefined) this.#lower(parent, this.#low[node])
  }

  #lower(node: number, low = Number.MAX_SAFE_INTEGER): void {
    this.#low[node] = Math.min(this.#low[node] ?? low, low)
  }

  #close(node: number): void {
    const members = this.#stack.splice(this.#stack.lastIndexOf(node))
    for (const each of members) this.#open.delete(each)
    if (members.length === 1) return
    this.found.push(members.filter((each) => each < this.#graph.changes.length).sort((left, right) => left - right))
  }
}
