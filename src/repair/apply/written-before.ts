import { tableName } from '../../model/table.js'
import type { Written } from '../plan/plan-rows.js'
import type { JournalChange } from './journal-records.js'

/** Looks up what earlier runs on a journal left on a master. */
export function writtenBefore(changes: readonly JournalChange[]): Written {
  const images = new Map(changes.map((change) => [placeOf(change, change.master), change.after]))
  return (divergence, master) => images.get(placeOf(divergence, master))
}

function placeOf(row: Pick<JournalChange, 'database' | 'table' | 'key'>, master: string): string {
  return JSON.stringify([master, tableName(row), Object.entries(row.key)])
}
