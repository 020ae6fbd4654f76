import type { Vendor } from '../model/master.js'
import type { SchemaAspect, SchemaDifference } from '../model/report.js'
import type { Column, TableSchema } from '../model/table.js'
import { canonicalCharset } from './column-form.js'

/** What one master says of a table. */
export interface SchemaOf {
  readonly master: string
  readonly vendor: Vendor
  readonly schema: TableSchema
  /** Its `auto_increment_increment`. */
  readonly increment: number
}

/** Everything in which the definitions of one table differ between masters, columns first, in the order of the first one. */
export function schemaDrift(schemas: readonly SchemaOf[]): readonly SchemaDifference[] {
  return [
    ...columnNames(schemas).flatMap((name) => columnDrift(schemas, name)),
    ...difference(schemas, 'order', null, ({ schema }) => commonOrder(schema, schemas)),
    ...keyNames(schemas).flatMap((name) => difference(schemas, 'index', name, ({ schema }) => keyText(schema, name))),
    ...difference(schemas, 'engine', null, ({ schema }) => schema.engine),
    ...counterDrift(schemas)
  ]
}

/** A drift in one line: `column amount: type decimal(10,2) on a, decimal(12,2) on b`. */
export function driftText({ aspect, name, masters }: SchemaDifference): string {
  const values = Object.entries(masters).map(([master, value]) => `${value ?? 'absent'} on ${master}`)
  const what = name === null ? aspect : aspect === 'index' ? `index ${name}` : `column ${name}`
  const detail = name === null || aspect === 'column' || aspect === 'index' ? '' : ` ${aspect}`
  return `${what}:${detail} ${values.join(', ')}`
}

/** Column names, as the first master that has each of them spells it; servers do not tell their case apart. */
export function columnNames(schemas: readonly SchemaOf[]): readonly string[] {
  const names = new Map<string, string>()
  for (const { schema } of schemas) {
    for (const { name } of schema.columns) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()]
}

/** The column of that name, whatever its case. */
export function findColumn(schema: TableSchema, name: string): Column | null {
  return schema.columns.find((column) => column.name.toLowerCase() === name.toLowerCase()) ?? null
}

function columnDrift(schemas: readonly SchemaOf[], name: string): readonly SchemaDifference[] {
  const column = ({ schema }: SchemaOf) => findColumn(schema, name)
  if (schemas.some((each) => column(each) === null)) {
    return difference(schemas, 'column', name, (each) => column(each)?.columnType ?? null)
  }
  const by = (aspect: SchemaAspect, pick: (column: Column) => string | null) =>
    difference(schemas, aspect, name, (each) => {
      const found = column(each)
      return found === null ? null : pick(found)
    })
  // Vendors print the same expression differently.
  const oneVendor = new Set(schemas.map(({ vendor }) => vendor)).size === 1
  const storage = [
    ...by('type', plainType),
    ...by('charset', ({ charset }) => canonicalCharset(charset)),
    ...by('collation', ({ collation }) => canonicalCharset(collation))
  ]
  return [
    ...(schemas.every((each) => isJsonOf(each.vendor, column(each))) ? [] : storage),
    ...by('nullability', ({ nullable }) => (nullable ? 'NULL' : 'NOT NULL')),
    ...by('generated', ({ generated }) => (generated === null ? null : oneVendor ? generated : 'generated'))
  ]
}

/** Each vendor's own way of having JSON: MariaDB stores it as text. */
function isJsonOf(vendor: Vendor, column: Column | null): boolean {
  return column?.dataType === (vendor === 'mysql' ? 'json' : 'longtext')
}

/** A type without what does not change values: display widths of integers, and remarks on how it is stored. */
function plainType({ columnType }: Column): string {
  return columnType
    .replace(/\s*\/\*.*?\*\//g, '')
    .replace(/^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)(?!.*zerofill)/i, '$1')
}

/** Masters with lanes of their own never agree on the next id, and need not. */
function counterDrift(schemas: readonly SchemaOf[]): readonly SchemaDifference[] {
  const haveLanes = schemas.some(({ increment }) => increment > 1)
  return haveLanes ? [] : difference(schemas, 'auto-increment', null, ({ schema }) => schema.nextId)
}

function commonOrder(schema: TableSchema, schemas: readonly SchemaOf[]): string {
  return schema.columns
    .map((column) => column.name.toLowerCase())
    .filter((name) => schemas.every((each) => findColumn(each.schema, name) !== null))
    .join(', ')
}

function keyNames(schemas: readonly SchemaOf[]): readonly string[] {
  const names = schemas.flatMap(({ schema }) => schema.uniqueKeys.map((key) => key.name))
  return names.filter((name, at) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at)
}

function keyText(schema: TableSchema, name: string): string | null {
  const key = schema.uniqueKeys.find((each) => each.name.toLowerCase() === name.toLowerCase())
  return key === undefined ? null : `(${key.columns.join(', ').toLowerCase()})${key.prefix ? ' over prefixes' : ''}`
}

function difference(
  schemas: readonly SchemaOf[],
  aspect: SchemaAspect,
  name: string | null,
  pick: (schema: SchemaOf) => string | null
): readonly SchemaDifference[] {
  const values = schemas.map((each) => [each.master, pick(each)] as const)
  if (values.every(([, value]) => value === values[0]?.[1])) return []
  return [{ aspect, name, masters: Object.fromEntries(values) }]
}
