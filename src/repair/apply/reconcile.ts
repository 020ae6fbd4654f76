import type { Master } from '../../masters/master.js'
import { isLockConflict } from '../../masters/server-errors.js'
import type { AuditConfig } from '../../model/config.js'
import { MmauditError } from '../../model/errors.js'
import type { Key } from '../../model/range.js'
import type { RowImage } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { type HeldRow, readHeldRows, sameImages } from '../plan/held-rows.js'
import { planRepairTables, type RepairTable, type TablePlans, writableOn } from '../plan/repair-table.js'
import type { Journal } from './journal.js'
import type { JournalChange } from './journal-records.js'

/** What reconciling needs of a journal: what stands in it, and to note how a transaction ended. */
export type OpenJournal = Pick<Journal, 'earlier' | 'committed' | 'abandoned'>

/**
 * Finds out how the transactions ended of which the journal does not know it, because the run was killed between writing
 * them down and hearing of the COMMIT: the rows themselves tell.
 *
 * @returns the changes that turned out to be committed.
 */
export async function reconcile(
  journal: OpenJournal,
  masters: readonly Master[],
  config: AuditConfig
): Promise<readonly JournalChange[]> {
  const { unresolved } = journal.earlier
  const tables = await planRepairTables(masters, config, [...unresolved.values()].flat())
  const found: JournalChange[] = []
  for (const [transaction, changes] of unresolved) {
    const states = await Promise.all(changes.map((change) => stateOf(change, masters, tables)))
    const ending = endingOf(states)
    if (ending === 'committed') found.push(...changes)
    if (ending !== 'open') await journal[ending](transaction)
  }
  return found
}

/** How a row stands to a change of the journal: as before it, as after it, or so that it tells nothing. */
export type RowState = 'before' | 'after' | 'other' | 'unknown'

/**
 * How a transaction ended whose rows are in these states now. It was committed as a whole or not at all, so one row that is
 * as it left it says that it was: others may have been changed since, also back. Where every row was changed by somebody
 * since, nothing of it is left. Where no row tells and some could not be looked at, it stays open.
 */
export function endingOf(states: readonly RowState[]): 'committed' | 'abandoned' | 'open' {
  if (states.includes('after')) return 'committed'
  return states.includes('before') || !states.includes('unknown') ? 'abandoned' : 'open'
}

/**
 * The row as no transaction under way will leave it otherwise: a server may still be about to carry out the COMMIT of a run
 * that is long dead, and holds the lock until then.
 */
async function readSettled(master: Master, table: RepairTable, key: Key): Promise<readonly (HeldRow | null)[]> {
  try {
    return await master.withSession((session) => readHeldRows(session, table, [key], 'shared'))
  } catch (cause) {
    if (!isLockConflict(cause)) throw cause
    throw new MmauditError(
      'incomplete',
      `master ${master.name}: it cannot be told whether the run that was killed has changed a row of ` +
        `${tableName(table.reading.ref)}, for a transaction still holds it`,
      { hint: 'run again once that transaction has ended; it may be the one of the killed run', cause }
    )
  }
}

async function stateOf(change: JournalChange, masters: readonly Master[], tables: TablePlans): Promise<RowState> {
  const plan = tables.get(tableName(change))
  const master = masters.find((each) => each.name === change.master)
  if (plan === undefined || 'refused' in plan || master === undefined) return 'unknown'
  const key = plan.table.reading.keyColumns.map((column) => change.key[column.name] ?? null)
  const [row] = await readSettled(master, plan.table, key)
  const writable = writableOn(plan.table, change.master)
  const is = (image: RowImage | null) => sameImages(writable, image, row?.image ?? null)
  const [isBefore, isAfter] = [is(change.before), is(change.after)]
  // Where the two are alike in all that is compared, both or neither of them are seen.
  if (isBefore === isAfter) return 'other'
  return isAfter ? 'after' : 'before'
}
