import type { AuditConfig, TableConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { SchemaDifference } from '../model/report.js'
import { type Column, type TableRef, type TableSchema, tableName } from '../model/table.js'
import type { TableReading } from '../sql/select.js'
import { isExactNumeric } from '../wire/sums.js'
import { type ColumnForm, columnForm } from './column-form.js'
import { chooseKey, isRowPeriod, type RangeKey } from './range-key.js'
import { columnNames, driftText, findColumn, type SchemaOf, schemaDrift } from './schema-drift.js'
import { globMatches } from './select-tables.js'

/** A table that can be compared, and how. */
export interface AuditTable {
  /** As the first master spells it. */
  readonly ref: TableRef
  /** What each master says of the table, by its name. */
  readonly schemas: ReadonlyMap<string, TableSchema>
  /** How each master is read, by its name. */
  readonly readings: ReadonlyMap<string, TableReading>
  /** Empty when no key names the rows: then they are compared as a multiset. */
  readonly keyColumns: readonly Column[]
  /** The compared columns in the order they are selected, key columns first, as they arrive. */
  readonly columns: readonly Column[]
  /** The compared columns in the order of the table, as they are reported. */
  readonly tableColumns: readonly Column[]
  /** Where in `columns` the exact numeric columns are, whose sums are reported. */
  readonly summed: readonly number[]
  /** Where in `columns` JSON is that the masters write differently. */
  readonly json: readonly number[]
  /** Different bytes can be one key ('a' and 'A', -0 and 0), so the server must say which key a row has. */
  readonly looseKey: boolean
  /** Unique keys besides the range key, all of whose columns are compared. */
  readonly alternateKeys: readonly (readonly string[])[]
  /** What the user says makes it the same logical row. */
  readonly identity: readonly string[] | null
  /** The user's own condition on the rows to compare. */
  readonly where: string | null
  readonly drift: readonly SchemaDifference[]
  /** Whether the servers add up its rows, and only differing ones are read. */
  readonly pushed: boolean
  /** What a reader must know of the result: columns that were left out. */
  readonly notes: readonly string[]
  readonly estimatedRows: number
  readonly averageRowBytes: number
}

/** How a table is read on one master. */
export function readingOn(table: AuditTable, master: string): TableReading {
  const reading = table.readings.get(master)
  if (reading === undefined) throw new Error(`no reading of ${tableName(table.ref)} was planned on ${master}`)
  return reading
}

/** What will be done with a table. */
export type TablePlan =
  | { readonly kind: 'compare'; readonly table: AuditTable }
  | {
      readonly kind: 'fail'
      readonly ref: TableRef
      readonly reason: string
      readonly drift: readonly SchemaDifference[]
    }

/** Decides how a table is compared. @param absent the masters that have no such table, or hide it from the account. */
export function planTable(schemas: readonly SchemaOf[], absent: readonly string[], config: AuditConfig): TablePlan {
  const [first] = schemas
  if (first === undefined) throw new Error('a table of no master')
  const { ref } = first.schema
  const drift = schemaDrift(schemas)
  if (absent.length > 0) {
    const reason = `does not exist on ${absent.join(', ')}, or the account there may not see it`
    return { kind: 'fail', ref, reason, drift }
  }
  if (config.strictSchema && drift.length > 0) {
    return { kind: 'fail', ref, reason: `the definitions differ: ${drift.map(driftText).join('; ')}`, drift }
  }
  return { kind: 'compare', table: planReading(schemas, chooseKey(schemas), settingsOf(ref, config), drift) }
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
    ignoreColumns: ignoredColumns(ref, config),
    where: first((table) => table.where) ?? config.where
  }
}

/** The columns of a table that are not compared because the user said so, in lower case. */
export function ignoredColumns(ref: TableRef, config: AuditConfig): ReadonlySet<string> {
  const matching = config.tables.filter((table) => globMatches(table.pattern, tableName(ref)))
  const ignored = [...config.ignoreColumns, ...matching.flatMap((table) => table.ignoreColumns)]
  return new Set(ignored.map((name) => name.toLowerCase()))
}

