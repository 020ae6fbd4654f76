import { isConnectionLost } from '../../masters/server-errors.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, MasterScript, RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import type { ApplyRun } from './apply-run.js'
import { type Batch, batchesOf, changesOf } from './batches.js'
import { note, type Outcomes, stopsTable } from './outcomes.js'
import { RepairSessions } from './sessions.js'
import { applyBatch } from './transaction.js'

/**
 * Carries out the scripts, in transactions of bounded size. An error that is not about single rows stops its table on that master; the other tables go on.
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
    const stopped = new Map<string, string>()
    for (const batch of batchesOf(scripts, run.rows)) {
      if (run.signal?.aborted) return outcomes
      note(outcomes, stoppedIn(batch, stopped))
      await applyBatch(batch, outcomes, sessions, run)
      noteStopped(batch, outcomes, stopped)
      onProgress(outcomes.size, all)
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

/** What is left of tables that were stopped on a master. */
function stoppedIn(batch: Batch, stopped: ReadonlyMap<string, string>): Outcomes {
  return new Map(
    changesOf(batch).flatMap((change) => {
      const reason = stopped.get(placeOf(change))
      return reason === undefined
        ? []
        : [[change.id, { status: 'failed', reason: `the table was stopped after an error: ${reason}` }] as const]
    })
  )
}

function noteStopped(batch: Batch, outcomes: Outcomes, stopped: Map<string, string>): void {
  for (const change of changesOf(batch)) {
    const reason = stopsTable(outcomes.get(change.id))
    const place = placeOf(change)
    if (reason !== null && !stopped.has(place)) stopped.set(place, reason)
  }
}

function placeOf({ master, table }: RowChange): string {
  return JSON.stringify([master, tableName(table.ref)])
}

function failRest(scripts: readonly MasterScript[], outcomes: Map<number, ChangeOutcome>, reason: string): void {
  for (const { change } of scripts.flatMap((script) => script.steps)) {
    if (!outcomes.has(change.id)) outcomes.set(change.id, { status: 'failed', reason })
  }
}
