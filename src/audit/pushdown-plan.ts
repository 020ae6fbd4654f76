import type { Master } from '../masters/master.js'
import type { Column } from '../model/table.js'
import type { AuditTable } from './table-plan.js'

/** Servers add up DECIMALs with 22 digits more than the column has, and with 65 at most. */
const ADDABLE_DIGITS = 65 - 22

/** The table as it is audited where the servers compute, if they can for this one; a note says it if not, and why. */
export function pushedDown(table: AuditTable, masters: readonly Master[]): AuditTable {
  const isMixed = new Set(masters.map((master) => master.info.vendor)).size > 1
  const obstacle = obstacleTo(table, isMixed)
  if (obstacle === null) return { ...table, pushed: true }
  return { ...table, notes: [...table.notes, `its rows were read and hashed here: ${obstacle}`] }
}

/**
 * Why the rows of a table cannot be added up by the servers so that equal rows are equal everywhere and others are not.
 * `null` when they can.
 */
export function obstacleTo(table: AuditTable, isMixed: boolean): string | null {
  if (table.keyColumns.length === 0) return 'it has no key'
  const drifted = table.drift.find(({ aspect }) => aspect === 'type' || aspect === 'charset')
  if (drifted !== undefined) return `the ${drifted.aspect} of column ${drifted.name} is not the same on all masters`
  return first(table.columns, (column) => columnObstacle(column, isMixed))
}

function columnObstacle({ name, dataType, precision }: Column, isMixed: boolean): string | null {
  // Its expression has an alias, which only a list of columns can hold.
  if (name === '__proto__') return `a column is called ${name}`
  if (dataType === 'decimal' && (precision ?? 0) > ADDABLE_DIGITS) return `the sum of column ${name} may not fit`
  if (!isMixed) return null
  if (/^(float|double)$/.test(dataType)) return `the vendors write the numbers of column ${name} with other digits`
  if (/^(json|longtext)$/.test(dataType)) return `the vendors may write column ${name} in other ways`
  return null
}

function first<Item>(items: readonly Item[], pick: (item: Item) => string | null): string | null {
  for (const item of items) {
    const picked = pick(item)
    if (picked !== null) return picked
  }
  return null
}
