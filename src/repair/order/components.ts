/** What the search knows of a node that it has come across. */
interface Visit {
  readonly node: number
  next: number
}

/**
 * The strongly connected parts of a graph: nodes that each need the others, directly or not. Each part comes after those
 * that it needs (Tarjan 1972, without recursion: chains may be as long as there are rows).
 *
 * @param needs by node, the nodes that it needs.
 */
export function strongComponents(needs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const search = new Search(needs)
  for (const node of needs.keys()) search.from(node)
  return search.found
}

class Search {
  readonly found: number[][] = []
  readonly #needs: readonly (readonly number[])[]
  readonly #index: Int32Array
  readonly #low: Int32Array
  readonly #open = new Set<number>()
  readonly #stack: number[] = []
  #count = 0

  constructor(needs: readonly (readonly number[])[]) {
    this.#needs = needs
    this.#index = new Int32Array(needs.length).fill(-1)
    this.#low = new Int32Array(needs.length)
  }

  from(start: number): void {
    if (this.#index[start] !== -1) return
    const visits: Visit[] = [this.#enter(start)]
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const need = this.#needs[visit.node]?.[visit.next++]
      if (need === undefined) {
        visits.pop()
        this.#leave(visit.node, visits.at(-1)?.node)
      } else if (this.#index[need] === -1) visits.push(this.#enter(need))
      else if (this.#open.has(need)) this.#lower(visit.node, this.#index[need])
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
    this.found.push(members)
  }
}
