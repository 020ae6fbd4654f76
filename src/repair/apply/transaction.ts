import { setTimeout as sleep } from 'node:timers/promises'
import { catchUp } from '../../masters/catch-up.js'
import { isConnectionLost, isLockConflict } from '../../masters/server-errors.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, Step } from '../../model/repair.js'
import type { ApplyRun } from './apply-run.js'
import { findHeld, lockRows } from './lock-rows.js'
import { blocked, type Outcomes } from './outcomes.js'
import type { RepairSessions } from './sessions.js'
import { RowsFailed, StillBehind, writeSteps } from './write-steps.js'

/** Deadlocks and lock waits that are borne before rows are given up: the application's writes go first. */
const MOST_ATTEMPTS = 8
const PAUSE_MS = 100

/**
 * Makes the changes of `steps` on one master in one transaction, as far as they can be made: the rows are locked on every
 * master and must still be what was planned on, every master must have applied all that the others had then, every
 * statement must change one row, and each row must read back as wanted. Only then, and once the journal holds it on disk,
 * is it committed. Whatever does not fit is left out; a deadlock or a lock that is not given up begins it anew.
 *
 * @param earlier what became of the changes before these.
 * @returns what became of each change, by its id.
 */
export async function applySteps(
  master: string,
  steps: readonly Step[],
  earlier: Outcomes,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<Outcomes> {
  const outcomes = new Map<number, ChangeOutcome>()
  for (let attempt = 1; ; attempt++) {
    const open = openSteps(steps, earlier, outcomes)
    if (open.length === 0) return outcomes
    try {
      return merge(outcomes, await attemptAll(master, open, sessions, run))
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
  open: readonly Step[],
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
async function heldRows(
  open: readonly Step[],
  error: unknown,
  sessions: RepairSessions,
  run: ApplyRun
): Promise<Outcomes> {
  const changes = [...new Set(open.map((step) => step.change))]
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

async function attemptAll(
  master: string,
  steps: readonly Step[],
  sessions: RepairSessions,
  run: ApplyRun
): Promise<Outcomes> {
  const changes = [...new Set(steps.map((step) => step.change))]
  const outcomes = new Map<number, ChangeOutcome>()
  await sessions.begin()
  for (const each of run.masters) {
    const locking = each.name === master ? 'exclusive' : 'shared'
    merge(outcomes, await lockRows(sessions.of(each.name), changes, locking, run))
  }
  const fitting = openSteps(steps, new Map(), outcomes)
  if (fitting.length > 0) merge(outcomes, await writeSteps(master, fitting, sessions, run))
  await sessions.rollBack()
  return outcomes
}

/** The steps whose changes are still open. What builds on a change that was not made is refused. */
function openSteps(steps: readonly Step[], earlier: Outcomes, outcomes: Map<number, ChangeOutcome>): readonly Step[] {
  const known = new Map([...earlier, ...outcomes])
  for (let before = -1; before !== known.size; ) {
    before = known.size
    for (const { change, needs } of steps) {
      const outcome = known.has(change.id) ? null : blocked(needs, known)
      if (outcome === null) continue
      known.set(change.id, outcome)
      outcomes.set(change.id, outcome)
    }
  }
  return steps.filter(({ change }) => !outcomes.has(change.id))
}

function isWorthRetrying(error: unknown): boolean {
  return error instanceof StillBehind || isLockConflict(error)
}

/** Gives the masters time to apply what was in the way. */
async function pauseAfter(error: unknown, run: ApplyRun): Promise<void> {
  if (error instanceof StillBehind) await catchUp(run.masters, Date.now() + run.patience, run.signal)
  await sleep(PAUSE_MS * (1 + Math.random()))
}

function failed(open: readonly Step[], error: unknown): Outcomes {
  const lost = isConnectionLost(error) ? 'the connection was lost: ' : ''
  const outcome: ChangeOutcome = { status: 'failed', reason: `${lost}${messageOf(error)}` }
  return new Map(open.map(({ change }) => [change.id, outcome]))
}

function merge(into: Map<number, ChangeOutcome>, from: Outcomes): Outcomes {
  for (const [id, outcome] of from) into.set(id, outcome)
  return into
}
