import type { TableRef } from '../model/table.js'
import { identifier, tableIdentifier } from './identifier.js'
import { text } from './literal.js'

/** Rows of a table whose columns have the values of these literals, as the server compares them. */
export interface WantedRows {
  readonly ref: TableRef
  readonly columns: readonly string[]
  readonly literals: readonly string[]
}

/** Which columns a row is shown by, and whether their bytes are text. */
export interface ShownColumn {
  readonly name: string
  readonly isBinary: boolean
}

/** As a condition, that a row is one of these. */
function hasValues({ columns, literals }: Omit<WantedRows, 'ref'>): string {
  return columns.map((name, at) => `${identifier(name)} = ${literals[at] ?? 'NULL'}`).join(' AND ')
}

/**
 * One of these rows: which of `known` it is, from 0, or -1 for none of them, which then comes first; and its key for people.
 *
 * @param known conditions that a row fulfils.
 * @param except the condition of a row that does not count; `null` when all do.
 */
export function selectOneRow(
  lookup: number,
  wanted: WantedRows,
  known: readonly string[],
  except: string | null,
  shown: readonly ShownColumn[]
): string {
  const which =
    known.length === 0 ? '-1' : `CASE ${known.map((row, at) => `WHEN ${row} THEN ${at}`).join(' ')} ELSE -1 END`
  const conditions = [hasValues(wanted), ...(except === null ? [] : [`NOT (${except})`])]
  return (
    `(SELECT ${lookup} AS lookup, ${which} AS which, ${rowText(shown)} AS row_text ` +
    `FROM ${tableIdentifier(wanted.ref)} WHERE ${conditions.join(' AND ')} ORDER BY which LIMIT 1)`
  )
}

/** How many of these rows there are, those that fulfil one of `except` not counted. */
export function countRows(lookup: number, wanted: WantedRows, except: readonly string[]): string {
  const conditions = [hasValues(wanted), ...(except.length === 0 ? [] : [`NOT (${except.join(' OR ')})`])]
  return (
    `(SELECT ${lookup} AS lookup, COUNT(*) AS which, ${text('')} AS row_text ` +
    `FROM ${tableIdentifier(wanted.ref)} WHERE ${conditions.join(' AND ')})`
  )
}

/** One of these rows, if there is any. */
export function oneRow(wanted: WantedRows, except: string | null): string {
  const conditions = [hasValues(wanted), ...(except === null ? [] : [`NOT (${except})`])]
  return `SELECT 1 FROM ${tableIdentifier(wanted.ref)} WHERE ${conditions.join(' AND ')} LIMIT 1`
}

/** All in one character set, or the parts of a UNION do not fit together. */
function rowText(columns: readonly ShownColumn[]): string {
  const parts = columns.map(({ name, isBinary }) => {
    const value = isBinary ? `CONCAT('0x', HEX(${identifier(name)}))` : identifier(name)
    return `${text(`${name} = `)}, CONVERT(${value} USING utf8mb4)`
  })
  return parts.length === 0 ? text('') : `CONCAT(${parts.join(`, ${text(', ')}, `)})`
}

/** As a condition, that a row has one of these lists of values in some columns. */
export function hasOneOf(columns: readonly string[], lists: readonly (readonly string[])[]): string {
  const [only] = columns
  if (only !== undefined && columns.length === 1) return `${identifier(only)} IN (${lists.flat().join(', ')})`
  return lists.map((literals) => `(${hasValues({ columns, literals })})`).join(' OR ')
}

/** One row that has these values in some columns and is none of `known`, if there is any. */
export function oneOtherRow(wanted: WantedRows, known: readonly string[]): string {
  return oneRow(wanted, known.length === 0 ? null : known.map((row) => `(${row})`).join(' OR '))
}
