import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { Divergence } from '../model/divergence.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { AuditEvent, Progress } from '../model/events.js'
import type { TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import { tableName } from '../model/table.js'
import { type Hashing, loadHashing } from '../wire/hasher.js'
import { checkConditions } from './check-statements.js'
import { closeAll, connectMasters, liveMasters } from './connect-masters.js'
import type { TableContext } from './context.js'
import { type Gate, OPEN } from './gate.js'
import { selfCheck } from './self-check.js'
import type { AuditTable, TablePlan } from './table-plan.js'
import { notCompared, TableTally } from './table-tally.js'

/** Ways to watch and to end an audit. */
export interface AuditHooks {
  /** Aborting ends the audit with an `interrupted` error. */
  readonly signal?: AbortSignal
  /** Called often; must return quickly. */
  readonly onProgress?: (progress: Progress) => void
}

/** What all of a run works with. */
export interface Run {
  readonly startedAt: Date
  readonly masters: readonly Master[]
  readonly config: AuditConfig
  readonly hooks: AuditHooks
  readonly hashing: Hashing
  readonly gate: Gate
}

/** What comparing a table yields: a divergence, and beside it the row as an earlier report has it, where there is one. */
export interface Found {
  readonly divergence: Divergence
  readonly reported?: Divergence
}

/** One table of a run, and how it is compared. */
export interface TableTask {
  readonly plan: TablePlan
  /** What is known to be lacking before it is compared, so that it counts as failed whatever is found; else empty. */
  readonly troubles: readonly string[]
  compare(context: TableContext, tally: TableTally, onProgress: () => void): AsyncIterable<Found>
}

/**
 * Connects to all masters, proves that values arrive alike, and hands over to `events`. Sessions are ended with it,
 * however it ends.
 */
export async function* withMasters(
  config: AuditConfig,
  hooks: AuditHooks,
  events: (run: Run) => AsyncIterable<AuditEvent>
): AsyncGenerator<AuditEvent, void> {
  const startedAt = new Date()
  const masters = await connectMasters(config)
  const abort = () => void closeAll(masters)
  hooks.signal?.addEventListener('abort', abort, { once: true })
  try {
    hooks.signal?.throwIfAborted()
    await selfCheck(masters)
    yield* events({ startedAt, masters, config, hooks, hashing: await loadHashing(), gate: OPEN })
  } catch (error) {
    throw hooks.signal?.aborted ? interrupted(error) : error
  } finally {
    hooks.signal?.removeEventListener('abort', abort)
    await closeAll(masters)
  }
}

/** Lets every master judge the conditions of the tables that will be compared. */
export function checkPlans(run: Run, plans: readonly TablePlan[]): Promise<void> {
  return checkConditions(
    run.masters,
    plans.flatMap((plan) => (plan.kind === 'compare' ? [plan.table] : []))
  )
}

/** What such a table costs is said before it is paid. */
export function keylessNotes(plans: readonly TablePlan[]): readonly string[] {
  return plans.flatMap((plan) =>
    plan.kind === 'compare' && plan.table.keyColumns.length === 0
      ? [
          `${tableName(plan.table.ref)} has no key that names every row (about ${plan.table.estimatedRows} rows): it is read ` +
            'whole in one statement, and again several times if it differs'
        ]
      : []
  )
}

/** Compares one table after the other. @param unreached tables besides these that count as failed. */
export async function* runTasks(
  tasks: readonly TableTask[],
  run: Run,
  unreached = 0
): AsyncGenerator<AuditEvent, void> {
  const results: TableResult[] = []
  for (const task of tasks) {
    const { plan } = task
    const onProgress = (progress: TableProgress) =>
      run.hooks.onProgress?.({ ...progress, tablesDone: results.length, tables: tasks.length })
    yield { type: 'table-started', ref: plan.kind === 'compare' ? plan.table.ref : plan.ref }
    const result = plan.kind === 'compare' ? yield* runTask(task, plan.table, run, onProgress) : notCompared(plan)
    results.push(result)
    yield { type: 'table-finished', result }
  }
  yield { type: 'finished', finishedAt: new Date(), summary: summarise(results, unreached) }
}

type TableProgress = Omit<Progress, 'tables' | 'tablesDone'>

/** Compares a table on every master that answers; with one silent, the others are compared and the table counts as failed. */
async function* runTask(
  task: TableTask,
  table: AuditTable,
  run: Run,
  onProgress: (progress: TableProgress) => void
): AsyncGenerator<AuditEvent, TableResult> {
  const { live, failures } = await liveMasters(run.masters)
  run.hooks.signal?.throwIfAborted()
  const tally = new TableTally(
    table,
    live.map((master) => master.name)
  )
  if (live.length < 2) return tally.cutShort([...task.troubles, ...failures].join('; '))
  const context = { ...run, masters: live, table, signal: run.hooks.signal }
  const report = () =>
    onProgress({
      ref: table.ref,
      rows: tally.rowsRead,
      estimatedRows: table.estimatedRows,
      chunks: tally.chunks,
      mismatched: tally.mismatched
    })
  const silent = failures.length === 0 ? [] : [`not compared on every master: ${failures.join('; ')}`]
  const troubles = [...task.troubles, ...silent]
  try {
    for await (const found of task.compare(context, tally, report)) yield { type: 'divergence', ...found }
  } catch (error) {
    run.hooks.signal?.throwIfAborted()
    return tally.cutShort([...troubles, withHint(error)].join('; '))
  }
  return tally.result(troubles.length === 0 ? null : troubles.join('; '))
}

function withHint(error: unknown): string {
  return error instanceof MmauditError && error.hint !== null ? `${error.message} (${error.hint})` : messageOf(error)
}

function interrupted(cause: unknown): MmauditError {
  return new MmauditError('interrupted', 'the audit was interrupted before its end', { cause })
}
