import { replicationNotes } from '../masters/catch-up.js'
import type { AuditConfig } from '../model/config.js'
import type { AuditEvent } from '../model/events.js'
import type { NamedRows, SavedReport } from '../model/saved-report.js'
import type { TableRef } from '../model/table.js'
import { auditTable } from './audit-table.js'
import { inspectNamed } from './inspect.js'
import { identityNotes, reportedMasters } from './recheck-masters.js'
import { recheckRows } from './recheck-rows.js'
import { type AuditHooks, checkPlans, keylessNotes, type Run, runTasks, type TableTask, withMasters } from './run.js'
import type { TablePlan } from './table-plan.js'

/**
 * Reads the rows that a report names again, on the masters that it compared, and yields those that still differ: with
 * their present values and class, and beside each as `reported` the row as the report has it. Rows that agree now are
 * left out. What the audit of the report could not look at, this does not either: those tables are failed. Tables without
 * a key are compared whole. Nothing is written on any master.
 *
 * @throws MmauditError as `audit` does, and `config` when a master of the report is not configured.
 */
export async function* recheck(
  config: AuditConfig,
  report: SavedReport,
  hooks: AuditHooks = {}
): AsyncGenerator<AuditEvent, void> {
  const { masters, notes } = reportedMasters(config.masters, report)
  yield* withMasters({ ...config, masters }, hooks, (run) => recheckAll(run, report, notes))
}

async function* recheckAll(run: Run, report: SavedReport, notes: readonly string[]): AsyncGenerator<AuditEvent, void> {
  const { startedAt, masters, config } = run
  const infos = masters.map((master) => master.info)
  const tasks = await tasksOf(run, report)
  const plans = tasks.map((task) => task.plan)
  await checkPlans(run, plans)
  const unreached = unreachedTables(report)
  const rows = report.named.reduce((sum, named) => sum + named.rows, 0)
  yield {
    type: 'started',
    header: {
      startedAt,
      checksum: config.checksum,
      masters: infos,
      tables: tasks.length + unreached,
      notes: [
        `only rows that ${report.name} names were read again (${rows}, audit of ${report.startedAt}); rows that came to differ since then are not looked for`,
        ...notes,
        ...identityNotes(infos, report.masters),
        ...(await replicationNotes(masters)),
        ...run.gateNotes,
        ...keylessNotes(plans)
      ],
      rechecked: { report: report.name, rows }
    }
  }
  yield* runTasks(tasks, run, unreached)
}

/** Tables of the audit that the report does not tell of, because it was cut short. */
function unreachedTables({ tables, summary }: SavedReport): number {
  const told = tables.filter(({ status }) => status === 'failed' || status === 'skipped').length
  return Math.max(0, summary.failed + summary.skipped - told)
}

interface NamedTable extends NamedRows {
  /** What the audit did not see of it; `null` when it saw all. */
  readonly lacking: string | null
}

async function tasksOf(run: Run, report: SavedReport): Promise<readonly TableTask[]> {
  const tables = namedTables(report)
  const wanted = tables.filter((table) => table.rows > 0)
  const plans = await inspectNamed(
    run.masters,
    run.config,
    wanted.map((table) => table.ref)
  )
  return tables.map((table) => {
    const at = wanted.indexOf(table)
    return at === -1 ? failedTask(table.ref, table.lacking ?? '') : taskOf(table, plans[at] ?? null, report)
  })
}

/** Every table with rows to read, and every table that the audit of the report did not see whole. */
function namedTables(report: SavedReport): readonly NamedTable[] {
  const rows = new Map(report.named.map((named) => [refText(named.ref), named]))
  const told = report.tables.map((result) => {
    const ref = { database: result.database, table: result.table }
    return { ref, rows: rows.get(refText(ref))?.rows ?? 0, lacking: lackingOf(result, report.startedAt) }
  })
  const known = new Set(told.map(({ ref }) => refText(ref)))
  const others = report.named.filter(({ ref }) => !known.has(refText(ref)))
  return [...told, ...others.map((named) => ({ ...named, lacking: null }))].filter(
    (table) => table.rows > 0 || table.lacking !== null
  )
}

const LACKING = 'in the audit of'

function lackingOf(result: SavedReport['tables'][number], startedAt: string): string | null {
  const { status, reason, unsettled, unlisted = 0 } = result
  if (status === 'failed' || status === 'skipped') {
    // The report of a recheck says so already.
    if (reason?.includes(LACKING)) return reason
    return `was not compared to its end ${LACKING} ${startedAt}: ${reason ?? status}; audit it again`
  }
  if (unlisted > 0)
    return `${unlisted} divergent rows were only counted ${LACKING} ${startedAt}, and the report does not name them; audit it again`
  if (unsettled === 0) return null
  return `${unsettled} rows did not settle ${LACKING} ${startedAt}, and the report does not name them; audit it again`
}

function taskOf(table: NamedTable, plan: TablePlan | null, report: SavedReport): TableTask {
  const { ref, rows, lacking } = table
  if (plan === null) return failedTask(ref, 'is on no master any more, or the accounts may not see it')
  if (plan.kind === 'fail') return failedTask(ref, plan.reason, plan)
  const troubles = lacking === null ? [] : [lacking]
  if (plan.table.keyColumns.length === 0) return { plan, troubles, compare: auditTable }
  return {
    // Keys of the report may be spelled otherwise than they are now, so the server has to say which one a row has.
    plan: { kind: 'compare', table: { ...plan.table, looseKey: true, estimatedRows: rows } },
    troubles,
    compare: (context, tally, onProgress) => recheckRows(context, tally, report.divergences(ref), onProgress)
  }
}

function failedTask(ref: TableRef, reason: string, plan?: TablePlan): TableTask {
  return {
    plan: plan ?? { kind: 'fail', ref, reason, drift: [] },
    troubles: [],
    compare: () => {
      throw new Error('a table that failed is not compared')
    }
  }
}

function refText({ database, table }: TableRef): string {
  return JSON.stringify([database, table])
}
