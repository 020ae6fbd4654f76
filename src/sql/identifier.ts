import type { TableRef } from '../model/table.js'

/** A name as an SQL identifier. Backticks work in every `sql_mode`, ANSI_QUOTES included. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** `db.table` as SQL. */
export function tableIdentifier(ref: TableRef): string {
  return `${identifier(ref.database)}.${identifier(ref.table)}`
}

/** Identifiers separated by commas. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(', ')
}
