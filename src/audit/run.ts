import { Master } from '../masters/master.js'
import { type Checkpoint, NO_CHECKPOINT } from '../model/checkpoint.js'
import type { AuditConfig } from '../model/config.js'
import type { Costs } from '../model/costs.js'
import { MmauditError } from '../model/errors.js'
import type { AuditEvent, Found, Progress, WaitReason } from '../model/events.js'
import type { Key } from '../model/range.js'
import type { TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import { tableName } from '../model/table.js'
import { type Hashing, loadHashing } from '../wire/hasher.js'
import { checkConditions } from './check-statements.js'
import { closeAll, connectMasters } from './connect-masters.js'
import type { TableContext } from './context.js'
import { DivergenceLimit } from './divergence-limit.js'
import type { Gate } from './gate.js'
import { Pressure } from './pressure.js'
import { runTable, type TableProgress } from './run-table.js'
import { selfCheck } from './self-check.js'
import type { TablePlan } from './table-plan.js'
import { notCompared, type TableTally } from './table-tally.js'
import { Throttle } from './throttle.js'

/** Ways to watch and to end an audit. */
export interface AuditHooks {
  /** Aborting ends the audit with an `interrupted` error. */
  readonly signal?: AbortSignal
  /** Called often; must return quickly. */
  readonly onProgress?: (progress: Progress) => void
  /** Called when the audit begins to wait, when the reasons for it change, and with none when it goes on. */
  readonly onWaiting?: (reasons: readonly WaitReason[]) => void
  /** Called with what a user should know of the servers while the audit runs. */
  readonly onNote?: (note: string) => void
  /** Where the audit writes down how far it came, and finds how far an earlier one came. */
  readonly checkpoint?: Checkpoint
}

/** What all of a run works with. */
export interface Run {
  readonly startedAt: Date
  readonly masters: readonly Master[]
  /** Fails unless values arrive alike from all masters; meanwhile, definitions may be read. */
  readonly proved: Promise<unknown>
  readonly config: AuditConfig
  readonly hooks: AuditHooks
  readonly hashing: Hashing
  readonly gate: Gate
  /** What the gate cannot watch, in words. */
  readonly gateNotes: readonly string[]
  readonly limit: DivergenceLimit
  readonly checkpoint: Checkpoint
}

/** What comparing a table yields: what differs, and at times the key below which all is compared and told. */
export type Step = { readonly found: readonly Found[] } | { readonly reached: Key }

type BrokenOff = Extract<AuditEvent, { type: 'broken-off' }>

/** One table of a run, and how it is compared. */
export interface TableTask {
  readonly plan: TablePlan
  /** What is known to be lacking before it is compared, so that it counts as failed whatever is found; else empty. */
  readonly troubles: readonly string[]
  /** @param from the first key to compare, where an earlier run came so far. */
  compare(context: TableContext, tally: TableTally, onProgress: () => void, from: Key | null): AsyncIterable<Step>
}

/**
 * Connects to all masters, begins to prove that values arrive alike, and hands over to `events`. Sessions are ended with it,
 * however it ends.
 */
export async function* withMasters<Event>(
  config: AuditConfig,
  hooks: AuditHooks,
  events: (run: Run) => AsyncIterable<Event>
): AsyncGenerator<Event | BrokenOff, void> {
  const startedAt = new Date()
  const { checkpoint = NO_CHECKPOINT } = hooks
  const pressure = new Pressure(config, (note) => hooks.onNote?.(note))
  const gate = gateOf(pressure, config, hooks)
  let masters: readonly Master[] = []
  const abort = () => void closeAll(masters)
  hooks.signal?.addEventListener('abort', abort, { once: true })
  try {
    await gate.pass()
    masters = await connectMasters(config, Master.logIn)
    hooks.signal?.throwIfAborted()
    await pressure.watch(masters)
    gate.forget()
    await gate.pass()
    const proved = prove(masters)
    // Whoever waits for it is told.
    proved.catch(() => {})
    const limit = new DivergenceLimit(config.maxDivergences)
    const gateNotes = pressure.notes
    yield* events({
      startedAt,
      masters,
      proved,
      config,
      hooks,
      hashing: await loadHashing(),
      gate,
      gateNotes,
      limit,
      checkpoint
    })
  } catch (error) {
    if (masters.length > 0) yield { type: 'broken-off', costs: costsOf(masters, gate) }
    throw hooks.signal?.aborted ? interrupted(error) : error
  } finally {
    hooks.signal?.removeEventListener('abort', abort)
    await closeAll(masters)
  }
}

async function prove(masters: readonly Master[]): Promise<void> {
  await Promise.all([...masters.map((master) => master.proved), selfCheck(masters)])
}

function gateOf(pressure: Pressure, { runTime }: AuditConfig, { onWaiting, signal }: AuditHooks): Throttle {
  const look = pressure.isLimited ? () => pressure.look() : null
  return new Throttle({ look, runTime, onWaiting: (reasons) => onWaiting?.(reasons), signal })
}

/** What a run has cost so far. */
export function costsOf(masters: readonly Master[], { throttled }: Gate): Costs {
  return { masters: Object.fromEntries(masters.map((master) => [master.name, master.cost])), throttled }
}

/** What has to hold before any row is read: values arrive alike, and every master takes the conditions of the tables. */
export async function checkPlans(run: Run, plans: readonly TablePlan[]): Promise<void> {
  await run.proved
  await checkConditions(
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
    if (plan.kind === 'compare') await run.gate.pass()
    yield { type: 'table-started', ref: plan.kind === 'compare' ? plan.table.ref : plan.ref }
    const result =
      plan.kind === 'compare' ? yield* run.limit.apply(runTable(task, plan.table, run, onProgress)) : notCompared(plan)
    results.push(result)
    yield { type: 'table-finished', result }
  }
  const costs = costsOf(run.masters, run.gate)
  yield { type: 'finished', finishedAt: new Date(), summary: summarise(results, unreached), costs }
}

function interrupted(cause: unknown): MmauditError {
  return new MmauditError('interrupted', 'the audit was interrupted before its end', { cause })
}
