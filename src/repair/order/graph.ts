import type { FactsOf } from '../../masters/table-facts.js'
import type { RowChange } from '../../model/repair.js'
import { type Relation, type Transition, transitionsOf, type UniqueTransitions } from '../look/transitions.js'
import { Buckets } from './buckets.js'
import { parkableColumns, type Unparkable } from './parkable.js'

/** What has to come before a node. */
export interface Need {
  readonly node: number
  /**
   * Columns of the row in `node` of which any one, given a parked value, frees what is needed before the row itself is
   * written. Empty where nothing but the write will do.
   */
  readonly park: readonly string[]
}

/**
 * What has to come before what. Nodes are the changes, by their place, and after them joints: one stands for many changes
 * that all have to come before many others, so that the graph grows with the changes only.
 */
export interface Graph {
  readonly changes: readonly RowChange[]
  /** By node. */
  readonly needs: readonly (readonly Need[])[]
  /** By the place of a change: the places of those without which it cannot be made. */
  readonly requires: readonly (readonly number[])[]
}

/** Finds what has to come before what. */
export function graphOf(changes: readonly RowChange[], facts: FactsOf, unparkable: Unparkable): Graph {
  const builder = new Builder(changes)
  const { unique, relations } = transitionsOf(changes, facts)
  for (const each of unique) builder.addUnique(each, unparkable)
  for (const relation of relations) {
    builder.addParentsFirst(relation)
    builder.addChildrenFirst(relation)
  }
  return builder
}

class Builder implements Graph {
  readonly changes: readonly RowChange[]
  readonly needs: Need[][]
  readonly requires: number[][]

  constructor(changes: readonly RowChange[]) {
    this.changes = changes
    this.needs = changes.map(() => [])
    this.requires = changes.map(() => [])
  }

  /** Who frees a value comes before who takes it. */
  addUnique({ facts, key, transitions }: UniqueTransitions, unparkable: Unparkable): void {
    const freeing = new Buckets(transitions, 'from')
    const parkable = parkableColumns(facts, key, unparkable)
    for (const taker of transitions) {
      if (taker.to === null) continue
      for (const freer of freeing.likely(taker.to)) {
        if (freer.place === taker.place) continue
        this.#need(taker.place, freer.place, parkable(freer.change.table))
        this.#require(taker, freer)
      }
    }
  }

  /** Parents come to be before rows point to them. */
  addParentsFirst({ children, parents }: Relation): void {
    const coming = new Buckets(parents, 'to')
    const pointing = new Buckets(children, 'to')
    this.#join(coming.groups(), pointing.groups(), 'later')
    for (const child of children) {
      if (child.to !== null) for (const parent of coming.likely(child.to)) this.#require(child, parent)
    }
  }

  /** Rows no longer point to parents before those go. */
  addChildrenFirst({ children, parents }: Relation): void {
    const leaving = new Buckets(children, 'from')
    const going = new Buckets(parents, 'from')
    this.#join(leaving.groups(), going.groups(), 'earlier')
    for (const parent of parents) {
      if (parent.from !== null) for (const child of leaving.likely(parent.from)) this.#require(parent, child)
    }
  }

  /** A row that stands on both sides, pointing to itself, is left out on the side of its children. */
  #join(
    earlier: ReadonlyMap<string, readonly Transition[]>,
    later: ReadonlyMap<string, readonly Transition[]>,
    childSide: 'earlier' | 'later'
  ): void {
    for (const [value, first] of earlier) {
      const then = later.get(value)
      if (then === undefined) continue
      const parents = new Set((childSide === 'earlier' ? then : first).map(({ place }) => place))
      const others = (side: readonly Transition[], isChildren: boolean) =>
        isChildren ? side.filter(({ place }) => !parents.has(place)) : side
      const joint = this.needs.push([]) - 1
      for (const each of others(first, childSide === 'earlier')) this.#need(joint, each.place, [])
      for (const each of others(then, childSide === 'later')) this.#need(each.place, joint, [])
    }
  }

  #need(later: number, earlier: number, park: readonly string[]): void {
    this.needs[later]?.push({ node: earlier, park })
  }

  #require(later: Transition, earlier: Transition): void {
    if (later.place !== earlier.place) this.requires[later.place]?.push(earlier.place)
  }
}
