import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'
import type { RowShape } from './row-shape.js'

/** Numbers kept of each row: where it starts and ends in the memory, and where its key does. */
const FIELDS = 4
const [START, END, KEY_START, KEY_END] = [0, 1, 2, 3]
const FIRST_ROWS = 1024
const FIRST_BYTES = 64 * 1024
const WORD_BYTES = 4

/**
 * Row packets of one result, in the form in which equal values are equal bytes. Rows are named by their number, from 0 in the
 * order in which they arrived; nothing is made for each of them but four numbers.
 */
export class RowStore implements RowSink {
  readonly shape: RowShape
  #room: Room
  #used = 0
  #length = 0

  /** @param room to be used again; others must not use it meanwhile. */
  constructor(shape: RowShape, room: Room = new Room(FIRST_BYTES, FIRST_ROWS)) {
    this.shape = shape
    this.#room = room
  }

  get length(): number {
    return this.#length
  }

  /** Blocks are copied rather than rows: there are far fewer of them. */
  block(buffer: Buffer, start: number, end: number): void {
    if (this.shape.hasJson) {
      for (let at = start; at < end; ) {
        const row = at + HEADER_BYTES
        at = row + lengthAt(buffer, at)
        this.large(buffer.subarray(row, at))
      }
      return
    }
    let at = this.#keep(buffer, start, end)
    const { bytes } = this.#room
    while (at < this.#used) {
      const row = at + HEADER_BYTES
      at = row + lengthAt(bytes, at)
      this.#name(row, at)
    }
  }

  large(row: Buffer): void {
    const normal = this.shape.normal(row)
    this.#name(this.#keep(normal, 0, normal.length), this.#used)
  }

  /** The whole row packet. */
  row(at: number): Buffer {
    return this.#room.bytes.subarray(this.#field(at, START), this.#field(at, END))
  }

  /** The bytes that name the row among those of its master; see `keyBytes`. */
  key(at: number): Buffer {
    return this.#room.bytes.subarray(this.#field(at, KEY_START), this.#field(at, KEY_END))
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

  /** A store of its own with just these rows, in this order. */
  pick(rows: readonly number[]): RowStore {
    const bytes = rows.reduce((sum, at) => sum + this.#field(at, END) - this.#field(at, START), 0)
    const picked = new RowStore(this.shape, new Room(bytes, rows.length))
    for (const at of rows) {
      const start = this.#field(at, START)
      const from = picked.#keep(this.#room.bytes, start, this.#field(at, END))
      picked.#name(from, picked.#used)
    }
    return picked
  }

  /** Lets go of all rows; returns the room that they took, for others. */
  empty(): Room {
    const room = this.#room
    this.#room = NO_ROOM
    this.#used = 0
    this.#length = 0
    return room
  }

  /** Copies bytes behind those that are kept; returns where they begin. */
  #keep(buffer: Buffer, start: number, end: number): number {
    const from = this.#used
    this.#used += end - start
    if (this.#used > this.#room.bytes.length) this.#room.growBytes(this.#used, from)
    buffer.copy(this.#room.bytes, from, start, end)
    return from
  }

  /** The next row lies there. */
  #name(start: number, end: number): void {
    const { bytes } = this.#room
    const at = this.#length * FIELDS
    if (at === this.#room.fields.length) this.#room.growFields(at)
    const { fields } = this.#room
    const { from, to } = this.shape.keyAt(bytes, start)
    fields[at + START] = start
    fields[at + END] = end
    fields[at + KEY_START] = from
    fields[at + KEY_END] = to
    this.#length++
  }

  #isSame(at: number, other: RowStore, otherAt: number, from: number, to: number): boolean {
    const start = this.#field(at, from)
    const otherStart = other.#field(otherAt, from)
    const length = this.#field(at, to) - start
    if (other.#field(otherAt, to) - otherStart !== length) return false
    return sameBytes(this.#room.words, start, other.#room.words, otherStart, length)
  }

  #field(at: number, which: number): number {
    if (at >= this.#length) throw new Error(`there is no row ${at}`)
    return this.#room.fields[at * FIELDS + which] ?? 0
  }
}

/** Memory for rows. It only grows, so whoever uses it again soon needs no more. */
class Room {
  bytes: Buffer
  /** The same memory, to read several bytes at once. */
  words: DataView
  fields: Uint32Array

  constructor(bytes: number, rows: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
    this.words = wordsOf(this.bytes)
    this.fields = new Uint32Array(rows * FIELDS)
  }

  /** @param used as many bytes stay as they are. */
  growBytes(least: number, used: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.bytes.length * 2))
    this.bytes.copy(larger, 0, 0, used)
    this.bytes = larger
    this.words = wordsOf(larger)
  }

  growFields(used: number): void {
    const wider = new Uint32Array(Math.max(FIRST_ROWS * FIELDS, used * 2))
    wider.set(this.fields)
    this.fields = wider
  }
}

const NO_ROOM = new Room(0, 0)

function wordsOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** Most rows are short: calling the runtime for each takes longer than looking. */
function sameBytes(bytes: DataView, start: number, others: DataView, otherStart: number, length: number): boolean {
  let offset = 0
  for (; offset + WORD_BYTES <= length; offset += WORD_BYTES) {
    if (bytes.getInt32(start + offset) !== others.getInt32(otherStart + offset)) return false
  }
  for (; offset < length; offset++) {
    if (bytes.getUint8(start + offset) !== others.getUint8(otherStart + offset)) return false
  }
  return true
}

/** Rooms that wait to be used again. */
const spare: Room[] = []
/** Of two masters and two lanes, with one room each to come. */
const MOST_SPARE = 8
/** Larger ones are left to the garbage collector. */
const MOST_SPARE_BYTES = 4 * 1024 * 1024

/** An empty store, in memory that was used before where there is any. */
export function storeFor(shape: RowShape): RowStore {
  const room = spare.pop()
  return room === undefined ? new RowStore(shape) : new RowStore(shape, room)
}

/** Nobody needs the rows of these stores any more: their memory is used for others. What asks for a row all the same fails. */
export function giveBack(stores: readonly RowStore[]): void {
  for (const store of stores) {
    const room = store.empty()
    if (spare.length < MOST_SPARE && room.bytes.length <= MOST_SPARE_BYTES && room !== NO_ROOM) spare.push(room)
  }
}
