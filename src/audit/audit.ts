import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { AuditEvent, Progress } from '../model/events.js'
import type { TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import { tableName } from '../model/table.js'
import { type Hashing, loadHashing } from '../wire/hasher.js'
import { auditTable } from './audit-table.js'
import { checkConditions } from './check-statements.js'
import { closeAll, connectMasters, liveMasters, masterNotes } from './connect-masters.js'
import { inspect } from './inspect.js'
import { leftOutNotes } from './left-out.js'
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

/**
 * Compares the tables of all masters and yields what it finds, in order; the audit goes on only as its consumer does.
 * Nothing is written on any master.
 *
 * @throws MmauditError `incomplete` when a master cannot be reached or read at all, `usage` or `config` when the
 *   configuration names what is not there. Later failures belong to a table, and are its result.
 */
export async function* audit(config: AuditConfig, hooks: AuditHooks = {}): AsyncGenerator<AuditEvent, void> {
  const startedAt = new Date()
  const masters = await connectMasters(config)
  const abort = () => void closeAll(masters)
  hooks.signal?.addEventListener('abort', abort, { once: true })
  try {
    hooks.signal?.throwIfAborted()
    await selfCheck(masters)
    const plans = await inspect(masters, config)
    await checkConditions(
      masters,
      plans.flatMap((plan) => (plan.kind === 'compare' ? [plan.table] : []))
    )
    const notes = [...(await masterNotes(masters)), ...(await leftOutNotes(masters, config)), ...keylessNotes(plans)]
    const infos = masters.map((master) => master.info)
    yield {
      type: 'started',
      header: { startedAt, checksum: config.checksum, masters: infos, tables: plans.length, notes }
    }
    yield* auditPlans(plans, { masters, config, hooks, hashing: await loadHashing() })
  } catch (error) {
    throw hooks.signal?.aborted ? interrupted(error) : error
  } finally {
    hooks.signal?.removeEventListener('abort', abort)
    await closeAll(masters)
  }
}

/** What such a table costs is said before it is paid. */
function keylessNotes(plans: readonly TablePlan[]): readonly string[] {
  return plans.flatMap((plan) =>
    plan.kind === 'compare' && plan.table.keyColumns.length === 0
      ? [
          `${tableName(plan.table.ref)} has no key that names every row (about ${plan.table.estimatedRows} rows): it is read ` +
            'whole in one statement, and again several times if it differs'
        ]
      : []
  )
}

interface Run {
  readonly masters: readonly Master[]
  readonly config: AuditConfig
  readonly hooks: AuditHooks
  readonly hashing: Hashing
}

async function* auditPlans(plans: readonly TablePlan[], run: Run): AsyncGenerator<AuditEvent, void> {
  const results: TableResult[] = []
  for (const plan of plans) {
    const onProgress = (progress: TableProgress) =>
      run.hooks.onProgress?.({ ...progress, tablesDone: results.length, tables: plans.length })
    yield { type: 'table-started', ref: plan.kind === 'compare' ? plan.table.ref : plan.ref }
    const result = plan.kind === 'compare' ? yield* comparePlanned(plan.table, run, onProgress) : notCompared(plan)
    results.push(result)
    yield { type: 'table-finished', result }
  }
  yield { type: 'finished', finishedAt: new Date(), summary: summarise(results) }
}

type TableProgress = Omit<Progress, 'tables' | 'tablesDone'>

/** Compares a table on every master that answers; with one silent, the others are compared and the table counts as failed. */
async function* comparePlanned(
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
  if (live.length < 2) return tally.cutShort(failures.join('; '))
  const context = { ...run, masters: live, table, signal: run.hooks.signal }
  const report = () =>
    onProgress({
      ref: table.ref,
      rows: tally.rowsRead,
      estimatedRows: table.estimatedRows,
      chunks: tally.chunks,
      mismatched: tally.mismatched
    })
  const troubles = failures.length === 0 ? [] : [`not compared on every master: ${failures.join('; ')}`]
  try {
    for await (const divergence of auditTable(context, tally, report)) yield { type: 'divergence', divergence }
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
