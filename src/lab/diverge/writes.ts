import type { RowRef } from '../tables.js'
import type { How } from '../truth.js'

/** A transaction that some masters never receive. Masters are counted from 0, around the ring. */
export interface LostWrite {
  readonly how: How
  readonly origin: number
  /** The first master that lacks it; so do those after it, up to the origin. */
  readonly lostAt: number
  readonly statements: readonly string[]
  /** Every row that it leaves different. */
  readonly rows: readonly RowRef[]
}

/** Two transactions, each made on its own master before it heard of the other. */
export interface Meeting {
  readonly how: How
  readonly sides: readonly [MeetingSide, MeetingSide]
  readonly rows: readonly RowRef[]
}

/** One of the two. */
export interface MeetingSide {
  readonly master: number
  readonly statements: readonly string[]
}

/** Two different masters of a ring of `size`, each pair in turn: neighbours first, then those farther apart. */
export function pairOf(turn: number, size: number): readonly [first: number, second: number] {
  const first = turn % size
  const distance = 1 + (Math.floor(turn / size) % (size - 1))
  return [first, (first + distance) % size]
}
