import { recheck } from '../../audit/recheck.js'
import { withEvidence } from '../../evidence/with-evidence.js'
import { stoppedDirections } from '../../masters/catch-up.js'
import type { Master } from '../../masters/master.js'
import type { AuditConfig } from '../../model/config.js'
import type { Divergence } from '../../model/divergence.js'
import type { Mend, PendingRow, StoppedTransaction } from '../../model/doctor.js'
import { MmauditError } from '../../model/errors.js'
import { rowsFoundIn } from '../../model/events.js'
import type { RepairConfig } from '../../model/repair.js'
import { reportOf } from '../../repair/apply/verify.js'
import type { RepairPlan } from '../../repair/plan/plan.js'
import { type Repaired, type RepairRequest, repair } from '../../repair/repair.js'
import { stepStatement } from '../../sql/repair.js'
import { run } from '../mends.js'
import type { StoppedApplier } from './find-stopped.js'
import { type PendingTransaction, readPending } from './read-pending.js'
import { stepOverStatements, whyNotExactly } from './step-over.js'

/** What stopped appliers are looked at with, and repaired by. */
export interface UnblockRequest {
  readonly runId: string
  readonly audit: AuditConfig
  readonly repair: RepairConfig
}

/** A stopped applier that was looked at. */
export interface ExaminedStop {
  readonly told: StoppedTransaction
  /** What the repair of its rows is made from; `null` when the transaction could not be read. */
  readonly pending: PendingTransaction | null
}

/**
 * Looks at the transaction that an applier has stopped at: which rows it changes, which of them differ now, what a repair by
 * the rules given would do with those, and how it is stepped over then. Nothing is written.
 */
export async function examineStop(
  stopped: StoppedApplier,
  masters: readonly Master[],
  request: UnblockRequest,
  signal: AbortSignal | undefined
): Promise<ExaminedStop> {
  const blank = describe(stopped)
  try {
    const pending = await readPending(stopped, masters, request.audit)
    const found = await rowsNow(pending.rows, masters, request.audit, signal)
    const { repaired, mend } = await rehearse(found.divergences, masters, request, signal)
    const stepOver = stepOverStatements(stopped.facts, stopped.channel, pending.gtid)
    return {
      pending,
      told: {
        ...blank,
        gtid: pending.gtid,
        position: `${pending.begin.file}:${pending.begin.offset}`,
        rows: pending.rows,
        divergences: repaired?.divergences ?? [],
        repair: repaired?.summary ?? null,
        mend,
        stepOver: stepOver.map((statement) => run(stopped.facts, statement)),
        obstacle:
          pending.problems[0] ??
          found.problem ??
          whyNotExactly(stopped.facts, stopped.channel, pending.gtid) ??
          whyUndecided(repaired)
      }
    }
  } catch (error) {
    if (!(error instanceof MmauditError) || error.code === 'interrupted') throw error
    return { pending: null, told: { ...blank, obstacle: error.message } }
  }
}

function describe({ facts, channel, source }: StoppedApplier): StoppedTransaction {
  return {
    master: facts.info.name,
    channel: channel.name,
    source: source?.info.name ?? null,
    errno: channel.applierError?.errno ?? 0,
    message: channel.applierError?.message ?? '',
    gtid: channel.applierError?.gtid ?? null,
    position: `${channel.applied.file}:${channel.applied.offset}`,
    rows: [],
    divergences: [],
    repair: null,
    mend: [],
    stepOver: [],
    obstacle: null
  }
}

/** Those of the rows that are not the same on all masters, with what the binlogs tell of them. */
export async function rowsNow(
  rows: readonly PendingRow[],
  masters: readonly Master[],
  audit: AuditConfig,
  signal: AbortSignal | undefined
): Promise<{ readonly divergences: readonly Divergence[]; readonly problem: string | null }> {
  const divergences: Divergence[] = []
  let problem: string | null = null
  const whole = wholeRows(audit)
  const hooks = signal === undefined ? {} : { signal }
  const found = recheck(whole, reportOf('the transaction', rows.map(asReported), masters), hooks)
  for await (const event of whole.evidence === 'off' ? found : withEvidence(found, whole, hooks)) {
    divergences.push(...rowsFoundIn(event).map(({ divergence }) => divergence))
    if (event.type === 'table-finished' && event.result.status === 'failed') {
      problem ??= event.result.reason ?? 'a table could not be read'
    }
  }
  return { divergences, problem }
}

/** A transaction may have changed just what audits leave out. */
function wholeRows(audit: AuditConfig): AuditConfig {
  const tables = audit.tables.map((table) => ({ ...table, where: null, ignoreColumns: [] }))
  return { ...audit, where: null, ignoreColumns: [], tables, maxDivergences: null }
}

/** Of a row that is only looked for, nothing but its key is known. */
function asReported({ database, table, key }: PendingRow): Divergence {
  return { database, table, key, class: 'conflict', reason: '', columns: [], rows: {}, decision: null, evidence: null }
}

/** What a repair of these rows needs, beside what is done with its plan. */
export async function repairOf(
  divergences: readonly Divergence[],
  masters: readonly Master[],
  { runId, audit, repair }: UnblockRequest
): Promise<Omit<RepairRequest, 'journal'>> {
  return {
    ...{ runId, audit: wholeRows(audit), repair, results: [] },
    overrideOf: () => null,
    wrong: divergences.map((divergence) => ({ divergence, seen: divergence.rows })),
    standstill: await stoppedDirections(masters)
  }
}

async function rehearse(
  divergences: readonly Divergence[],
  masters: readonly Master[],
  request: UnblockRequest,
  signal: AbortSignal | undefined
): Promise<{ readonly repaired: Repaired | null; readonly mend: readonly Mend[] }> {
  if (divergences.length === 0) return { repaired: null, mend: [] }
  let mend: readonly Mend[] = []
  const onPlan = async (plan: RepairPlan) => {
    mend = statementsOf(plan)
    return false
  }
  const repaired = await repair(
    { ...(await repairOf(divergences, masters, request)), journal: null },
    { onPlan, ...(signal === undefined ? {} : { signal }) }
  )
  return { repaired, mend }
}

/** Everything that a plan would run, in order. */
export function statementsOf({ scripts }: RepairPlan): readonly Mend[] {
  return scripts.flatMap(({ master, settings, steps }) =>
    [...settings, 'START TRANSACTION', ...steps.map(stepStatement), 'COMMIT'].map((statement) => ({
      master,
      statement
    }))
  )
}

/** All rows must be as wanted before the transaction may be given up: those that differ are repaired, or nothing is. */
function whyUndecided(repaired: Repaired | null): string | null {
  if (repaired === null) return null
  const { divergences, summary } = repaired
  if (summary.stopped !== null) return summary.stopped
  const left = divergences.filter(({ decision }) => decision?.status !== 'planned')
  const [first] = left
  if (first === undefined) return null
  const rows = `${left.length} of its rows ${left.length === 1 ? 'differs' : 'differ'}`
  return first.decision?.status === 'manual'
    ? `${rows}, and nothing says who wins: name a policy, such as --policy prefer:${Object.keys(first.rows)[0]}`
    : `${rows}, and cannot be repaired: ${first.decision?.reason}`
}
