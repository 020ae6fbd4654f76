import { setTimeout as sleep } from 'node:timers/promises'
import { catchUp, isPending } from '../../masters/catch-up.js'
import { isConnectionLost, isLockConflict } from '../../masters/server-errors.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, RowChange } from '../../model/repair.js'
import type { ApplyRun } from './apply-run.js'
import { type Batch, changesOf, halvesOf, rowOf } from './batches.js'
import { findHeld, lockRows } from './lock-rows.js'
import { openSteps } from './open-steps.js'
import { note, type Outcomes } from './outcomes.js'
import type { RepairSessions } from './sessions.js'
import { RowsFailed, StillBehind, writeBatch } from './write-steps.js'

/** Deadlocks and lock waits that are borne before rows are given up: the application's writes go first. */
const MOST_ATTEMPTS = 8
/** So often a batch keeps the masters from catching up before its halves are tried, of which one may be free of the busy row. */
const ATTEMPTS_TOGETHER = 2
const PAUSE_MS = 100

/**
 * Makes the changes of a batch, as far as they can be made: the rows are locked on every master and must still be what was
 * planned on, every master must have applied all that the others had then, every statement must change one row, and each row
 * must read back as wanted. Only then, and once the journal holds it on disk, is it committed, on one master after the other;
 * the locks are given back when it is on all of them. Whatever does not fit is left out; a deadlock, a lock that is not
 * given up, or writes on their way begin it anew.
 *
 * @param outcomes what became of changes before, and, when this resolves, of each change of this batch.
 */
export async function applyBatch(
  batch: Batch,
  outcomes: Map<number, ChangeOutcome>,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const open = openSteps(batch, outcomes, run)
    if (open.length === 0) return
    try {
      await attemptAll(open, outcomes, sessions, run)
      return
    } catch (error) {
      await sessions.rollBack()
      run.signal?.throwIfAborted()
      if (error instanceof StillBehind) await goOnBehind(error, attempt, open, outcomes, sessions, run)
      else note(outcomes, await failedBy(error, attempt, open, sessions, run))
    }
  }
}

/** Gives the masters time to apply what was in the way; the changes that are in the way again and again are given up. */
async function goOnBehind(
  error: StillBehind,
  attempt: number,
  open: Batch,
  outcomes: Map<number, ChangeOutcome>,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<void> {
  const obstacles = await catchUp(run.masters, Date.now() + run.patience, run.signal)
  // Masters that do not catch up without our locks either are kept from it by something else than these rows.
  const isByOurs = !obstacles.some(isPending)
  const halves = isByOurs && attempt >= ATTEMPTS_TOGETHER ? halvesOf(open, run.rows) : []
  if (halves.length > 1) {
    for (const half of halves) await applyBatch(half, outcomes, sessions, run)
  } else if (attempt < MOST_ATTEMPTS) await pause()
  else note(outcomes, failed(open, error, isByOurs))
}

/** The changes that an attempt has shown not to be possible; none, when it is only to be made again. */
async function failedBy(
  error: unknown,
  attempt: number,
  open: Batch,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<Outcomes> {
  if (error instanceof RowsFailed) return error.outcomes
  if (!isLockConflict(error) || attempt > MOST_ATTEMPTS) return failed(open, error)
  // The last attempt is made without the rows that somebody keeps to himself: they must not keep the others from it.
  if (attempt === MOST_ATTEMPTS) return heldRows(open, error, sessions, run)
  await pause()
  return new Map()
}

/** The changes that have to be left out because others hold their rows; all of them, when it cannot be told which. */
async function heldRows(open: Batch, error: unknown, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  const changes = onePerRow(changesOf(open), [], run)
  const held = new Map<number, ChangeOutcome>()
  try {
    await sessions.begin()
    for (const each of run.masters) note(held, await findHeld(sessions.of(each.name), changes, run))
  } catch {
    held.clear()
  }
  await sessions.rollBack()
  return held.size === 0 ? failed(open, error) : held
}

/** @param outcomes of rows found not to be as planned, whatever becomes of the attempt; and of all, when it succeeds. */
async function attemptAll(
  batch: Batch,
  outcomes: Map<number, ChangeOutcome>,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<void> {
  await sessions.begin()
  for (const { name } of run.masters) {
    const own = changesOf(batch.filter(({ master }) => master === name))
    const others = onePerRow(changesOf(batch), own, run)
    note(outcomes, await lockRows(sessions.of(name), own, 'exclusive', run))
    note(outcomes, await lockRows(sessions.of(name), others, 'shared', run))
  }
  const fitting = openSteps(batch, outcomes, run)
  if (fitting.length > 0) note(outcomes, await writeBatch(fitting, sessions, run))
  await sessions.rollBack()
}

/** One change for each row that none of `except` is of. */
function onePerRow(changes: readonly RowChange[], except: readonly RowChange[], run: ApplyRun): readonly RowChange[] {
  const taken = new Set(except.map((change) => rowOf(change, run.rows)))
  return changes.filter((change) => {
    const row = rowOf(change, run.rows)
    const isFirst = !taken.has(row)
    taken.add(row)
    return isFirst
  })
}

function pause(): Promise<void> {
  return sleep(PAUSE_MS * (1 + Math.random()))
}

function failed(open: Batch, error: unknown, busy = false): Outcomes {
  const lost = isConnectionLost(error) ? 'the connection was lost: ' : ''
  const outcome: ChangeOutcome = { status: 'failed', reason: `${lost}${messageOf(error)}`, busy }
  return new Map(changesOf(open).map(({ id }) => [id, outcome]))
}
