import type { Column, TableSchema, UniqueKey } from '../model/table.js'
import { readsText } from '../wire/display.js'
import { canonicalCharset, columnForm } from './column-form.js'
import { findColumn, type SchemaOf } from './schema-drift.js'

/** The unique key by which a table is cut into ranges: its columns, and the index that holds it on each master. */
export interface RangeKey {
  readonly columns: readonly string[]
  /** In the order of the masters. */
  readonly indexNames: readonly string[]
}

/** No key names every row on every master in one order. */
const NO_KEY: RangeKey = { columns: [], indexNames: [] }

const EXACT = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'])

/**
 * The primary key, or else the unique key with the fewest columns, that names every row on every master and is ordered
 * alike there. A key whose columns may be NULL does not name every row; one over column prefixes cannot be read in order.
 */
export function chooseKey(schemas: readonly SchemaOf[]): RangeKey {
  const [first] = schemas
  if (first === undefined) return NO_KEY
  const found = keysOf(first.schema)
    .filter(names)
    .map((key) => ({ key, same: schemas.map(({ schema }) => keysOf(schema).find((other) => matches(key, other))) }))
    .filter(({ key, same }) => !same.includes(undefined) && key.columns.every((name) => orderedAlike(schemas, name)))
    .sort((left, right) => rank(left.key) - rank(right.key))[0]
  if (found === undefined) return NO_KEY
  return { columns: found.key.columns, indexNames: found.same.flatMap((key) => key?.name ?? []) }
}

/**
 * The unique keys of the rows that are there now: of these, the columns that tell since when and until when a
 * system-versioned row was valid are not needed. ARCHIVE tables are only ever read whole.
 */
function keysOf(schema: TableSchema): readonly UniqueKey[] {
  if (schema.engine.toUpperCase() === 'ARCHIVE') return []
  const current = (name: string) => {
    const column = findColumn(schema, name)
    return column !== null && !isRowPeriod(column)
  }
  return schema.uniqueKeys
    .map((key) => ({ ...key, columns: key.columns.filter(current) }))
    .filter((key) => key.columns.length > 0)
}

/** When a system-versioned row came to be here, and went, is each server's own. */
export function isRowPeriod(column: Column): boolean {
  return /^row (start|end)$/i.test(column.generated ?? '')
}

function names(key: UniqueKey): boolean {
  return !key.nullable && !key.prefix && key.ordered
}

function matches(key: UniqueKey, other: UniqueKey): boolean {
  return names(other) && key.columns.join('\0').toLowerCase() === other.columns.join('\0').toLowerCase()
}

function rank(key: UniqueKey): number {
  return key.primary ? 0 : key.columns.length
}

/** Ranges need one order: bounds found on one master must divide the rows of every other in the same way. */
function orderedAlike(schemas: readonly SchemaOf[], name: string): boolean {
  const columns = schemas.flatMap(({ schema }) => findColumn(schema, name) ?? [])
  const orders = columns.map(orderOf)
  const comparable = columnForm(columns.map((column) => ({ column }))) !== null
  return comparable && orders.every((order) => order !== null && order === orders[0])
}

/** Servers print members that their own character set lacks as question marks; then a value tells nothing of its member. */
function namesItsMembers({ charset, columnType }: Column): boolean {
  return charset !== null && readsText(charset) && !columnType.includes('?')
}

/** One word for an order; `null` for columns by whose order an index cannot be searched. */
function orderOf(column: Column): string | null {
  if (EXACT.has(column.dataType)) return 'number'
  if (column.dataType === 'enum') return namesItsMembers(column) ? column.columnType : null
  if (column.dataType === 'set') return null
  return column.collation === null ? column.dataType : (canonicalCharset(column.collation) ?? '')
}
