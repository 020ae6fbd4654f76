import type { Vendor } from '../model/master.js'
import type { Column } from '../model/table.js'
import { identifier } from '../sql/identifier.js'

/** A column as one master has it. */
export interface ColumnOnMaster {
  readonly vendor: Vendor
  readonly column: Column
}

/** How a column is read so that equal values are equal bytes on every master. */
export interface ColumnForm {
  /** What is compared, as a column of its own: the type and character set in which values arrive. */
  readonly column: Column
  /** What each master selects, in the order given. */
  readonly expressions: readonly string[]
  /** JSON arrives as the text that each server makes of it, and has to be brought into one form here. */
  readonly json: boolean
}

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
const BYTES = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])
const TEXTS = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'])
const MOMENTS = new Set(['date', 'datetime', 'timestamp'])

/** Digits of the widest DECIMAL; every exact number fits with the scale that it has. */
const WIDEST_DECIMAL = 65

/** The form in which these columns compare by value, or `null` when their types have none. */
export function columnForm(columns: readonly ColumnOnMaster[]): ColumnForm | null {
  const [first] = columns
  if (first === undefined) return null
  const all = (test: (column: Column) => boolean) => columns.every(({ column }) => test(column))
  if (isJson(columns)) return jsonForm(columns)
  if (all((column) => sameEncoding(column, first.column))) return plain(columns, first.column)
  if (all((column) => INTEGERS.has(column.dataType) || column.dataType === 'decimal' || column.dataType === 'year')) {
    return decimalForm(columns)
  }
  if (all((column) => column.dataType === 'float' || column.dataType === 'double')) {
    return cast(columns, 'DOUBLE', { ...first.column, dataType: 'double' })
  }
  if (all((column) => MOMENTS.has(column.dataType))) return momentForm(columns)
  if (all((column) => column.dataType === 'time')) return plain(columns, widest(columns))
  if (all((column) => TEXTS.has(column.dataType) && column.charset !== null)) return textForm(columns)
  if (all((column) => BYTES.has(column.dataType))) return plain(columns, first.column)
  return null
}

/** Whether two columns send equal values as equal bytes without any conversion. */
function sameEncoding(left: Column, right: Column): boolean {
  return (
    left.dataType === right.dataType &&
    left.unsigned === right.unsigned &&
    left.scale === right.scale &&
    canonicalCharset(left.charset) === canonicalCharset(right.charset) &&
    (left.dataType !== 'bit' || left.columnType === right.columnType)
  )
}

/** Newer servers write utf8mb3 where older ones write utf8. */
export function canonicalCharset(name: string | null): string | null {
  return name === null ? null : name.replace(/^utf8(?=_|$)/, 'utf8mb3')
}

function plain(columns: readonly ColumnOnMaster[], column: Column): ColumnForm {
  return { column, json: false, expressions: columns.map((each) => identifier(each.column.name)) }
}

function cast(columns: readonly ColumnOnMaster[], type: string, column: Column): ColumnForm {
  return {
    column,
    json: false,
    expressions: columns.map((each) => `CAST(${identifier(each.column.name)} AS ${type})`)
  }
}

function decimalForm(columns: readonly ColumnOnMaster[]): ColumnForm {
  const scale = Math.max(...columns.map(({ column }) => column.scale ?? 0))
  const [first] = columns
  const base = first?.column ?? widest(columns)
  return cast(columns, `DECIMAL(${WIDEST_DECIMAL}, ${scale})`, { ...base, dataType: 'decimal', scale, unsigned: false })
}

/** Fractions that are zero are not sent, so a wider type changes no byte of a value that fits the narrower. */
function momentForm(columns: readonly ColumnOnMaster[]): ColumnForm {
  const hasDate = columns.some(({ column }) => column.dataType === 'date')
  const wide = widest(columns)
  return hasDate ? cast(columns, 'DATETIME(6)', { ...wide, dataType: 'datetime' }) : plain(columns, wide)
}

function textForm(columns: readonly ColumnOnMaster[]): ColumnForm {
  const wide = widest(columns)
  const charsets = new Set(columns.map(({ column }) => canonicalCharset(column.charset)))
  if (charsets.size === 1) return plain(columns, wide)
  return {
    column: { ...wide, charset: 'utf8mb4' },
    json: false,
    expressions: columns.map(({ column }) => `CONVERT(${identifier(column.name)} USING utf8mb4)`)
  }
}

/** MariaDB has no JSON type: JSON there is text that was checked, and stays as it was written. */
function isJson(columns: readonly ColumnOnMaster[]): boolean {
  return (
    columns.some(({ column }) => column.dataType === 'json') &&
    columns.every(({ column }) => column.dataType === 'json' || column.dataType === 'longtext')
  )
}

function jsonForm(columns: readonly ColumnOnMaster[]): ColumnForm {
  const native = columns.filter(({ column }) => column.dataType === 'json')
  const [first] = native
  return {
    column: { ...(first?.column ?? widest(columns)), charset: null },
    json: native.length < columns.length,
    expressions: columns.map(({ column }) => identifier(column.name))
  }
}

/** The column with the longest declared type, to stand for all of them. */
function widest(columns: readonly ColumnOnMaster[]): Column {
  const [first, ...others] = columns.map(({ column }) => column)
  if (first === undefined) throw new Error('a column of no master')
  return others.reduce((wide, column) => (column.columnType.length > wide.columnType.length ? column : wide), first)
}
