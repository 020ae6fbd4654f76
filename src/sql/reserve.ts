import type { RowImage, WritableTable } from '../model/repair.js'
import type { TableRef } from '../model/table.js'
import { keyOf, valueIn } from './guard.js'
import { identifier, identifiers, tableIdentifier } from './identifier.js'

/** Inserts a row without its counted column, so that the server gives it the next id. To be rolled back. */
export function insertWithoutId(table: WritableTable, row: RowImage, id: string): string {
  const columns = table.columns.filter(({ form }) => form.name !== id)
  const values = columns.map((column) => valueIn(row, column))
  return (
    `INSERT INTO ${tableIdentifier(table.ref)} (${identifiers(columns.map(({ name }) => name))}) ` +
    `VALUES (${values.join(', ')})`
  )
}

/** Takes a row out of the way of its copy. To be rolled back. */
export function deleteForNow(table: WritableTable, row: RowImage): string {
  return `DELETE FROM ${tableIdentifier(table.ref)} WHERE ${keyOf(table, row)}`
}

/** The greatest value of a counted column. */
export function selectGreatest(ref: TableRef, column: string): string {
  return `SELECT MAX(${identifier(column)}) AS greatest FROM ${tableIdentifier(ref)}`
}
