import type { AuditConfig, TableConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import { type Column, type TableRef, type TableSchema, tableName, type UniqueKey } from '../model/table.js'
import type { TableReading } from '../sql/select.js'
import { isExactNumeric } from '../wire/sums.js'
import { globMatches } from './select-tables.js'

/** A table that can be compared, and how. */
export interface AuditTable extends TableReading {
  /** The compared columns in the order of the table, as they are reported. */
  readonly tableColumns: readonly Column[]
  /** Where in `columns` the exact numeric columns are, whose sums are reported. */
  readonly summed: readonly number[]
  /** Different bytes can be one key (text keys under a collation), so the server must say which key a row has. */
  readonly collatedKey: boolean
  /** Unique keys besides the range key, all of whose columns are compared. */
  readonly alternateKeys: readonly (readonly string[])[]
  /** What the user says makes it the same logical row. */
  readonly identity: readonly string[] | null
  readonly estimatedRows: number
  readonly averageRowBytes: number
}

/** What will be done with a table. */
export type TablePlan =
  | { readonly kind: 'compare'; readonly table: AuditTable }
  | { readonly kind: 'skip' | 'fail'; readonly ref: TableRef; readonly reason: string }

/** What one master says of a table; `null` when it has no such table, or the account may not see it. */
export interface SchemaOnMaster {
  readonly master: string
  readonly schema: TableSchema | null
}

/** Decides how a table is compared, from its shape on every master. */
export function planTable(ref: TableRef, shapes: readonly SchemaOnMaster[], config: AuditConfig): TablePlan {
  const absent = shapes.filter(({ schema }) => schema === null).map(({ master }) => master)
  if (absent.length > 0) {
    return fail(ref, `does not exist on ${absent.join(', ')}, or the account there may not see it`)
  }
  const schemas = shapes.flatMap(({ master, schema }) => (schema === null ? [] : [{ master, schema }]))
  const [first] = schemas
  if (first === undefined) throw new Error('a table of no master')
  const settings = settingsOf(ref, config)
  const drift = firstDrift(schemas, settings.ignoreColumns)
  if (drift !== null) return fail(ref, drift)
  const key = rangeKey(schemas.map(({ schema }) => schema))
  if (key === null) return { kind: 'skip', ref, reason: 'no primary key, and no unique key without NULLs' }
  const table = reading(first.schema, key, settings)
  return {
    kind: 'compare',
    table: {
      ...table,
      estimatedRows: Math.max(...schemas.map(({ schema }) => schema.estimatedRows)),
      averageRowBytes: Math.max(...schemas.map(({ schema }) => schema.averageRowBytes))
    }
  }
}

interface TableSettings {
  readonly identity: readonly string[] | null
  readonly ignoreColumns: ReadonlySet<string>
  readonly where: string | null
}

/** A table's own settings come first, in the order of the file, before those for every table. */
function settingsOf(ref: TableRef, config: AuditConfig): TableSettings {
  const matching = config.tables.filter((table) => globMatches(table.pattern, tableName(ref)))
  const first = <Value>(pick: (table: TableConfig) => Value | null) =>
    matching.map(pick).find((value) => value !== null) ?? null
  return {
    identity: first((table) => table.identity),
    ignoreColumns: new Set([...config.ignoreColumns, ...matching.flatMap((table) => table.ignoreColumns)]),
    where: config.where ?? first((table) => table.where)
  }
}

function fail(ref: TableRef, reason: string): TablePlan {
  return { kind: 'fail', ref, reason }
}

/** The first difference between the shapes that makes rows incomparable, in words. */
function firstDrift(
  schemas: readonly { master: string; schema: TableSchema }[],
  ignored: ReadonlySet<string>
): string | null {
  const [first, ...others] = schemas
  if (first === undefined) return null
  for (const other of others) {
    const names = new Set([...first.schema.columns, ...other.schema.columns].map((column) => column.name))
    for (const name of names) {
      if (ignored.has(name)) continue
      const left = typeOf(first.schema, name)
      const right = typeOf(other.schema, name)
      if (left === right) continue
      return `column ${name} is ${left ?? 'absent'} on ${first.master} and ${right ?? 'absent'} on ${other.master}`
    }
  }
  return null
}

/** The type as far as it decides how values are encoded and ordered; display widths of integers are not part of it. */
function typeOf(schema: TableSchema, name: string): string | null {
  const column = schema.columns.find((each) => each.name === name)
  if (column === undefined) return null
  const type = column.columnType.replace(/^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)(?!.*zerofill)/i, '$1')
  // Newer servers write utf8mb3 where older ones write utf8.
  return column.collation === null ? type : `${type} ${column.collation.replace(/^utf8_/, 'utf8mb3_')}`
}

/** The primary key, or else the unique key with the fewest columns, that every master has under the same name. */
function rangeKey(schemas: readonly TableSchema[]): UniqueKey | null {
  const [first, ...others] = schemas
  const usable = (first?.uniqueKeys ?? [])
    .filter((key) => !key.nullable && !key.prefix)
    .filter((key) => others.every((schema) => schema.uniqueKeys.some((other) => sameKey(key, other))))
  return usable.find((key) => key.primary) ?? usable.sort(byWidth)[0] ?? null
}

function sameKey(left: UniqueKey, right: UniqueKey): boolean {
  return (
    left.name === right.name && !right.prefix && !right.nullable && left.columns.join('\0') === right.columns.join('\0')
  )
}

function byWidth(left: UniqueKey, right: UniqueKey): number {
  return left.columns.length - right.columns.length
}

/** Key columns are read first, then the numbers to add up, so that neither is searched for behind long values. */
function reading(schema: TableSchema, key: UniqueKey, settings: TableSettings) {
  const keyColumns = key.columns.map((name) => columnOf(schema, name))
  const others = schema.columns.filter(
    (column) => !keyColumns.includes(column) && !settings.ignoreColumns.has(column.name)
  )
  const columns = [
    ...keyColumns,
    ...others.filter(isExactNumeric),
    ...others.filter((column) => !isExactNumeric(column))
  ]
  const compared = new Set(columns.map((column) => column.name))
  return {
    ref: schema.ref,
    indexName: key.name,
    keyColumns,
    columns,
    tableColumns: schema.columns.filter((column) => compared.has(column.name)),
    where: settings.where,
    summed: columns.flatMap((column, at) => (isExactNumeric(column) ? [at] : [])),
    collatedKey: keyColumns.some((column) => column.charset !== null),
    alternateKeys: schema.uniqueKeys
      .filter((other) => !other.prefix && other.columns.every((name) => compared.has(name)))
      // A unique key within the range key is the same wherever that is, and tells nothing.
      .filter((other) => !other.columns.every((name) => key.columns.includes(name)))
      .map((other) => other.columns),
    identity: identityOf(schema, settings.identity, compared)
  }
}

function identityOf(schema: TableSchema, identity: readonly string[] | null, compared: ReadonlySet<string>) {
  const unknown = identity?.find((name) => !compared.has(name))
  if (unknown === undefined) return identity
  throw new MmauditError('config', `tables.${tableName(schema.ref)}.identity: there is no compared column ${unknown}`, {
    hint: `columns of the table: ${schema.columns.map((column) => column.name).join(', ')}`
  })
}

function columnOf(schema: TableSchema, name: string): Column {
  const column = schema.columns.find((each) => each.name === name)
  if (column === undefined) throw new Error(`an index names a column that is not there: ${name}`)
  return column
}
