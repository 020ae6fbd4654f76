import { catchUp, isPending, unexpected } from '../../masters/catch-up.js'
import { isConnectionLost, isLockConflict, isRowRefused } from '../../masters/server-errors.js'
import type { Session } from '../../masters/session.js'
import { proveLocal } from '../../masters/write-session.js'
import { MmauditError, messageOf } from '../../model/errors.js'
import type { ChangeOutcome, RowChange, Step } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { stepStatement } from '../../sql/repair.js'
import { differingColumns, readHeldRows, sameImages } from '../plan/held-rows.js'
import type { ApplyRun, LiveRow } from './apply-run.js'
import { type Batch, changesOf, type MasterSteps, rowOf } from './batches.js'
import type { NewChange } from './journal.js'
import { groupByTable } from './lock-rows.js'
import { blocked, type Outcomes } from './outcomes.js'
import type { RepairSessions } from './sessions.js'

/** How long the masters may take to catch up while rows are locked on all of them. Beyond it, the locks are given back first. */
const LOCKED_PATIENCE_MS = 1_000

/** The transaction has to be rolled back because of single rows, and can be tried again without them. */
export class RowsFailed extends Error {
  readonly outcomes: Outcomes

  constructor(outcomes: Outcomes) {
    super('some rows cannot be written')
    this.outcomes = outcomes
  }
}

/** The masters did not catch up while rows were locked: perhaps just these rows are being changed. */
export class StillBehind extends Error {}

/** Writes rows that are locked on all masters, reads them back, journals them and commits, on one master after the other. */
export async function writeBatch(batch: Batch, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  await refuseInFlight(run)
  const failed = new Map<number, ChangeOutcome>()
  for (const each of batch) for (const [id, outcome] of await write(each, sessions, run)) failed.set(id, outcome)
  // What was written of such a row elsewhere, or of its family, has to be taken back.
  if (failed.size > 0 && (batch.length > 1 || hasFamily(batch))) throw new RowsFailed(failed)
  return new Map([...failed, ...(await commitAll(withoutFailed(batch, failed), sessions, run))])
}

function hasFamily(batch: Batch): boolean {
  return changesOf(batch).some(({ family }) => family !== undefined)
}

/** @returns what became of the changes that were not written. */
async function write({ master, steps }: MasterSteps, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  const session = sessions.of(master)
  if (!run.config.viaReplication) await proveLocal(session)
  const failed = await execute(session, steps)
  await readBack(
    session,
    [...new Set(steps.map((step) => step.change))].filter(({ id }) => !failed.has(id)),
    run
  )
  return failed
}

function withoutFailed(batch: Batch, failed: Outcomes): Batch {
  return batch.map(({ master, steps }) => ({ master, steps: steps.filter(({ change }) => !failed.has(change.id)) }))
}

/** Rows that are committed on one master and cannot be on the next are told of; nothing takes back what is committed. */
async function commitAll(batch: Batch, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  const outcomes = new Map<number, ChangeOutcome>()
  for (const { master, steps } of batch) {
    const changes = [...new Set(steps.map((step) => step.change))]
    if (changes.length === 0) continue
    try {
      await commitOn(sessions.of(master), changes, run)
      for (const { id } of changes) outcomes.set(id, { status: 'applied' })
    } catch (error) {
      if (outcomes.size === 0) throw error
      const reason = `it could not be committed: ${messageOf(error)}`
      for (const { id } of changes) outcomes.set(id, { status: 'failed', reason })
    }
  }
  return outcomes
}

async function commitOn(session: Session, changes: readonly RowChange[], run: ApplyRun): Promise<void> {
  const transaction = await run.journal.prepare(changes.map((change) => journalled(change, rowOf(change, run.rows))))
  await commit(session, run.journal.path)
  await run.journal.committed(transaction)
  for (const change of changes) rowOf(change, run.rows).held.set(change.master, change.after)
}

/**
 * With the rows locked everywhere, no new write can reach them; and once everything that was written before has been
 * applied everywhere, none is on its way either. An event that waits for one of our locks shows as a master that does not
 * catch up.
 */
async function refuseInFlight({ masters, standstill, signal }: ApplyRun): Promise<void> {
  const obstacles = unexpected(await catchUp(masters, Date.now() + LOCKED_PATIENCE_MS, signal), standstill)
  const stopped = obstacles.find((obstacle) => obstacle.kind === 'stopped')
  if (stopped !== undefined) throw new MmauditError('incomplete', stopped.reason)
  const behind = obstacles.find(isPending)
  if (behind !== undefined) throw new StillBehind(behind.reason)
}

