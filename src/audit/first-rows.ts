import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'
import type { Key } from '../model/range.js'
import type { RowShape } from './row-shape.js'

/** Passes the first rows of a result on, and of the one behind them takes the key only. */
export class FirstRows implements RowSink {
  /** The key of the first row that was not passed on; `null` while there was none. */
  next: Key | null = null
  readonly #sink: RowSink
  readonly #shape: RowShape
  /** Rows that may still be passed on. */
  #left: number

  /** @param rows how many are passed on. */
  constructor(sink: RowSink, shape: RowShape, rows: number) {
    this.#sink = sink
    this.#shape = shape
    this.#left = rows
  }

  /** Rows that are still to be read. */
  get wanted(): number {
    return this.next === null ? this.#left + 1 : 0
  }

  block(buffer: Buffer, start: number, end: number, rows: number): void {
    if (rows <= this.#left) {
      this.#pass(buffer, start, end, rows)
      return
    }
    let at = start
    for (let row = 0; row < this.#left; row++) at += HEADER_BYTES + lengthAt(buffer, at)
    if (at > start) this.#pass(buffer, start, at, this.#left)
    this.#take(buffer, at + HEADER_BYTES)
  }

  large(row: Buffer): void {
    if (this.#left === 0) this.#take(row, 0)
    else {
      this.#left--
      this.#sink.large(row)
    }
  }

  #pass(buffer: Buffer, start: number, end: number, rows: number): void {
    this.#left -= rows
    this.#sink.block(buffer, start, end, rows)
  }

  #take(row: Buffer, start: number): void {
    this.next ??= this.#shape.key(this.#shape.keyBytes(row, start))
  }
}
