import type { Session } from '../../masters/session.js'
import type { ChangeOutcome, RowChange, RowImage } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { readHeldRows, sameImages } from '../plan/held-rows.js'
import { type RepairTable, writableOn } from '../plan/repair-table.js'
import type { ApplyRun, LiveRow } from './apply-run.js'
import { rowOf } from './batches.js'
import { heldElsewhere, type Outcomes } from './outcomes.js'

/** Changes of one table, with their rows, in the order of the plan. */
interface Group {
  readonly table: RepairTable
  readonly changes: readonly RowChange[]
  readonly rows: readonly LiveRow[]
}

/** The rows of these changes by table. */
export function groupByTable(changes: readonly RowChange[], run: ApplyRun): readonly Group[] {
  const groups = new Map<string, { table: RepairTable; changes: RowChange[]; rows: LiveRow[] }>()
  for (const change of changes) {
    const row = rowOf(change, run.rows)
    const name = tableName(row.table.reading.ref)
    const group = groups.get(name) ?? { table: row.table, changes: [], rows: [] }
    group.changes.push(change)
    group.rows.push(row)
    groups.set(name, group)
  }
  return [...groups.values()]
}

/**
 * Locks the rows of `changes`, each of which must be of another row, on the master of the session, to write them
 * (`exclusive`) or to hold them still (`shared`), and compares them with what is known of them.
 * @returns the changes that must not be made, because a row is no longer what it was.
 */
export async function lockRows(
  session: Session,
  changes: readonly RowChange[],
  locking: 'shared' | 'exclusive',
  run: ApplyRun
): Promise<Outcomes> {
  const stale = new Map<number, ChangeOutcome>()
  for (const { table, changes: each, rows } of groupByTable(changes, run)) {
    const keys = rows.map((row) => row.key)
    const held = await readHeldRows(session, table, keys, locking)
    for (const [at, change] of each.entries()) {
      const row = rows[at]
      const image = held[at]?.image ?? null
      if (row === undefined) continue
      if (locking === 'exclusive') row.locked.set(change.id, image)
      const reason = whyStale(table, session.master, row.held.get(session.master), image)
      if (reason !== null) stale.set(change.id, { status: 'stale', reason })
    }
  }
  return stale
}

/** The changes whose rows are locked by somebody else on the master of the session, right now. */
export async function findHeld(session: Session, changes: readonly RowChange[], run: ApplyRun): Promise<Outcomes> {
  const found = new Map<number, ChangeOutcome>()
  for (const { table, changes: each, rows } of groupByTable(changes, run)) {
    const keys = rows.map((row) => row.key)
    const unheld = await readHeldRows(session, table, keys, 'unheld')
    const all = await readHeldRows(session, table, keys, 'none')
    for (const [at, change] of each.entries()) {
      if (all[at] != null && unheld[at] == null) found.set(change.id, heldElsewhere(session.master))
    }
  }
  return found
}

/** A master of which nothing is known holds nothing that the change builds on. */
function whyStale(
  table: RepairTable,
  master: string,
  known: RowImage | null | undefined,
  now: RowImage | null
): string | null {
  if (known === undefined || sameImages(writableOn(table, master), known, now)) return null
  if (known === null) return `${master} has the row by now`
  return now === null ? `${master} has lost the row since` : `the row was changed on ${master} since`
}
