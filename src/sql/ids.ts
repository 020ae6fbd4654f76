import type { TableRef } from '../model/table.js'
import { identifier, tableIdentifier } from './identifier.js'
import { text } from './literal.js'

/** How many of the newest ids tell what lanes are in use: the index has them at its end, so they cost nothing. */
const NEWEST = 1000

/** How the newest automatic ids of a table lie in lanes `increment` apart: how many with each remainder, and the last one. */
export function selectIdLanes(ref: TableRef, column: string, increment: number): string {
  const id = identifier(column)
  return `SELECT newest.id % ${increment} AS remainder, COUNT(*) AS ids, MAX(newest.id) AS greatest
FROM (SELECT ${id} AS id FROM ${tableIdentifier(ref)} WHERE ${id} > 0 ORDER BY ${id} DESC LIMIT ${NEWEST}) AS newest
GROUP BY remainder ORDER BY greatest DESC`
}

/** The next automatic id of a table. */
export function selectNextId({ database, table }: TableRef): string {
  return `SELECT AUTO_INCREMENT AS next_id FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(table)}`
}
