import type { Key, KeyRange } from '../model/range.js'
import type { Column, TableRef } from '../model/table.js'
import { type Bound, boundCondition, boundConditionsFrom } from './bound.js'
import { identifier, identifiers, tableIdentifier } from './identifier.js'
import { conditionFrom, keyCondition, keysCondition, rangeCondition } from './range.js'

/** What the reading statements of one table on one master have in common. */
export interface TableReading {
  /** As this master spells it. */
  readonly ref: TableRef
  /** The index that holds the key; reading is forced through it, so rows arrive in key order without sorting. */
  readonly indexName: string
  /** As this master has them. */
  readonly keyColumns: readonly Column[]
  /** What is selected, as SQL: the key columns first, each column in the form that is alike on all masters. */
  readonly expressions: readonly string[]
  /** The user's own condition on the rows to compare. */
  readonly where: string | null
}

/** Every compared row of a range, in key order. */
export function selectRange(table: TableReading, range: KeyRange): Bound {
  const inRange = boundCondition(table.keyColumns, range)
  return { ...inRange, sql: selectWhere(table, inRange.sql) }
}

/** Every compared row of ranges that lie behind each other, in key order. */
export function selectRanges(table: TableReading, ranges: readonly KeyRange[]): string {
  const conditions = ranges.map((range) => rangeCondition(table.keyColumns, range))
  return selectWhere(table, conditions.includes(null) ? null : conditions.map((each) => `(${each})`).join(' OR '))
}

/** As {@link selectRange}, with all values in the text. */
export function selectRangeText(table: TableReading, range: KeyRange): string {
  return selectWhere(table, rangeCondition(table.keyColumns, range))
}

/**
 * Statements that together read the compared rows from a key on, in key order; each reads a number of rows at most, which is
 * chosen when the ones before it have been read.
 */
export function selectFrom(table: TableReading, lower: Key | null): readonly ((rows: number) => Bound)[] {
  return boundConditionsFrom(table.keyColumns, lower).map((inRange) => (rows) => ({
    ...inRange,
    sql: `${selectWhere(table, inRange.sql)} LIMIT ${rows}`
  }))
}

/** As {@link selectFrom} from a key on, with all values in the text. */
export function selectFromText(table: TableReading, lower: Key, rows: number): readonly string[] {
  return table.keyColumns
    .map((_, shared) => `${selectWhere(table, conditionFrom(table.keyColumns, lower, shared))} LIMIT ${rows}`)
    .reverse()
}

function selectWhere(table: TableReading, inRange: string | null): string {
  const where = whereClause([inRange, table.where])
  return `SELECT ${table.expressions.join(', ')} ${sourceOf(table)}${where} ORDER BY ${keyList(table)}`
}

/**
 * The key that has `offset` keys of the range before it: the upper bound of a chunk of that many rows.
 * Ordering keys is left to the server, which alone knows its collations.
 */
export function selectBound(table: TableReading, range: KeyRange, offset: number): string {
  const where = whereClause([rangeCondition(table.keyColumns, range)])
  return (
    `SELECT ${keyExpressions(table)} ${sourceOf(table)}${where} ` +
    `ORDER BY ${keyList(table)} LIMIT 1 OFFSET ${offset}`
  )
}

/** The largest key. */
export function selectLargest(table: TableReading): string {
  const order = table.keyColumns.map((column) => `${identifier(column.name)} DESC`).join(', ')
  return `SELECT ${keyExpressions(table)} ${sourceOf(table)} ORDER BY ${order} LIMIT 1`
}

/** How many keys of a range there are, whether their rows are compared or not. */
export function countKeys(table: TableReading, range: KeyRange): string {
  return `SELECT COUNT(*) AS \`keys\` ${sourceOf(table)}${whereClause([rangeCondition(table.keyColumns, range)])}`
}

/** Every compared row, in any order. */
export function selectAll(table: TableReading): string {
  return `SELECT ${table.expressions.join(', ')} FROM ${tableIdentifier(table.ref)}${whereClause([table.where])}`
}

/** No row at all; lets the server judge the condition. */
export function selectNothing(table: TableReading): string {
  return `SELECT 1 FROM ${tableIdentifier(table.ref)}${whereClause([table.where])} LIMIT 0`
}

/** No row at all; lets the server say whether every column of the table may be read. Their names, which the driver may not like, stay there. */
export function selectEveryColumn(ref: TableRef): string {
  return `SELECT 1 FROM (SELECT * FROM ${tableIdentifier(ref)} LIMIT 0) AS every_column`
}

/**
 * The compared rows that have one of `keys`. With `tagged`, a last column tells which of the keys (from 0) the server
 * takes the row's key to be: needed where different bytes can be one key ('a' and 'A').
 */
export function selectKeys(table: TableReading, keys: readonly Key[], tagged: boolean): string {
  const where = whereClause([keysCondition(table.keyColumns, keys), table.where])
  const tag = tagged ? `, ${keyTag(table, keys)}` : ''
  return `SELECT ${table.expressions.join(', ')}${tag} ${sourceOf(table)}${where}`
}

function keyTag(table: TableReading, keys: readonly Key[]): string {
  const branches = keys.map((key, at) => `WHEN ${keyCondition(table.keyColumns, key)} THEN ${at}`)
  return `CAST(CASE ${branches.join(' ')} END AS SIGNED)`
}

/** Where rows are read from, through the index of the key. */
export function sourceOf(table: TableReading): string {
  return `FROM ${tableIdentifier(table.ref)} FORCE INDEX (${identifier(table.indexName)})`
}

function keyList(table: TableReading): string {
  return identifiers(table.keyColumns.map((column) => column.name))
}

function keyExpressions(table: TableReading): string {
  return table.expressions.slice(0, table.keyColumns.length).join(', ')
}

/** A comment at the end of the user's own condition must not take the parenthesis with it. */
function inParentheses(condition: string): string {
  return /--|#/.test(condition) ? `(${condition}\n)` : `(${condition})`
}

/** Conditions that all have to hold, as far as there are any; nothing without. */
export function whereClause(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((part) => part !== null && part !== '') as string[]
  return given.length === 0 ? '' : ` WHERE ${given.map(inParentheses).join(' AND ')}`
}