function planReading(
  schemas: readonly SchemaOf[],
  key: RangeKey,
  settings: TableSettings,
  drift: readonly SchemaDifference[]
): AuditTable {
  const { forms, notes } = comparedForms(schemas, key, settings)
  const ordered = readingOrder(forms, key)
  const columns = ordered.map((form) => form.column)
  const keyColumns = columns.slice(0, key.columns.length)
  const shapes = schemas.map(({ schema }) => schema)
  const [first] = shapes
  if (first === undefined) throw new Error('a table of no master')
  const compared = new Set(columns.map((column) => column.name))
  return {
    ref: first.ref,
    schemas: new Map(schemas.map(({ master, schema }) => [master, schema])),
    readings: new Map(schemas.map(({ master, schema }, at) => [master, readingOf(schema, at, key, ordered, settings)])),
    keyColumns,
    columns,
    tableColumns: forms.map((form) => form.column),
    summed: columns.flatMap((column, at) => (isExactNumeric(column) ? [at] : [])),
    json: ordered.flatMap((form, at) => (form.json ? [at] : [])),
    looseKey: keyColumns.some((column) => column.charset !== null || /^(float|double)$/.test(column.dataType)),
    alternateKeys: alternateKeys(first, key, compared),
    identity: identityOf(first, settings.identity, compared),
    where: settings.where,
    drift,
    pushed: false,
    notes,
    estimatedRows: Math.max(...shapes.map((shape) => shape.estimatedRows)),
    averageRowBytes: Math.max(...shapes.map((shape) => shape.averageRowBytes))
  }
}

/** The forms of the columns that every master has and that can be compared, in table order; the others are notes. */
function comparedForms(schemas: readonly SchemaOf[], key: RangeKey, settings: TableSettings) {
  const forms: ColumnForm[] = []
  const notes: string[] = []
  for (const name of columnNames(schemas)) {
    if (settings.ignoreColumns.has(name.toLowerCase()) && !key.columns.includes(name)) continue
    const present = schemas.flatMap(({ schema }) => {
      const column = findColumn(schema, name)
      return column === null ? [] : [{ column }]
    })
    if (present.some(({ column }) => isRowPeriod(column))) continue
    const form = present.length === schemas.length ? columnForm(present) : null
    if (form !== null) forms.push(form)
    else notes.push(`column ${name} was not compared: ${whyNot(schemas, name)}`)
  }
  return { forms, notes }
}

function whyNot(schemas: readonly SchemaOf[], name: string): string {
  return schemas
    .map(({ master, schema }) => `${findColumn(schema, name)?.columnType ?? 'absent'} on ${master}`)
    .join(', ')
}

/** Key columns first, then the numbers to add up, so that neither is searched for behind long values. */
function readingOrder(forms: readonly ColumnForm[], key: RangeKey): readonly ColumnForm[] {
  const keyForms = key.columns.map((name) => {
    const form = forms.find((each) => each.column.name.toLowerCase() === name.toLowerCase())
    if (form === undefined) throw new Error(`the key column ${name} has no form`)
    return form
  })
  const others = forms.filter((form) => !keyForms.includes(form))
  const exact = (form: ColumnForm) => isExactNumeric(form.column)
  return [...keyForms, ...others.filter(exact), ...others.filter((form) => !exact(form))]
}

function readingOf(
  schema: TableSchema,
  at: number,
  key: RangeKey,
  forms: readonly ColumnForm[],
  settings: TableSettings
): TableReading {
  return {
    ref: schema.ref,
    indexName: key.indexNames[at] ?? '',
    keyColumns: key.columns.flatMap((name) => findColumn(schema, name) ?? []),
    expressions: forms.map((form) => form.expressions[at] ?? ''),
    where: settings.where
  }
}

function alternateKeys(schema: TableSchema, key: RangeKey, compared: ReadonlySet<string>) {
  return (
    schema.uniqueKeys
      .filter((other) => !other.prefix && other.columns.every((name) => compared.has(name)))
      // A unique key within the range key is the same wherever that is, and tells nothing.
      .filter((other) => !other.columns.every((name) => key.columns.includes(name)))
      .map((other) => other.columns)
  )
}

function identityOf(schema: TableSchema, identity: readonly string[] | null, compared: ReadonlySet<string>) {
  const unknown = identity?.find((name) => !compared.has(name))
  if (unknown === undefined) return identity
  throw new MmauditError('config', `tables.${tableName(schema.ref)}.identity: there is no compared column ${unknown}`, {
    hint: `columns of the table: ${schema.columns.map((column) => column.name).join(', ')}`
  })
}
