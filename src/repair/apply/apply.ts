import { isConnectionLost } from '../../masters/server-errors.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, MasterScript, Step } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { inTransactions } from '../../sql/transactions.js'
import type { ApplyRun } from './apply-run.js'
import { type Outcomes, stopsTable } from './outcomes.js'
import { RepairSessions } from './sessions.js'
import { applySteps } from './transaction.js'

/**
 * Carries out the scripts, one master after the other, in transactions of bounded size. An error that is not about single
 * rows stops its table on that master; the other tables go on.
 *
 * @param onProgress is told how many changes were tried, of how many.
 * @returns what became of each change, by its id.
 */
export async function applyScripts(
  scripts: readonly MasterScript[],
  run: ApplyRun,
  onProgress: (done: number, all: number) => void
): Promise<Outcomes> {
  const outcomes = new Map<number, ChangeOutcome>()
  const all = scripts.reduce((sum, script) => sum + new Set(script.steps.map((step) => step.change.id)).size, 0)
  const targets = new Set(scripts.map((script) => script.master))
  const sessions = await RepairSessions.open(run.masters, targets, run.config.viaReplication)
  try {
    for (const { master, steps } of scripts) {
      const stopped = new Map<string, string>()
      for (const transaction of inTransactions(steps)) {
        if (run.signal?.aborted) return outcomes
        const going = withoutStopped(transaction, stopped, outcomes)
        for (const [id, outcome] of await applySteps(master, going, outcomes, sessions, run)) outcomes.set(id, outcome)
        noteStopped(going, outcomes, stopped)
        onProgress(outcomes.size, all)
      }
    }
  } catch (error) {
    // Rows without an outcome are told as not reached.
    if (run.signal?.aborted) return outcomes
    if (!isConnectionLost(error)) throw error
    failRest(scripts, outcomes, messageOf(error))
  } finally {
    await sessions.close()
  }
  return outcomes
}

function withoutStopped(
  steps: readonly Step[],
  stopped: ReadonlyMap<string, string>,
  outcomes: Map<number, ChangeOutcome>
): readonly Step[] {
  return steps.filter(({ change }) => {
    const reason = stopped.get(tableName(change.table.ref))
    if (reason !== undefined) {
      outcomes.set(change.id, { status: 'failed', reason: `the table was stopped after an error: ${reason}` })
    }
    return reason === undefined
  })
}

function noteStopped(steps: readonly Step[], outcomes: Outcomes, stopped: Map<string, string>): void {
  for (const { change } of steps) {
    const reason = stopsTable(outcomes.get(change.id))
    if (reason !== null) stopped.set(tableName(change.table.ref), reason)
  }
}

function failRest(scripts: readonly MasterScript[], outcomes: Map<number, ChangeOutcome>, reason: string): void {
  for (const { change } of scripts.flatMap((script) => script.steps)) {
    if (!outcomes.has(change.id)) outcomes.set(change.id, { status: 'failed', reason })
  }
}
