import type { Column, UniqueKey } from '../model/table.js'
import { canonicalCharset } from './column-form.js'
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
  const found = first.schema.uniqueKeys
    .filter(names)
    .map((key) => ({ key, same: schemas.map(({ schema }) => schema.uniqueKeys.find((other) => matches(key, other))) }))
    .filter(({ key, same }) => !same.includes(undefined) && key.columns.every((name) => orderedAlike(schemas, name)))
    .sort((left, right) => rank(left.key) - rank(right.key))[0]
  if (found === undefined) return NO_KEY
  return { columns: found.key.columns, indexNames: found.same.flatMap((key) => key?.name ?? []) }
}

function names(key: UniqueKey): boolean {
  return !key.nullable && !key.prefix
}

function matches(key: UniqueKey, other: UniqueKey): boolean {
  return names(other) && key.columns.join('\0').toLowerCase() === other.columns.join('\0').toLowerCase()
}

function rank(key: UniqueKey): number {
  return key.primary ? 0 : key.columns.length
}

/** Ranges need one order: bounds found on one master must divide the rows of every other in the same way. */
function orderedAlike(schemas: readonly SchemaOf[], name: string): boolean {
  const orders = schemas.map(({ schema }) => orderOf(findColumn(schema, name)))
  return orders.every((order) => order === orders[0])
}

function orderOf(column: Column | null): string {
  if (column === null) return ''
  if (EXACT.has(column.dataType)) return 'number'
  if (column.dataType === 'enum' || column.dataType === 'set') return column.columnType
  return column.collation === null ? column.dataType : (canonicalCharset(column.collation) ?? '')
}
