import type { ColumnFacts } from '../../masters/table-facts.js'
import type { SqlValue } from '../../model/value.js'

const INTEGER_BITS: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n
}
const SECOND_MS = 1000
const DAY_MS = 86_400_000
/** The last moment of a TIMESTAMP of 32 bits, which older servers have. */
const LAST_TIMESTAMP = Date.UTC(2038, 0, 19, 3, 14, 7)
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59)
/** `838:59:59`. */
const LAST_TIME = 838 * 3600 + 59 * 60 + 59
const LAST_YEAR = 2155
const YEARS = 255
/** Up to here FLOAT and DOUBLE know every integer. */
const LAST_EXACT: Readonly<Record<string, number>> = { float: 2 ** 24, double: 2 ** 53 }
/** A text that says where it comes from, should one ever be seen. */
const MARK = 'mmaudit-parked-'
/** Digits and letters of one case, which no collation takes for each other. */
const RADIX = 36
/** Longer values than this are not needed to be far from others. */
const LONGEST = 64

/**
 * Value number `n` (from 0) of those that rows are least likely to have: from the far end of the type's range on. `null`
 * when there are no more.
 */
export function farValue(column: ColumnFacts, n: number): SqlValue {
  const { dataType } = column
  if (dataType in INTEGER_BITS) return integer(column, n)
  switch (dataType) {
    case 'decimal':
      return decimal(column, n)
    case 'float':
    case 'double':
      return String((LAST_EXACT[dataType] ?? 0) - n)
    case 'year':
      return n < YEARS ? String(LAST_YEAR - n) : null
    case 'date':
      return new Date(LAST_MOMENT - n * DAY_MS).toISOString().slice(0, 10)
    case 'datetime':
      return moment(LAST_MOMENT - n * SECOND_MS)
    case 'timestamp':
      return moment(LAST_TIMESTAMP - n * SECOND_MS)
    case 'time':
      return n <= LAST_TIME ? time(LAST_TIME - n) : null
    default:
      return /binary|blob/.test(dataType) ? bytes(column, n) : text(column, n)
  }
}

function integer({ dataType, columnType }: ColumnFacts, n: number): string | null {
  const isUnsigned = columnType.includes('unsigned')
  const bits = INTEGER_BITS[dataType] ?? 8n
  const last = (1n << (isUnsigned ? bits : bits - 1n)) - 1n
  const value = last - BigInt(n)
  return value >= (isUnsigned ? 0n : -last - 1n) ? String(value) : null
}

function decimal({ columnType }: ColumnFacts, n: number): string | null {
  const [, precision = '10', scale = '0'] = /\((\d+)(?:,\s*(\d+))?/.exec(columnType) ?? []
  const units = 10n ** BigInt(precision) - 1n - BigInt(n)
  if (units < 0n) return null
  const digits = String(units).padStart(Number(scale) + 1, '0')
  return scale === '0' ? digits : `${digits.slice(0, -Number(scale))}.${digits.slice(-Number(scale))}`
}

function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function time(seconds: number): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function text({ length }: ColumnFacts, n: number): string | null {
  const marked = `${MARK}${n}`
  const room = Math.min(length ?? LONGEST, LONGEST)
  if (marked.length <= room) return marked
  const count = BigInt(RADIX) ** BigInt(room)
  return BigInt(n) < count ? (count - 1n - BigInt(n)).toString(RADIX).padStart(room, '0') : null
}

/** BINARY has a fixed length; shorter values would read back with zeros behind them. */
function bytes({ dataType, length }: ColumnFacts, n: number): SqlValue {
  const marked = Buffer.from(`${MARK}${n}`)
  const room = dataType === 'binary' ? (length ?? 1) : Math.min(length ?? LONGEST, LONGEST)
  if (dataType !== 'binary' && marked.length <= room) return { hex: marked.toString('hex') }
  const value = 256n ** BigInt(room) - 1n - BigInt(n)
  return value >= 0n ? { hex: value.toString(16).padStart(2 * room, '0') } : null
}
