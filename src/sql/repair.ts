import type { RowImage, Step, WritableTable } from '../model/repair.js'
import { keyOf, rowGuard, valueIn } from './guard.js'
import { identifier, identifiers, tableIdentifier } from './identifier.js'

/**
 * The statement of one step. It changes one row, or none when the row is not as the step expects it, or when rows point to
 * it that it would take along; an INSERT, none when there is a row of that key. Never REPLACE, IGNORE or ON DUPLICATE KEY: another row is never touched.
 */
export function stepStatement({ change, before, after, children }: Step): string {
  if (before === null && after === null) throw new Error(`change ${change.id} leads from no row to no row`)
  if (before === null) return after === null ? '' : insert(change.table, after)
  const guard = [rowGuard(change.table, before), ...children.map(findsNone)].join(' AND ')
  if (after === null) return `DELETE FROM ${tableIdentifier(change.table.ref)} WHERE ${guard}`
  return `${update(change.table, before, after)} WHERE ${guard}`
}

/** A query may be of the very table that is written, which MySQL only allows behind a derived table that it cannot merge. */
function findsNone(query: string): string {
  return `NOT EXISTS (SELECT 1 FROM (${query}) AS child)`
}

/** A SELECT instead of VALUES, so that a row that is there already is no error but a step that changes nothing. */
function insert(table: WritableTable, image: RowImage): string {
  const name = tableIdentifier(table.ref)
  const values = table.columns.map((column) => valueIn(image, column))
  return (
    `INSERT INTO ${name} (${identifiers(table.columns.map((column) => column.name))}) ` +
    `SELECT ${values.join(', ')} FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM ${name} WHERE ${keyOf(table, image)})`
  )
}

/** Sets what differs, and columns that would move by themselves to what they are. */
function update(table: WritableTable, before: RowImage, after: RowImage): string {
  const compared = table.columns.filter((column) => column.compared)
  const differing = new Set(compared.filter((column) => valueIn(before, column) !== valueIn(after, column)))
  if (differing.size === 0) throw new Error(`an update of ${table.ref.table} that changes nothing`)
  const assignments = table.columns.flatMap((column) => {
    const name = identifier(column.name)
    if (differing.has(column)) return [`${name} = ${valueIn(after, column)}`]
    return column.onUpdateNow ? [`${name} = ${name}`] : []
  })
  const kept = table.moving.map((name) => `${identifier(name)} = ${identifier(name)}`)
  return `UPDATE ${tableIdentifier(table.ref)} SET ${[...assignments, ...kept].join(', ')}`
}
