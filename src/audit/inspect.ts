import type { Master } from '../masters/master.js'
import { readSchemas } from '../masters/schema.js'
import type { AuditConfig } from '../model/config.js'
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
  return selected.flatMap((name) => {
    const ref = known.get(name)?.ref
    const shapes = masters.map((master, at) => ({ master: master.name, schema: schemas[at]?.get(name) ?? null }))
    return ref === undefined ? [] : [planTable(ref, shapes, config)]
  })
}
