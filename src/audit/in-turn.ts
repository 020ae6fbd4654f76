import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'

/** Who takes so many rows of a result. */
export interface Turn {
  readonly sink: RowSink
  readonly rows: number
}

/** Passes the rows of a result on to several sinks: to each in turn as many as it takes, and the others to the last. */
export class InTurn implements RowSink {
  /** Rows that were passed on. */
  rows = 0
  readonly #turns: readonly Turn[]
  readonly #last: RowSink
  /** Whose turn it is, and how many more it takes. */
  #turn = 0
  #left: number

  constructor(turns: readonly Turn[], last: RowSink) {
    this.#turns = turns
    this.#last = last
    this.#left = turns[0]?.rows ?? Number.POSITIVE_INFINITY
  }

  block(buffer: Buffer, start: number, end: number, rows: number): void {
    let from = start
    let rest = rows
    while (rest > 0) {
      const sink = this.#next()
      const taken = Math.min(rest, this.#left)
      let to = end
      if (taken < rest) {
        to = from
        for (let row = 0; row < taken; row++) to += HEADER_BYTES + lengthAt(buffer, to)
      }
      this.#count(taken)
      sink.block(buffer, from, to, taken)
      from = to
      rest -= taken
    }
  }

  large(row: Buffer): void {
    const sink = this.#next()
    this.#count(1)
    sink.large(row)
  }

  #next(): RowSink {
    while (this.#left === 0) this.#left = this.#turns[++this.#turn]?.rows ?? Number.POSITIVE_INFINITY
    return this.#turns[this.#turn]?.sink ?? this.#last
  }

  #count(rows: number): void {
    this.rows += rows
    this.#left -= rows
  }
}

/** Passes all rows on to two sinks. */
export function both(first: RowSink, second: RowSink): RowSink {
  return {
    block(buffer, start, end, rows) {
      first.block(buffer, start, end, rows)
      second.block(buffer, start, end, rows)
    },
    large(row) {
      first.large(row)
      second.large(row)
    }
  }
}
