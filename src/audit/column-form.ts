import type { Column } from '../model/table.js'
import { identifier } from '../sql/identifier.js'

/** A column as one master has it. */
interface ColumnOnMaster {
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
const GEOMETRIES = /^(geometry|(multi)?(point|linestring|polygon)|geom(etry)?collection)$/
/** Types whose values also depend on the number in parentheses: bits, or digits of a fraction. */
const DECLARED = new Set(['bit', 'time', ...MOMENTS])

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
  const oneKind = all((column) => BYTES.has(column.dataType)) || all((column) => GEOMETRIES.test(column.dataType))
  return oneKind ? plain(columns, first.column) : null
}

/** Whether two columns send equal values as equal bytes without any conversion. */
function sameEncoding(left: Column, right: Column): boolean {
  return (
    left.dataType === right.dataType &&
    left.unsigned === right.unsigned &&
    left.scale === right.scale &&
    canonicalCharset(left.charset) === canonicalCharset(right.charset) &&
    (!DECLARED.has(left.dataType) || left.columnType === right.columnType)
  )
}

/** Newer servers write utf8mb3 where older ones write utf8. */
export function canonicalCharset(name: string | null): string | null {
  return name === null ? null : name.replace(/^utf8(?=_|$)/, 'utf8mb3')
}

function plain(columns: readonly ColumnOnMaster[], column: Column): ColumnForm {
  return { column, json: false, expressions: columns.map((each) => selected(each.column.name)) }
}

/** The driver refuses results with a column of the name `__proto__`; an alias keeps it from seeing one. */
function selected(name: string): string {
  return name === '__proto__' ? `${identifier(name)} AS ${identifier('mmaudit proto')}` : identifier(name)
}

function cast(columns: readonly ColumnOnMaster[], type: string, column: Column): ColumnForm {
  return {
    column,
    json: false,
    expressions: columns.map((each) => `CAST(${identifier(each.column.name)} AS ${type})`)
  }
}

function decimalForm(columns: readonly ColumnOnMaster[]): ColumnForm | null {
  const scale = Math.max(...columns.map(({ column }) => column.scale ?? 0))
  const digits = Math.max(...columns.map(({ column }) => (column.precision ?? 0) - (column.scale ?? 0)))
  if (digits + scale > WIDEST_DECIMAL) return null
  const type = `decimal(${WIDEST_DECIMAL},${scale})`
  const base = { ...widest(columns), dataType: 'decimal', columnType: type, scale, unsigned: false }
  return cast(columns, `DECIMAL(${WIDEST_DECIMAL}, ${scale})`, base)
}

/** Fractions that are zero are not sent, so a wider type changes no byte of a value that fits the narrower. */
function momentForm(columns: readonly ColumnOnMaster[]): ColumnForm {
  const hasDate = columns.some(({ column }) => column.dataType === 'date')
  const wide = widest(columns)
  return hasDate
    ? cast(columns, 'DATETIME(6)', { ...wide, dataType: 'datetime', columnType: 'datetime(6)' })
    : plain(columns, wide)
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
    column: { ...(first?.column ?? widest(columns)), name: widest(columns).name, charset: null },
    json: native.length < columns.length,
    expressions: columns.map(({ column }) => {
      const name = identifier(column.name)
      return column.charset === null || column.charset.startsWith('utf8') ? name : `CONVERT(${name} USING utf8mb4)`
    })
  }
}

/** The column with the longest declared type, to stand for all of them under the name that the first master has. */
function widest(columns: readonly ColumnOnMaster[]): Column {
  const [first, ...others] = columns.map(({ column }) => column)
  if (first === undefined) throw new Error('a column of no master')
  const wide = others.reduce((wider, column) => (declared(column) > declared(wider) ? column : wider), first)
  return { ...wide, name: first.name }
}

/** The number in parentheses after a type: its length, or the digits of its fraction. */
function declared({ columnType }: Column): number {
  return Number(/\((\d+)/.exec(columnType)?.[1] ?? 0)
}
