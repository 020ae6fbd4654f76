import type { Master } from '../masters/master.js'
import { readSchemas } from '../masters/schema.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { TableRef } from '../model/table.js'
import { joinByName, type KnownTable } from './join-by-name.js'
import { onEveryMaster } from './on-every-master.js'
import { pushedDown } from './pushdown-plan.js'
import { findColumn } from './schema-drift.js'
import { selectNames } from './select-tables.js'
import { planTable, type TablePlan } from './table-plan.js'

/** Reads the shape of every table on every master and plans the audit of those that were asked for, in name order. */
export async function inspect(masters: readonly Master[], config: AuditConfig): Promise<readonly TablePlan[]> {
  const known = await readTables(masters)
  const names = known.map((table) => table.name)
  const selected = new Set(selectNames(names, config.include, config.exclude, config.includeOrigin))
  const tables = known.filter((table) => selected.has(table.name))
  refuseUnknownColumns(config.ignoreColumns, tables)
  return tables.map((table) => planKnown(table, masters, config))
}

/**
 * Plans the audit of exactly these tables, in their order, whatever the configuration includes; `null` for one that no
 * master has.
 */
export async function inspectNamed(
  masters: readonly Master[],
  config: AuditConfig,
  refs: readonly TableRef[]
): Promise<readonly (TablePlan | null)[]> {
  return refs.map(await tablePlanner(masters, config))
}

/** Reads the shape of every table once, and then plans the audit of any one; see {@link inspectNamed}. */
export async function tablePlanner(
  masters: readonly Master[],
  config: AuditConfig
): Promise<(ref: TableRef) => TablePlan | null> {
  const known = await readTables(masters)
  refuseUnknownColumns(config.ignoreColumns, known)
  const plain = (name: string) => (foldNames(masters) ? name.toLowerCase() : name)
  const named = (ref: TableRef) => JSON.stringify([plain(ref.database), plain(ref.table)])
  const byName = new Map(known.flatMap((table) => table.schemas.map(({ schema }) => [named(schema.ref), table])))
  return (ref) => {
    const table = byName.get(named(ref))
    return table === undefined ? null : planKnown(table, masters, config)
  }
}

async function readTables(masters: readonly Master[]): Promise<readonly KnownTable[]> {
  const schemas = await onEveryMaster(masters, 'reading the table definitions', async (master) => {
    const tables = await readSchemas(master)
    return tables.map((schema) => ({ ...described(master), schema }))
  })
  return joinByName(schemas.flat(), foldNames(masters))
}

function foldNames(masters: readonly Master[]): boolean {
  return masters.some((master) => master.foldsNames)
}

function planKnown(table: KnownTable, masters: readonly Master[], config: AuditConfig): TablePlan {
  const absent = masters
    .map((master) => master.name)
    .filter((name) => !table.schemas.some((each) => each.master === name))
  const plan = planTable(table.schemas, absent, config)
  if (plan.kind === 'fail' || config.checksum !== 'pushdown') return plan
  return { ...plan, table: pushedDown(plan.table, masters) }
}

function described(master: Master) {
  return { master: master.name, vendor: master.info.vendor, increment: master.lane.increment }
}

/** A misspelt name would leave the column in, and every difference in it a surprise. */
function refuseUnknownColumns(ignored: readonly string[], tables: readonly KnownTable[]): void {
  const schemas = tables.flatMap((table) => table.schemas.map(({ schema }) => schema))
  const unknown = ignored.find((name) => !schemas.some((schema) => findColumn(schema, name) !== null))
  if (unknown === undefined) return
  throw new MmauditError('usage', `no audited table has the column ${unknown}, which is to be ignored`, {
    hint: 'check the spelling in --ignore-columns or ignoreColumns'
  })
}