/**
 * Runs the statements in order. One that breaks a constraint has changed nothing, and the others go on without it; but no
 * row may be left parked, so then the whole transaction is given up.
 */
async function execute(session: Session, steps: readonly Step[]): Promise<Outcomes> {
  const failed = new Map<number, ChangeOutcome>()
  const parked = new Set<number>()
  for (const step of steps) {
    const { id } = step.change
    const outcome =
      blocked(step.needs, failed) ??
      (await executeStep(session, step).catch((error) => stopTable(error, step.change, steps)))
    if (outcome.status !== 'applied') failed.set(id, outcome)
    if (step.kind === 'park') parked.add(id)
    if (outcome.status === 'failed' || (outcome.status !== 'applied' && parked.size > 0)) throw new RowsFailed(failed)
    if (step.kind === 'write') parked.delete(id)
  }
  return failed
}

async function executeStep(session: Session, step: Step): Promise<ChangeOutcome> {
  // Its statement finds them too. But so they are told of, and with them the place is locked where another could appear.
  for (const query of step.children) {
    const rows = await session.query(`${query} FOR UPDATE`)
    if (rows.length > 0) return { status: 'refused', reason: 'rows that point to it have arrived since' }
  }
  try {
    const { affectedRows } = await session.run(stepStatement(step))
    if (affectedRows === 1) return { status: 'applied' }
    return { status: 'failed', reason: `the statement changed ${affectedRows} rows instead of one` }
  } catch (error) {
    if (isRowRefused(error)) return { status: 'refused', reason: messageOf(error) }
    throw error
  }
}

/** What is wrong with one table does not keep the others in the transaction from being written. */
function stopTable(error: unknown, { table }: RowChange, steps: readonly Step[]): never {
  if (isConnectionLost(error) || isLockConflict(error)) throw error
  const own = steps.filter(({ change }) => tableName(change.table.ref) === tableName(table.ref))
  const outcome: ChangeOutcome = { status: 'failed', reason: messageOf(error) }
  throw new RowsFailed(new Map(own.map(({ change }) => [change.id, outcome])))
}

/** Compares what is now stored with what was wanted, down to the byte. */
async function readBack(session: Session, changes: readonly RowChange[], run: ApplyRun): Promise<void> {
  const failed = new Map<number, ChangeOutcome>()
  for (const { table, changes: each, rows } of groupByTable(changes, run)) {
    const keys = rows.map((row) => row.key)
    const held = await readHeldRows(session, table, keys, 'none')
    for (const [at, change] of each.entries()) {
      const reason = whyOther(change, held[at]?.image ?? null)
      if (reason !== null) failed.set(change.id, { status: 'refused', reason })
    }
  }
  if (failed.size > 0) throw new RowsFailed(failed)
}

/** A new row was written whole; of a row that was there before, only what is compared is ours. */
function whyOther({ table, before, after }: RowChange, stored: RowChange['after']): string | null {
  const columns = before === null ? 'all' : 'compared'
  if (sameImages(table, after, stored, columns)) return null
  if (after === null || stored === null) return `the row reads back as ${stored === null ? 'missing' : 'still there'}`
  return `reads back otherwise than wanted in ${differingColumns(table, after, stored, columns).join(', ')}`
}

async function commit(session: Session, journal: string): Promise<void> {
  try {
    await session.run('COMMIT')
  } catch (cause) {
    if (!isConnectionLost(cause)) throw cause
    throw new MmauditError(
      'incomplete',
      `it is not known whether it was committed, for the connection was lost; run again with --journal ${journal}`,
      { cause }
    )
  }
}

/** What stood there before is what was read under the lock, in columns that nobody compares as well. */
function journalled(change: RowChange, row: LiveRow): NewChange {
  const { keyColumns } = row.table.reading
  const locked = row.locked.get(change.id) ?? null
  return {
    master: change.master,
    ...change.table.ref,
    key: Object.fromEntries(keyColumns.map((column, at) => [column.name, row.key[at] ?? null])),
    why: change.why,
    ...(change.family === undefined ? {} : { family: change.family, guards: change.guards ?? [] }),
    before: locked,
    after:
      change.after === null || locked === null ? change.after : { ...locked, ...comparedOnly(change, change.after) }
  }
}

function comparedOnly({ table }: RowChange, image: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    table.columns.flatMap(({ form, compared }) => (compared ? [[form.name, image[form.name] ?? 'NULL']] : []))
  )
}
