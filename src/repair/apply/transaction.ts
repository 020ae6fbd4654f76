import { setTimeout as sleep } from 'node:timers/promises'
import { catchUp } from '../../masters/catch-up.js'
import { isConnectionLost, isLockConflict } from '../../masters/server-errors.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, RowChange } from '../../model/repair.js'
import type { ApplyRun, LiveRow } from './apply-run.js'
import { type Batch, changesOf, rowOf } from './batches.js'
import { findHeld, lockRows } from './lock-rows.js'
import { blocked, type Outcomes } from './outcomes.js'
import type { RepairSessions } from './sessions.js'
import { RowsFailed, StillBehind, writeBatch } from './write-steps.js'

/** Deadlocks and lock waits that are borne before rows are given up: the application's writes go first. */
const MOST_ATTEMPTS = 8
const PAUSE_MS = 100

/**
 * Makes the changes of a batch, as far as they can be made: the rows are locked on every master and must still be what was
 * planned on, every master must have applied all that the others had then, every statement must change one row, and each row
 * must read back as wanted. Only then, and once the journal holds it on disk, is it committed, on one master after the other;
 * the locks are given back when it is on all of them. Whatever does not fit is left out; a deadlock or a lock that is not
 * given up begins it anew.
 *
 * @param earlier what became of changes before, those of this batch that must not be made any more among them.
 * @returns what became of each other change, by its id.
 */
export async function applyBatch(
  batch: Batch,
  earlier: Outcomes,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<Outcomes> {
  const outcomes = new Map<number, ChangeOutcome>()
  for (let attempt = 1; ; attempt++) {
    const open = openSteps(batch, earlier, outcomes, run)
    if (open.length === 0) return outcomes
    try {
      return merge(outcomes, await attemptAll(open, sessions, run))
    } catch (error) {
      await sessions.rollBack()
      run.signal?.throwIfAborted()
      merge(outcomes, await failedBy(error, attempt, open, sessions, run))
    }
  }
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
  if (isWorthRetrying(error) && attempt < MOST_ATTEMPTS) {
    await pauseAfter(error, run)
    return new Map()
  }
  // The last attempt is made without the rows that somebody keeps to himself: they must not keep the others from it.
  return isLockConflict(error) && attempt === MOST_ATTEMPTS ? heldRows(open, error, sessions, run) : failed(open, error)
}

/** The changes that have to be left out because others hold their rows; all of them, when it cannot be told which. */
async function heldRows(open: Batch, error: unknown, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  const changes = onePerRow(changesOf(open), [], run)
  const held = new Map<number, ChangeOutcome>()
  try {
    await sessions.begin()
    for (const each of run.masters) merge(held, await findHeld(sessions.of(each.name), changes, run))
  } catch {
    held.clear()
  }
  await sessions.rollBack()
  return held.size === 0 ? failed(open, error) : held
}

async function attemptAll(batch: Batch, sessions: RepairSessions, run: ApplyRun): Promise<Outcomes> {
  const outcomes = new Map<number, ChangeOutcome>()
  await sessions.begin()
  for (const { name } of run.masters) {
    const own = changesOf(batch.filter(({ master }) => master === name))
    const others = onePerRow(changesOf(batch), own, run)
    merge(outcomes, await lockRows(sessions.of(name), own, 'exclusive', run))
    merge(outcomes, await lockRows(sessions.of(name), others, 'shared', run))
  }
  const fitting = openSteps(batch, new Map(), outcomes, run)
  if (fitting.length > 0) merge(outcomes, await writeBatch(fitting, sessions, run))
  await sessions.rollBack()
  return outcomes
}

/**
 * The steps whose changes are still open. What builds on a change that was not made is refused, and what cannot be made on
 * one master is made on none.
 */
function openSteps(batch: Batch, earlier: Outcomes, outcomes: Map<number, ChangeOutcome>, run: ApplyRun): Batch {
  const known = new Map([...earlier, ...outcomes])
  const all = batch.flatMap(({ steps }) => steps)
  const changes = changesOf(batch)
  for (let before = -1; before !== known.size; ) {
    before = known.size
    const lost = lostRows(changes, known, run)
    for (const { change, needs } of all) {
      if (known.has(change.id)) continue
      const outcome = blocked(needs, known) ?? lost.get(rowOf(change, run.rows))
      if (outcome === undefined) continue
      known.set(change.id, outcome)
      outcomes.set(change.id, outcome)
    }
  }
  return batch.flatMap(({ master, steps }) => {
    const open = steps.filter(({ change }) => !known.has(change.id))
    return open.length === 0 ? [] : [{ master, steps: open }]
  })
}

/** Rows that cannot be made on some master, and why. */
function lostRows(
  changes: readonly RowChange[],
  outcomes: Outcomes,
  run: ApplyRun
): ReadonlyMap<LiveRow, ChangeOutcome> {
  const lost = new Map<LiveRow, ChangeOutcome>()
  for (const change of changes) {
    const outcome = outcomes.get(change.id)
    if (outcome !== undefined && outcome.status !== 'applied') lost.set(rowOf(change, run.rows), outcome)
  }
  return lost
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

function isWorthRetrying(error: unknown): boolean {
  return error instanceof StillBehind || isLockConflict(error)
}

/** Gives the masters time to apply what was in the way. */
async function pauseAfter(error: unknown, run: ApplyRun): Promise<void> {
  if (error instanceof StillBehind) await catchUp(run.masters, Date.now() + run.patience, run.signal)
  await sleep(PAUSE_MS * (1 + Math.random()))
}

function failed(open: Batch, error: unknown): Outcomes {
  const lost = isConnectionLost(error) ? 'the connection was lost: ' : ''
  const outcome: ChangeOutcome = { status: 'failed', reason: `${lost}${messageOf(error)}` }
  return new Map(changesOf(open).map(({ id }) => [id, outcome]))
}

function merge(into: Map<number, ChangeOutcome>, from: Outcomes): Outcomes {
  for (const [id, outcome] of from) into.set(id, outcome)
  return into
}
