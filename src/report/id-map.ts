import { stringify } from 'csv-stringify/sync'
import { defuse } from './formula.js'

/** A row that has another id now, or will have. */
export interface IdMapEntry {
  readonly database: string
  readonly table: string
  readonly column: string
  readonly from: string
  readonly to: string
  readonly master: string
  readonly status: string
}

const COLUMNS = ['database', 'table', 'column', 'old', 'new', 'master', 'status']

/** Which ids rows have instead of theirs, as CSV by RFC 4180: for whatever keeps such ids outside of these masters. */
export function idMapText(entries: readonly IdMapEntry[]): string {
  const lines = entries.map(({ database, table, column, from, to, master, status }) =>
    [database, table, column, from, to, master, status].map(defuse)
  )
  return stringify([COLUMNS, ...lines], { record_delimiter: '\r\n' })
}
