import type { Key, KeyRange } from '../model/range.js'
import type { Column, TableRef } from '../model/table.js'
import { identifier, identifiers, tableIdentifier } from './identifier.js'
import { keyCondition, keysCondition, rangeCondition } from './range.js'

/** What the reading statements of one table have in common. */
export interface TableReading {
  readonly ref: TableRef
  /** The index that holds the key; reading is forced through it, so rows arrive in key order without sorting. */
  readonly indexName: string
  readonly keyColumns: readonly Column[]
  /** The compared columns in the order they are selected; key columns first. */
  readonly columns: readonly Column[]
  /** The user's own condition on the rows to compare. */
  readonly where: string | null
}

/** Every compared row of a range, in key order. */
export function selectRange(table: TableReading, range: KeyRange): string {
  const conditions = [rangeCondition(table.keyColumns, range), table.where].filter((part) => part !== null)
  return `SELECT ${columnList(table.columns)} ${source(table)}${whereClause(conditions)} ORDER BY ${keyList(table)}`
}

/**
 * The key that has `offset` keys of the range before it: the upper bound of a chunk of that many rows.
 * Ordering keys is left to the server, which alone knows its collations.
 */
export function selectBound(table: TableReading, range: KeyRange, offset: number): string {
  const conditions = [rangeCondition(table.keyColumns, range)].filter((part) => part !== null)
  return (
    `SELECT ${keyList(table)} ${source(table)}${whereClause(conditions)} ` +
    `ORDER BY ${keyList(table)} LIMIT 1 OFFSET ${offset}`
  )
}

/**
 * The compared rows that have one of `keys`. With `tagged`, a last column tells which of the keys (from 0) the server
 * takes the row's key to be: needed where different bytes can be one key ('a' and 'A').
 */
export function selectKeys(table: TableReading, keys: readonly Key[], tagged: boolean): string {
  const conditions = [keysCondition(table.keyColumns, keys), table.where].filter((part) => part !== null)
  const tag = tagged ? `, ${keyTag(table, keys)}` : ''
  return `SELECT ${columnList(table.columns)}${tag} ${source(table)}${whereClause(conditions)}`
}

function keyTag(table: TableReading, keys: readonly Key[]): string {
  const branches = keys.map((key, at) => `WHEN ${keyCondition(table.keyColumns, key)} THEN ${at}`)
  return `CAST(CASE ${branches.join(' ')} END AS SIGNED)`
}

function source(table: TableReading): string {
  return `FROM ${tableIdentifier(table.ref)} FORCE INDEX (${identifier(table.indexName)})`
}

function keyList(table: TableReading): string {
  return identifiers(table.keyColumns.map((column) => column.name))
}

function columnList(columns: readonly Column[]): string {
  return identifiers(columns.map((column) => column.name))
}

function whereClause(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.map((condition) => `(${condition})`).join(' AND ')}`
}
