import type { Key, KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { identifier } from './identifier.js'
import { enumMembers, literal } from './literal.js'

/** Writes a value of a column into a statement. */
export type WriteValue = (column: Column, value: SqlValue) => string

/**
 * The condition that a row's key lies in `range`, or `null` when the range is open at both ends.
 *
 * Written as nested comparisons instead of row constructors: the optimizers of both vendors use the index for these, and
 * a redundant bound on the first column lets them start the range there.
 *
 * @param write how a value is written; as a literal unless given. Members of an ENUM always are.
 */
export function rangeCondition(
  keyColumns: readonly Column[],
  range: KeyRange,
  write: WriteValue = literal
): string | null {
  const conditions = [
    ...(range.lower === null ? [] : [bound(keyColumns, range.lower, ['>', '>='], write)]),
    ...(range.upper === null ? [] : [bound(keyColumns, range.upper, ['<', '<'], write)])
  ]
  return conditions.length === 0 ? null : conditions.join(' AND ')
}

/**
 * The condition that a key has the first `shared` values of `lower` and then lies beyond it, or is `lower` itself. Those for
 * fewer and fewer shared values, down to none, select the keys from `lower` on in key order. Servers check a condition for
 * every row that they send, and each of these is shorter than one for all would be.
 *
 * @param write how a value is written; members of an ENUM always as literals.
 */
export function conditionFrom(
  keyColumns: readonly Column[],
  lower: Key,
  shared: number,
  write: WriteValue = literal
): string {
  const same = keyColumns.slice(0, shared).map((column, at) => equality(column, part(lower, at), write))
  const next = keyColumns
    .slice(shared, shared + 1)
    .map((column) => comparison(column, shared === keyColumns.length - 1 ? '>=' : '>', part(lower, shared), write))
  return [...same, ...next].join(' AND ')
}

/** The condition that a row's key is one of `keys`. */
export function keysCondition(keyColumns: readonly Column[], keys: readonly Key[]): string {
  const [only] = keyColumns
  if (only !== undefined && keyColumns.length === 1) {
    return `${identifier(only.name)} IN (${keys.map((key) => literal(only, part(key, 0))).join(', ')})`
  }
  return keys.map((key) => keyCondition(keyColumns, key)).join(' OR ')
}

/** The condition that a row has exactly this key, as the server compares keys. */
export function keyCondition(keyColumns: readonly Column[], key: Key): string {
  const equalities = keyColumns.map((column, at) => equality(column, part(key, at), literal))
  return `(${equalities.join(' AND ')})`
}

/** The operators of all columns of a bound but the last, and of the last. */
type Operators = readonly ['>', '>='] | readonly ['<', '<']

function bound(keyColumns: readonly Column[], key: Key, operators: Operators, write: WriteValue): string {
  const [first] = keyColumns
  if (first === undefined) throw new Error('a key without columns')
  const [strict, last] = operators
  if (keyColumns.length === 1) return comparison(first, last, part(key, 0), write)
  const head = comparison(first, `${strict}=`, part(key, 0), write)
  return `${head} AND ${lexicographic(keyColumns, key, operators, write)}`
}

/** `(a > 1 OR (a = 1 AND b >= 2))`, and so on for more columns. */
function lexicographic(columns: readonly Column[], key: Key, operators: Operators, write: WriteValue): string {
  const [column, ...rest] = columns
  if (column === undefined) throw new Error('a key without columns')
  const [strict, last] = operators
  const value = part(key, 0)
  if (rest.length === 0) return comparison(column, last, value, write)
  const beyond = comparison(column, strict, value, write)
  return `(${beyond} OR (${equality(column, value, write)} AND ${lexicographic(rest, key.slice(1), operators, write)}))`
}

function equality(column: Column, value: SqlValue, write: WriteValue): string {
  return `${identifier(column.name)} = ${write(column, value)}`
}

/**
 * One comparison of a column with a value. Servers find single members of an ENUM in an index, but not all from one on, so
 * these are listed; 0 is the member of invalid values.
 */
function comparison(column: Column, operator: '>' | '<' | '>=' | '<=', value: SqlValue, write: WriteValue): string {
  if (column.dataType !== 'enum') return `${identifier(column.name)} ${operator} ${write(column, value)}`
  const numbers = Array.from({ length: enumMembers(column).length + 1 }, (_, number) => number)
  const [limit, inclusive] = [Number(literal(column, value)), operator.endsWith('=')]
  const listed = numbers.filter((number) =>
    number === limit ? inclusive : operator.startsWith('>') ? number > limit : number < limit
  )
  return listed.length === 0 ? '1 = 0' : `${identifier(column.name)} IN (${listed.join(', ')})`
}

function part(key: Key, at: number) {
  const value = key[at]
  if (value === undefined) throw new Error('a key with too few values')
  return value
}
