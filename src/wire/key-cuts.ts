import { fixedLength, valuesOffset } from './protocol.js'
import { keyEnd } from './row.js'

/** 2^32 divided by the golden ratio: multiples of it spread evenly, also those of every second or third number. */
const SPREAD = 0x9e3779b1
const WORD_BYTES = 4
/** Keys longer than twice this are known by both ends: hashing all of a long text for each row costs more than the row. */
const KEY_END_BYTES = 32

/**
 * Tells at which rows a result is divided, by the bytes of the row's key alone: masters that have the same key divide
 * there alike, whatever other rows they lack. Known as content-defined chunking (Muthitacharoen, Chen, Mazières, "A
 * low-bandwidth network file system", 2001).
 */
export class KeyCuts {
  /** Bytes of each value of the key; 0 where its length stands before it. */
  readonly #lengths: readonly number[]
  readonly #from: number
  /** Hashes below it are cuts. */
  readonly #limit: number
  /** Bytes of a key that is one number; 0 for any other. */
  readonly #fixed: number

  /** @param apart rows from one cut to the next, on average: about one key in so many is a cut. */
  constructor(types: readonly number[], keyColumns: number, apart: number) {
    this.#lengths = types.slice(0, keyColumns).map(fixedLength)
    this.#from = valuesOffset(types.length)
    this.#limit = 2 ** 32 / apart
    this.#fixed = keyColumns === 1 ? (this.#lengths[0] ?? 0) : 0
  }

  /** Whether a section begins with the row packet that starts at `start`. */
  isCut(buffer: Buffer, start: number): boolean {
    return Math.imul(this.#mix(buffer, start), SPREAD) >>> 0 < this.#limit
  }

  #mix(buffer: Buffer, start: number): number {
    const from = start + this.#from
    if (this.#fixed === 4) return word(buffer, from)
    if (this.#fixed === 8) return word(buffer, from) ^ word(buffer, from + 4)
    return mixed(buffer, from, keyEnd(buffer, from, this.#lengths))
  }
}

function word(buffer: Buffer, at: number): number {
  return (
    (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8) | ((buffer[at + 2] ?? 0) << 16) | ((buffer[at + 3] ?? 0) << 24)
  )
}

/** All bytes of a short key, both ends of a long one. */
function mixed(buffer: Buffer, from: number, to: number): number {
  if (to - from <= 2 * KEY_END_BYTES) return mixedWith(0, buffer, from, to)
  return mixedWith(mixedWith(0, buffer, from, from + KEY_END_BYTES), buffer, to - KEY_END_BYTES, to)
}

/** By words as far as there are whole ones: half of the time of single bytes. */
function mixedWith(before: number, buffer: Buffer, from: number, to: number): number {
  let hash = before
  let at = from
  for (; at + WORD_BYTES <= to; at += WORD_BYTES) hash = stirred(hash, word(buffer, at))
  for (; at < to; at++) hash = stirred(hash, buffer[at] ?? 0)
  return hash
}

function stirred(hash: number, next: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ next, SPREAD)
}
