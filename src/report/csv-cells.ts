import type { Decision, Divergence } from '../model/divergence.js'
import type { RowValues, SqlValue } from '../model/value.js'

/** Stands in the column of a master that was looked at and does not have the row. */
export const MISSING_CELL = '(missing)'

/**
 * The key of a row: the value itself for a key of one column, compact JSON by column name for a composite one. A value
 * that is no text, or a text that would be taken for JSON, is written as JSON.
 */
export function keyCell(key: RowValues): string {
  const values = Object.values(key)
  const only = values[0]
  if (values.length !== 1 || only === undefined) return JSON.stringify(key)
  return typeof only === 'string' && !looksLikeJson(only) ? only : JSON.stringify(only)
}

/** Reads {@link keyCell} back. `columns` are the columns of the key. */
export function readKeyCell(cell: string, columns: readonly string[]): RowValues {
  const only = columns[0]
  if (columns.length !== 1 || only === undefined) return JSON.parse(cell) as RowValues
  return { [only]: looksLikeJson(cell) ? (JSON.parse(cell) as SqlValue) : cell }
}

/** Names between commas; as a JSON list when a name has a comma in it. */
export function columnsCell(columns: readonly string[]): string {
  const ambiguous = columns.some((column) => column === '' || column.includes(',') || column.startsWith('['))
  return ambiguous ? JSON.stringify(columns) : columns.join(',')
}

/** Reads {@link columnsCell} back. */
export function readColumnsCell(cell: string): readonly string[] {
  if (cell === '') return []
  return cell.startsWith('[') ? (JSON.parse(cell) as string[]) : cell.split(',')
}

/** What one master holds: the differing columns, all columns where all copies are equal; empty when nobody looked. */
export function masterCell(divergence: Divergence, master: string): string {
  const row = divergence.rows[master]
  if (row === undefined) return ''
  if (row === null) return MISSING_CELL
  if (divergence.class === 'missing') return JSON.stringify(row)
  return JSON.stringify(Object.fromEntries(divergence.columns.map((column) => [column, row[column]])))
}

/** Reads {@link masterCell} back: the row or a part of it, `null` where it is missing, `undefined` where nobody looked. */
export function readMasterCell(cell: string): RowValues | null | undefined {
  if (cell === '') return undefined
  return cell === MISSING_CELL ? null : (JSON.parse(cell) as RowValues)
}

/**
 * The word that brings about what was decided: the master whose version was chosen, or `delete`. That is what a reader of an
 * edited file takes for the user's own word, so it is empty where nobody decided, and where no word would do: a rekey
 * keeps both rows, and the version of its winner on all masters would lose one of them.
 */
export function winnerCell(decision: Decision | null): string {
  if (decision === null || decision.status === 'manual' || decision.action === 'rekey') return ''
  return decision.winner ?? (decision.action === 'delete' ? 'delete' : '')
}

/** What is done to the row where it is wrong; empty where nothing is. */
export function actionCell(decision: Decision | null): string {
  return decision === null || decision.action === 'none' ? '' : decision.action
}

function looksLikeJson(text: string): boolean {
  return text === 'null' || text.startsWith('{') || text.startsWith('"')
}
