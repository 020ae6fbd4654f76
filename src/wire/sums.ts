import type { Column } from '../model/table.js'
import { ColumnType, fixedLength, isNull, lengthPrefix, prefixedLength, valuesOffset } from './protocol.js'

const EXACT_NUMERIC = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'])

/** Whether the sum of a column is exact, and so part of the audit. */
export function isExactNumeric(column: Column): boolean {
  return EXACT_NUMERIC.has(column.dataType)
}

/**
 * A running sum stays in a double while that is exact and moves to a bigint before it is not: adding one value below
 * 2^50 to a sum below this limit stays under 2^53.
 */
const FLUSH_LIMIT = 2 ** 52
/** Digits that fit a double with room for one addition under {@link FLUSH_LIMIT}; longer decimals go through bigint. */
const FAST_DIGITS = 15

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** A column on the way to the last one that is added up. */
interface Step {
  readonly type: number
  /** Bytes of a value, 0 when its length stands before it. */
  readonly fixed: number
  /** Which sum it belongs to, or -1. */
  readonly slot: number
  readonly unsigned: boolean
}

/** Adds up the exact numeric columns of row packets without making values of them. */
export class Sums {
  readonly #steps: readonly Step[]
  readonly #first: number
  /** The part of each sum that still fits a double, and for BIGINT its upper 32 bits apart. */
  readonly #low: Float64Array
  readonly #high: Float64Array
  readonly #total: bigint[]

  /** `types` and `unsigned` describe every selected column, `summed` the numbers of those to add up. */
  constructor(types: readonly number[], unsigned: readonly boolean[], summed: readonly number[]) {
    this.#steps = types.slice(0, Math.max(-1, ...summed) + 1).map((type, at) => ({
      type,
      fixed: fixedLength(type),
      slot: summed.indexOf(at),
      unsigned: unsigned[at] ?? false
    }))
    this.#first = valuesOffset(types.length)
    this.#low = new Float64Array(summed.length)
    this.#high = new Float64Array(summed.length)
    this.#total = summed.map(() => 0n)
  }

  /** Adds the row packet that starts at `start`. */
  add(buffer: Buffer, start: number): void {
    const steps = this.#steps
    let at = start + this.#first
    for (let column = 0; column < steps.length; column++) {
      const step = steps[column]
      if (step === undefined || isNull(buffer, start, column)) continue
      if (step.fixed !== 0) {
        if (step.slot >= 0) this.#addInteger(step, buffer, at)
        at += step.fixed
        continue
      }
      const from = at + lengthPrefix(buffer[at] ?? 0)
      const to = from + prefixedLength(buffer, at)
      if (step.slot >= 0) this.#addDecimal(step.slot, buffer, from, to)
      at = to
    }
  }

  /** The sums so far, scaled to integers, in the order of `summed`; what is added from now on begins others. */
  take(): readonly bigint[] {
    const taken = this.#total.map((_, slot) => {
      this.#flush(slot)
      return this.#total[slot] ?? 0n
    })
    this.#total.fill(0n)
    return taken
  }

  #addInteger({ slot, type, unsigned }: Step, buffer: Buffer, at: number): void {
    if (type === ColumnType.longlong) {
      const high = int32(buffer, at + 4)
      this.#addHigh(slot, unsigned ? high >>> 0 : high)
      this.#addSmall(slot, int32(buffer, at) >>> 0)
    } else this.#addSmall(slot, smallInteger(type, unsigned, buffer, at))
  }

  /** A DECIMAL arrives as text with exactly as many fraction digits as its column has; dropping the point scales it. */
  #addDecimal(slot: number, buffer: Buffer, from: number, to: number): void {
    if (to - from > FAST_DIGITS) {
      this.#total[slot] = (this.#total[slot] ?? 0n) + BigInt(buffer.toString('latin1', from, to).replace('.', ''))
      return
    }
    const negative = buffer[from] === MINUS
    let value = 0
    for (let at = negative ? from + 1 : from; at < to; at++) {
      const byte = buffer[at] ?? 0
      if (byte !== POINT) value = value * 10 + byte - ZERO
    }
    this.#addSmall(slot, negative ? -value : value)
  }

  #addSmall(slot: number, value: number): void {
    const sum = (this.#low[slot] ?? 0) + value
    this.#low[slot] = sum
    if (sum > FLUSH_LIMIT || sum < -FLUSH_LIMIT) this.#flush(slot)
  }

  #addHigh(slot: number, value: number): void {
    const sum = (this.#high[slot] ?? 0) + value
    this.#high[slot] = sum
    if (sum > FLUSH_LIMIT || sum < -FLUSH_LIMIT) this.#flush(slot)
  }

  #flush(slot: number): void {
    const low = BigInt(this.#low[slot] ?? 0)
    const high = BigInt(this.#high[slot] ?? 0)
    this.#total[slot] = (this.#total[slot] ?? 0n) + low + (high << 32n)
    this.#low[slot] = 0
    this.#high[slot] = 0
  }
}

function smallInteger(type: number, unsigned: boolean, buffer: Buffer, at: number): number {
  switch (type) {
    case ColumnType.tiny:
      return unsigned ? buffer.readUInt8(at) : buffer.readInt8(at)
    case ColumnType.short:
      return unsigned ? buffer.readUInt16LE(at) : buffer.readInt16LE(at)
    default:
      return unsigned ? int32(buffer, at) >>> 0 : int32(buffer, at)
  }
}

/** The checks of Buffer's own readers take longer than the additions. */
function int32(buffer: Buffer, at: number): number {
  return (
    (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8) | ((buffer[at + 2] ?? 0) << 16) | ((buffer[at + 3] ?? 0) << 24)
  )
}

/** A scaled sum as decimal text: `1230n` with scale 2 is `12.30`. */
export function sumText(sum: bigint, scale: number): string {
  if (scale === 0) return String(sum)
  const digits = String(sum < 0n ? -sum : sum).padStart(scale + 1, '0')
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
