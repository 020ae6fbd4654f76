import type { RowImage } from '../model/repair.js'
import { tableName } from '../model/table.js'
import type { JournalChange } from './apply/journal-records.js'

/** What a journal did to one row on one master in all, and so what has to be taken back. */
export interface Deed {
  /** The last change. */
  readonly change: JournalChange
  /** As it was before the first change. */
  readonly before: RowImage | null
  /** As the last change left it. */
  readonly after: RowImage | null
}

/** Several changes of one row as one. What was written last is taken back first. */
export function deedsOf(changes: readonly JournalChange[]): readonly Deed[] {
  const deeds = new Map<string, Deed>()
  for (const change of changes) {
    const name = JSON.stringify([change.master, tableName(change), change.key])
    const known = deeds.get(name)
    // Taken out first, so that the place in the order is that of the last change.
    deeds.delete(name)
    deeds.set(name, {
      change,
      before: known === undefined ? change.before : beforeBoth(known, change),
      after: change.after
    })
  }
  return [...deeds.values()].reverse()
}

/** The row before two changes of it. What somebody else wrote between them is not ours to take back. */
function beforeBoth(first: Deed, { before }: JournalChange): RowImage | null {
  const { before: earliest, after } = first
  if (after === null || before === null) return after === before ? earliest : before
  const names = Object.keys(before)
  if (earliest === null) return names.every((name) => before[name] === after[name]) ? null : before
  const columns = names.map(
    (name) => [name, (before[name] === after[name] ? earliest : before)[name] ?? 'NULL'] as const
  )
  return Object.fromEntries(columns)
}
