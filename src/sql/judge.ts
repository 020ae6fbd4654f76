import type { Column } from '../model/table.js'
import type { RowValues, SqlValue } from '../model/value.js'
import { identifier } from './identifier.js'
import { literal, text } from './literal.js'

/** The versions of one row by master; `null` for one that lacks it. */
export type VersionsByMaster = Readonly<Record<string, RowValues | null>>

const APPROXIMATE = new Set(['float', 'double'])
const MOMENTS: Readonly<Record<string, string>> = {
  date: 'DATE',
  datetime: 'DATETIME',
  timestamp: 'DATETIME',
  time: 'TIME'
}

/** Asks which of two values of a column comes first; answers in the columns `below` and `above`. */
export function selectOrder(column: Column, left: SqlValue, right: SqlValue): string {
  const [first, second] = [typedLiteral(column, left), typedLiteral(column, right)]
  return `SELECT (${first} < ${second}) AS below, (${first} > ${second}) AS above`
}

/** Two statements for one session, in this order. */
export interface HoldsQuery {
  /** Sets what `select` reads; `null` when that is nothing. */
  readonly set: string | null
  /** Answers with a row for each row asked about: `n`, counted from 0, and `holds`, 1 or 0. */
  readonly select: string
}

/**
 * Asks for which of `rows` a condition over their versions holds. Every master is a table of one row by its own name, all
 * columns NULL where it lacks the row. Texts go through variables: like columns, and unlike literals with COLLATE, those
 * give way to a collation that the condition names.
 *
 * @param writtenAs the column as whose value a value is written; mostly its own.
 */
export function holdsQuery(
  condition: string,
  columns: readonly Column[],
  rows: readonly VersionsByMaster[],
  writtenAs: (column: Column, value: SqlValue) => Column
): HoldsQuery {
  const mentioned = mentionedColumns(condition, columns)
  const variables: string[] = []
  const field = (column: Column, row: RowValues | null) => {
    const value = row?.[column.name] ?? null
    const of = writtenAs(column, value)
    const sql = typedLiteral(of, value)
    return `${value === null || of.charset === null ? sql : variable(sql, variables)} AS ${identifier(column.name)}`
  }
  const selects = rows.map((versions, n) => {
    const tables = Object.entries(versions).map(([master, row]) => {
      return `(SELECT ${mentioned.map((column) => field(column, row)).join(', ')}) AS ${identifier(master)}`
    })
    // A comment at the end of the condition must not take the parenthesis with it.
    return `SELECT ${n} AS n, ((${condition}\n)) IS TRUE AS holds FROM ${tables.join(' CROSS JOIN ')}`
  })
  return { set: variables.length === 0 ? null : `SET ${variables.join(', ')}`, select: selects.join(' UNION ALL ') }
}

function variable(sql: string, variables: string[]): string {
  const name = `@mmaudit_${variables.length}`
  variables.push(`${name} = ${sql}`)
  return name
}

/** Whether values of a text column can be given its collation: not where masters differ in the character set. */
export function hasOwnCollation({ charset, collation }: Column): boolean {
  if (charset === null || collation === null) return false
  return utf8(collation).startsWith(`${utf8(charset)}_`)
}

/** A value with the type that it has in its column, where a plain literal would be of another. */
function typedLiteral(column: Column, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'object') return withCollation(column, literal(column, value))
  if (APPROXIMATE.has(column.dataType)) return approximate(literal(column, value))
  const moment = MOMENTS[column.dataType]
  if (moment !== undefined) return `CAST(${text(value)} AS ${moment}${fraction(column)})`
  // What MySQL makes a JSON value of stays text in MariaDB, which has no such type.
  if (column.dataType === 'json') return `JSON_EXTRACT(${text(value)}, '$')`
  if (column.charset === null) return literal(column, value)
  const converted = column.charset === 'utf8mb4' ? text(value) : `CONVERT(${text(value)} USING ${column.charset})`
  return withCollation(column, converted)
}

/** A column whose name does not occur cannot be meant, and its values may be long. A table needs one column at least. */
function mentionedColumns(condition: string, columns: readonly Column[]): readonly Column[] {
  const words = condition.toLowerCase().replaceAll('``', '`')
  const mentioned = columns.filter((column) => words.includes(column.name.toLowerCase()))
  return mentioned.length > 0 ? mentioned : columns.slice(0, 1)
}

/** Numbers without an exponent would be exact decimals. */
function approximate(number: string): string {
  return /e/i.test(number) ? number : `${number}e0`
}

function fraction({ columnType, dataType }: Column): string {
  const digits = dataType === 'date' ? undefined : /\((\d)\)/.exec(columnType)?.[1]
  return digits === undefined ? '' : `(${digits})`
}

function withCollation(column: Column, sql: string): string {
  if (column.charset === null || column.collation === null) return sql
  if (hasOwnCollation(column)) return `${sql} COLLATE ${column.collation}`
  return `${sql} COLLATE ${/_(bin|cs)$/.test(column.collation) ? 'utf8mb4_bin' : 'utf8mb4_general_ci'}`
}

/** Newer servers write utf8mb3 where older ones write utf8. */
function utf8(name: string): string {
  return name.replace(/^utf8mb3/, 'utf8')
}
