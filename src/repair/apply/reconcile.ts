import type { Master } from '../../masters/master.js'
import type { AuditConfig } from '../../model/config.js'
import type { RowImage } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { readHeldRows, sameImages } from '../plan/held-rows.js'
import { planRepairTables, type TablePlans, writableOn } from '../plan/repair-table.js'
import type { Journal } from './journal.js'
import type { JournalChange } from './journal-records.js'

/**
 * Finds out how the transactions ended of which the journal does not know it, because the run was killed between writing
 * them down and hearing of the COMMIT: the rows themselves tell. A transaction is committed as a whole or not at all, so one
 * row that still is as it was before says that it was not.
 *
 * @returns the changes that turned out to be committed.
 */
export async function reconcile(
  journal: Journal,
  masters: readonly Master[],
  config: AuditConfig
): Promise<readonly JournalChange[]> {
  const { unresolved } = journal.earlier
  const tables = await planRepairTables(masters, config, [...unresolved.values()].flat())
  const found: JournalChange[] = []
  for (const [transaction, changes] of unresolved) {
    if (await wasCommitted(changes, masters, tables)) {
      await journal.committed(transaction)
      found.push(...changes)
    } else await journal.abandoned(transaction)
  }
  return found
}

async function wasCommitted(
  changes: readonly JournalChange[],
  masters: readonly Master[],
  tables: TablePlans
): Promise<boolean> {
  const states = await Promise.all(changes.map((change) => stateOf(change, masters, tables)))
  return !states.includes('before') && states.includes('after')
}

/** How a row stands to a change of the journal: as before it, as after it, or otherwise since. */
export async function stateOf(
  change: JournalChange,
  masters: readonly Master[],
  tables: TablePlans
): Promise<'before' | 'after' | 'other'> {
  const plan = tables.get(tableName(change))
  const master = masters.find((each) => each.name === change.master)
  if (plan === undefined || 'refused' in plan || master === undefined) return 'other'
  const key = plan.table.reading.keyColumns.map((column) => change.key[column.name] ?? null)
  const [row] = await master.withSession((session) => readHeldRows(session, plan.table, [key], 'none'))
  const writable = writableOn(plan.table, change.master)
  const is = (image: RowImage | null) => sameImages(writable, image, row?.image ?? null)
  if (is(change.after)) return 'after'
  return is(change.before) ? 'before' : 'other'
}
