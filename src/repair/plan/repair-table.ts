import { inspectNamed } from '../../audit/inspect.js'
import { findColumn } from '../../audit/schema-drift.js'
import { type AuditTable, ignoredColumns, readingOn, type TablePlan } from '../../audit/table-plan.js'
import type { Master } from '../../masters/master.js'
import type { AuditConfig } from '../../model/config.js'
import type { WritableColumn, WritableTable } from '../../model/repair.js'
import { type Column, type TableRef, tableName } from '../../model/table.js'

/** A table as a repair reads and writes it: all its columns and all its rows, whatever the audit was told to leave out. */
export interface RepairTable {
  readonly reading: AuditTable
  /** How each master is written to, by its name. */
  readonly writable: ReadonlyMap<string, WritableTable>
  /** Why no value is known for some column, so that rows can only be updated; `null` when all are. */
  readonly notWhole: string | null
}

/** A table that can be repaired, or why it can not. */
type RepairTablePlan = { readonly table: RepairTable } | { readonly refused: string }

/** How tables are repaired, by name. */
export type TablePlans = ReadonlyMap<string, RepairTablePlan>

/** Plans the tables that these rows belong to. A table that is not there any more has no entry. */
export async function planRepairTables(
  masters: readonly Master[],
  config: AuditConfig,
  rows: readonly TableRef[]
): Promise<TablePlans> {
  const refs = [...new Map(rows.map((row) => [tableName(row), { database: row.database, table: row.table }])).values()]
  const everything = config.tables.map((table) => ({ ...table, ignoreColumns: [], where: null }))
  const whole = { ...config, tables: everything, ignoreColumns: [], where: null, strictSchema: false }
  const plans = await inspectNamed(masters, whole, refs)
  return new Map(
    refs.flatMap((ref, at) => {
      const plan = plans[at] ?? null
      return plan === null ? [] : [[tableName(ref), planned(plan, config)] as const]
    })
  )
}

/** How one master is written to. */
export function writableOn(table: RepairTable, master: string): WritableTable {
  const writable = table.writable.get(master)
  if (writable === undefined) throw new Error(`no writing of ${tableName(table.reading.ref)} was planned on ${master}`)
  return writable
}

function planned(plan: TablePlan, config: AuditConfig): RepairTablePlan {
  if (plan.kind === 'fail') return { refused: plan.reason }
  const { table } = plan
  if (table.keyColumns.length === 0) return { refused: 'the table has no key that names one row on every master' }
  const generatedSomewhere = table.tableColumns.find(
    (column) => isGenerated(table, column, 'some') && !isGenerated(table, column, 'every')
  )
  if (generatedSomewhere !== undefined) {
    return { refused: `column ${generatedSomewhere.name} is generated on some masters and stored on others` }
  }
  const generatedKey = table.keyColumns.find((column) => isGenerated(table, column, 'every'))
  if (generatedKey !== undefined) return { refused: `the key column ${generatedKey.name} is generated` }
  const ignored = ignoredColumns(table.ref, config)
  const writable = [...table.schemas.keys()].map((master) => [master, writableTable(table, master, ignored)] as const)
  return { table: { reading: table, writable: new Map(writable), notWhole: missingColumns(table) } }
}

function writableTable(table: AuditTable, master: string, ignored: ReadonlySet<string>): WritableTable {
  const reading = readingOn(table, master)
  const key = table.keyColumns.map((column) => column.name)
  const columns = table.tableColumns.flatMap((form): WritableColumn[] => {
    const own = columnOn(table, master, form)
    if (own === null || own.generated !== null) return []
    return [
      {
        name: own.name,
        expression: withoutAlias(reading.expressions[table.columns.indexOf(form)] ?? ''),
        form,
        compared: key.includes(form.name) || !ignored.has(form.name.toLowerCase()),
        onUpdateNow: own.onUpdateNow
      }
    ]
  })
  return { ref: reading.ref, columns, key, moving: movingColumns(table, master) }
}

function movingColumns({ schemas, tableColumns }: AuditTable, master: string): readonly string[] {
  const known = new Set(tableColumns.map((column) => column.name.toLowerCase()))
  const own = schemas.get(master)?.columns ?? []
  return own.filter(({ name, onUpdateNow }) => onUpdateNow && !known.has(name.toLowerCase())).map(({ name }) => name)
}

function isGenerated(table: AuditTable, form: Column, on: 'some' | 'every'): boolean {
  return [...table.schemas.keys()][on]((master) => columnOn(table, master, form)?.generated != null)
}

function columnOn(table: AuditTable, master: string, form: Column): Column | null {
  const schema = table.schemas.get(master)
  return schema === undefined ? null : findColumn(schema, form.name)
}

/** A new row needs a value for every column; what not every master has, or what has no common form, has none to give. */
function missingColumns(table: AuditTable): string | null {
  return table.notes.length === 0 ? null : table.notes.join('; ')
}

/** A column of the name `__proto__` is read under another name; in a condition it has none. */
function withoutAlias(expression: string): string {
  return expression.replace(/ AS `[^`]*`$/, '')
}
