import type { Column } from '../../model/table.js'
import type { SqlValue } from '../../model/value.js'
import { hasOwnCollation } from '../../sql/judge.js'
import type { Judge, Order } from './server-judge.js'

/** How the values of a column are put in order: here by their value, or by a server. */
type Ordering = ((left: string, right: string) => Order) | 'server'

const EXACT = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'])
const APPROXIMATE = new Set(['float', 'double'])
const MOMENTS = new Set(['date', 'datetime', 'timestamp'])
const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'])
const BYTES = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])

/** Microseconds: what a fraction of a second can have at most. */
const FRACTION_DIGITS = 6

/** Whether a column holds moments or times of day, which only compare where clocks agree. */
export function isTemporal(column: Column): boolean {
  return MOMENTS.has(column.dataType) || column.dataType === 'time'
}

/**
 * Orders two values of a column as servers do; `null` when its type has no order that all servers share (an ENUM goes by
 * member number here and by text there, JSON and geometry by rules of each vendor).
 */
export async function compareValues(
  column: Column,
  left: Exclude<SqlValue, null>,
  right: Exclude<SqlValue, null>,
  judge: Judge
): Promise<Order | null> {
  const ordering = orderingOf(column)
  if (ordering === null) return null
  if (ordering === 'server') return judge.compare(column, left, right)
  return typeof left === 'string' && typeof right === 'string' ? ordering(left, right) : null
}

function orderingOf(column: Column): Ordering | null {
  const { dataType } = column
  if (EXACT.has(dataType)) return byExactNumber
  if (APPROXIMATE.has(dataType)) return (left, right) => order(Number(left), Number(right))
  if (MOMENTS.has(dataType)) return (left, right) => order(fullFraction(left), fullFraction(right))
  if (dataType === 'time') return (left, right) => order(microseconds(left), microseconds(right))
  if (BYTES.has(dataType) || (TEXTS.has(dataType) && hasOwnCollation(column))) return 'server'
  return null
}

/** Through whole numbers of the smaller unit, so that no digit is lost. */
function byExactNumber(left: string, right: string): Order {
  const scale = Math.max(decimals(left), decimals(right))
  return order(scaled(left, scale), scaled(right, scale))
}

function decimals(number: string): number {
  return number.split('.')[1]?.length ?? 0
}

function scaled(number: string, scale: number): bigint {
  const [whole = '', fraction = ''] = number.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}

/** Years have four digits and all other parts two, so that moments of equal length are in order as texts. */
function fullFraction(moment: string): string {
  const [seconds = '', fraction = ''] = moment.split('.')
  return `${seconds.padEnd('0000-00-00 00:00:00'.length, ' 00:00:00')}.${fraction.padEnd(FRACTION_DIGITS, '0')}`
}

/** A TIME may be negative, and longer than a day. */
function microseconds(time: string): bigint {
  const [, sign = '', hours = '0', minutes = '0', seconds = '0', fraction = ''] =
    /^(-?)(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(time) ?? []
  const whole = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)
  const size = whole * 1_000_000n + BigInt(fraction.padEnd(FRACTION_DIGITS, '0'))
  return sign === '-' ? -size : size
}

function order<Value extends number | bigint | string>(left: Value, right: Value): Order {
  return left < right ? -1 : left > right ? 1 : 0
}
