import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'
import type { RowShape } from './row-shape.js'

/** Numbers kept of each row: its block, where it starts and ends there, and where its key does. */
const FIELDS = 5
const FIRST_ROWS = 1024

/**
 * Row packets of one result, in the form in which equal values are equal bytes. Rows are named by their number, from 0 in the
 * order in which they arrived; nothing is made for each of them but five numbers.
 */
export class RowStore implements RowSink {
  readonly shape: RowShape
  readonly #blocks: Buffer[] = []
  #fields = new Uint32Array(FIRST_ROWS * FIELDS)
  #length = 0

  constructor(shape: RowShape) {
    this.shape = shape
  }

  get length(): number {
    return this.#length
  }

  /** Blocks are copied rather than rows: there are far fewer of them. */
  block(buffer: Buffer, start: number, end: number): void {
    const copy = this.shape.hasJson ? buffer.subarray(start, end) : this.#keep(Buffer.from(buffer.subarray(start, end)))
    for (let at = 0; at < copy.length; ) {
      const row = at + HEADER_BYTES
      at = row + lengthAt(copy, at)
      this.#take(copy, row, at)
    }
  }

  large(row: Buffer): void {
    this.#take(this.shape.hasJson ? row : this.#keep(row), 0, row.length)
  }

  /** The whole row packet. */
  row(at: number): Buffer {
    return this.#bytes(at, START, END)
  }

  /** The bytes that name the row among those of its master; see `keyBytes`. */
  key(at: number): Buffer {
    return this.#bytes(at, KEY_START, KEY_END)
  }

  /** How many rows, from these on, are the same in both. */
  countAlike(at: number, other: RowStore, otherAt: number): number {
    const most = Math.min(this.#length - at, other.#length - otherAt)
    let count = 0
    while (count < most && this.#isSame(at + count, other, otherAt + count, START, END)) count++
    return count
  }

  hasSameKey(at: number, other: RowStore, otherAt: number): boolean {
    return this.#isSame(at, other, otherAt, KEY_START, KEY_END)
  }

  #take(buffer: Buffer, start: number, end: number): void {
    if (!this.shape.hasJson) {
      this.#add(buffer, start, end)
      return
    }
    const normal = this.#keep(Buffer.from(this.shape.normal(buffer.subarray(start, end))))
    this.#add(normal, 0, normal.length)
  }

  #keep(block: Buffer): Buffer {
    this.#blocks.push(block)
    return block
  }

  /** @param block the latest that was kept. */
  #add(block: Buffer, start: number, end: number): void {
    const field = this.#length * FIELDS
    if (field === this.#fields.length) {
      const wider = new Uint32Array(this.#fields.length * 2)
      wider.set(this.#fields)
      this.#fields = wider
    }
    const { from, to } = this.shape.keyAt(block, start)
    this.#fields[field] = this.#blocks.length - 1
    this.#fields[field + START] = start
    this.#fields[field + END] = end
    this.#fields[field + KEY_START] = from
    this.#fields[field + KEY_END] = to
    this.#length++
  }

  #bytes(at: number, from: number, to: number): Buffer {
    return this.#block(at).subarray(this.#field(at, from), this.#field(at, to))
  }

  #isSame(at: number, other: RowStore, otherAt: number, from: number, to: number): boolean {
    const start = this.#field(at, from)
    const otherStart = other.#field(otherAt, from)
    const length = this.#field(at, to) - start
    if (other.#field(otherAt, to) - otherStart !== length) return false
    const block = this.#block(at)
    const otherBlock = other.#block(otherAt)
    // Most rows are short: calling the runtime for each takes longer than looking.
    for (let offset = 0; offset < length; offset++) {
      if (block[start + offset] !== otherBlock[otherStart + offset]) return false
    }
    return true
  }

  #field(at: number, which: number): number {
    return this.#fields[at * FIELDS + which] ?? 0
  }

  #block(at: number): Buffer {
    const block = this.#blocks[this.#field(at, 0)]
    if (block === undefined || at >= this.#length) throw new Error(`there is no row ${at}`)
    return block
  }
}

const [START, END, KEY_START, KEY_END] = [1, 2, 3, 4]
