import { createHash } from 'node:crypto'
import type { AuditTable } from './table-plan.js'

/**
 * A fingerprint of everything that decides what comparing a table reads and says: its definition on every master, the
 * forms in which its columns are read, its key and its settings. Estimates and counters, which change with every write,
 * are left out.
 */
export function shapeOf(table: AuditTable): string {
  const { ref, keyColumns, columns, tableColumns, json, looseKey, alternateKeys, identity, where, notes } = table
  const readings = [...table.readings]
  const schemas = [...table.schemas].map(([master, { engine, columns: all, uniqueKeys }]) => [
    master,
    { engine, columns: all, uniqueKeys }
  ])
  const shape = { ref, keyColumns, columns, tableColumns, json, looseKey, alternateKeys, identity, where, notes }
  return createHash('sha256')
    .update(JSON.stringify([shape, readings, schemas]))
    .digest('hex')
}
