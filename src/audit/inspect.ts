import type { Master } from '../masters/master.js'
import { readSchemas } from '../masters/schema.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { TableSchema } from '../model/table.js'
import { onEveryMaster } from './on-every-master.js'
import { selectNames } from './select-tables.js'
import { planTable, type TablePlan } from './table-plan.js'

/** Reads the shape of every table on every master and plans the audit of those that were asked for, in name order. */
export async function inspect(masters: readonly Master[], config: AuditConfig): Promise<readonly TablePlan[]> {
  const schemas = await onEveryMaster(masters, 'reading the table definitions', (master) =>
    master.withSession(readSchemas)
  )
  const known = new Map<string, TableSchema>(schemas.flatMap((tables) => [...tables]))
  const selected = selectNames([...known.keys()].sort(), config.include, config.exclude, config.includeOrigin)
  refuseUnknownColumns(
    config.ignoreColumns,
    selected.flatMap((name) => schemas.flatMap((tables) => tables.get(name) ?? []))
  )
  return selected.flatMap((name) => {
    const ref = known.get(name)?.ref
    const shapes = masters.map((master, at) => ({ master: master.name, schema: schemas[at]?.get(name) ?? null }))
    return ref === undefined ? [] : [planTable(ref, shapes, config)]
  })
}

/** A misspelt name would leave the column in, and every difference in it a surprise. */
function refuseUnknownColumns(ignored: readonly string[], schemas: readonly TableSchema[]): void {
  const unknown = ignored.find((name) => !schemas.some(({ columns }) => columns.some((column) => column.name === name)))
  if (unknown === undefined) return
  throw new MmauditError('usage', `no audited table has the column ${unknown}, which is to be ignored`, {
    hint: 'check the spelling in --ignore-columns or ignoreColumns'
  })
}
