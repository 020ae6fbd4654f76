import type { Standstill } from '../masters/catch-up.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { Costs } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import type { PolicyChoice } from '../model/policy-choice.js'
import type { Override, RepairConfig, RepairSummary } from '../model/repair.js'
import type { TableResult } from '../model/report.js'
import { applyPlan } from './apply/apply-plan.js'
import type { Ending } from './apply/decision.js'
import { Journal, readJournal } from './apply/journal.js'
import { reconcile } from './apply/reconcile.js'
import { outcomeOf } from './apply/summary.js'
import { verify } from './apply/verify.js'
import { writtenBefore } from './apply/written-before.js'
import { PolicyChoices } from './decide/choices.js'
import { Decider } from './decide/decide.js'
import { decidingFor } from './decide/deciding.js'
import { planRepair, type RepairPlan } from './plan/plan.js'
import type { Written, Wrong } from './plan/plan-rows.js'
import { changesOf } from './plan/planned-row.js'
import { planRepairTables } from './plan/repair-table.js'
import { idMapOf, type MappedId, openIds } from './rekey/id-map.js'
import type { Rekeying } from './rekey/rekeying.js'
import type { ReadEvidence } from './rekey/writers.js'
import { withMasters } from './with-masters.js'

/** What is to be repaired, and how. */
export interface RepairRequest {
  readonly runId: string
  readonly audit: AuditConfig
  readonly repair: RepairConfig
  readonly overrideOf: (divergence: Divergence) => Override | null
  /** In the order of the audit. */
  readonly wrong: readonly Wrong[]
  /** What the audit counted, for the limits. */
  readonly results: readonly TableResult[]
  /** Path of the journal; `null` for a dry run, which writes nothing. */
  readonly journal: string | null
  /** Where an applier has stopped whose next transaction is known; anywhere else, a stopped applier forbids a repair. */
  readonly standstill?: Standstill
  /** Looks in the binlogs for rows beside those of the audit; absent where they are not to be read. */
  readonly readEvidence?: (masters: readonly Master[], rows: readonly Divergence[]) => ReturnType<ReadEvidence>
}

/** Ways to watch and to steer a repair. */
export interface RepairHooks {
  readonly signal?: AbortSignal
  /** Called with the plan before anything is written; `false` stops it. */
  readonly onPlan: (plan: RepairPlan) => Promise<boolean>
  /** Changes tried so far, and in all. */
  readonly onProgress?: (done: number, all: number) => void
  /** Called with the ids that rows get instead of theirs: before anything is written, and as they are at the end. */
  readonly onIdMap?: (ids: readonly MappedId[]) => Promise<void>
  /** What a part of the repair cost the masters, when it has ended, well or not. The parts add up. */
  readonly onCosts?: (costs: Costs) => void
}

/** What a repair did, or would do. */
export interface Repaired {
  /** With what was decided of each, in the order of the request. */
  readonly divergences: readonly Divergence[]
  readonly summary: RepairSummary
  /** Tables whose repaired rows could not all be proved to agree now, and why. */
  readonly unproved: ReadonlyMap<string, string>
}

/**
 * Decides what each divergent row shall be, plans how it gets there, and, unless it is a dry run, writes it and proves that
 * the masters agree.
 *
 * @throws MmauditError when the masters cannot be reached, the journal cannot be used or the configuration does not fit.
 *   Once writing has begun, errors belong to rows.
 */
export function repair(request: RepairRequest, hooks: RepairHooks): Promise<Repaired> {
  const { journal: path } = request
  return withMasters(request.audit, hooks, async (masters) => {
    if (path === null) return rehearse(masters, request, hooks)
    const infos = masters.map((master) => master.info)
    const journal = await Journal.open(path, request.runId, infos)
    return carryOut(masters, request, journal, hooks).finally(() => journal.close())
  })
}

/** What each policy that applies would do, by table and class; nothing is written. */
export function choices(
  { audit, wrong }: Pick<RepairRequest, 'audit' | 'wrong'>,
  hooks: Pick<RepairHooks, 'signal' | 'onCosts'>
): Promise<readonly PolicyChoice[]> {
  return withMasters(audit, hooks, async (masters) => {
    const divergences = wrong.map((each) => each.divergence)
    const tables = await planRepairTables(masters, audit, divergences)
    const counted = new PolicyChoices(decidingFor(masters, tables))
    await counted.add(divergences)
    return counted.list()
  })
}

/** A plan that is only shown begins from nothing. */
const NOTHING_BEFORE = { earlier: [], reserved: [], begun: [], noteReserved: null }

async function rehearse(masters: readonly Master[], request: RepairRequest, hooks: RepairHooks): Promise<Repaired> {
  const plan = await planFor(masters, request, () => undefined, NOTHING_BEFORE)
  await hooks.onPlan(plan)
  const ending: Ending = plan.stopped === null ? { kind: 'dry-run' } : { kind: 'stopped', reason: plan.stopped }
  return { ...outcomeOf(plan, ending, request), unproved: new Map() }
}

async function carryOut(
  masters: readonly Master[],
  request: RepairRequest,
  journal: Journal,
  hooks: RepairHooks
): Promise<Repaired> {
  const found = await reconcile(journal, masters, request.audit)
  const earlier = [...journal.earlier.committed, ...found]
  const plan = await planFor(masters, request, writtenBefore(earlier), {
    earlier,
    ...openIds({ ...journal.earlier, committed: earlier }),
    noteReserved: (ids) => journal.reserved(ids)
  })
  const agreed = await hooks.onPlan(plan)
  const stopped = plan.stopped ?? (agreed || plan.scripts.length === 0 ? null : 'it was not confirmed')
  if (stopped !== null) {
    return { ...outcomeOf(plan, { kind: 'stopped', reason: stopped }, request), unproved: new Map() }
  }
  await tellIds(plan, journal, hooks)
  const repaired = await applyPlan(plan, masters, request, journal, hooks, verify)
  await tellIds(plan, journal, hooks)
  return repaired
}

async function tellIds({ rows }: RepairPlan, { path }: Journal, { onIdMap }: RepairHooks): Promise<void> {
  if (onIdMap === undefined || changesOf(rows).every(({ family }) => family === undefined)) return
  const ids = idMapOf(await readJournal(path))
  if (ids.length > 0) await onIdMap(ids)
}

function planFor(
  masters: readonly Master[],
  { audit, repair: config, wrong, results, overrideOf, journal, standstill = [], readEvidence }: RepairRequest,
  written: Written,
  before: Omit<Rekeying, 'readEvidence'>
): Promise<RepairPlan> {
  return planRepair({
    masters,
    audit,
    repair: config,
    wrong,
    results,
    written,
    rekeying: {
      ...before,
      readEvidence: readEvidence === undefined ? null : (rows) => readEvidence(masters, rows)
    },
    writes: journal !== null,
    standstill,
    rule: (divergences, tables) =>
      new Decider({ ...decidingFor(masters, tables), rules: config.rules, overrideOf }).decide(divergences)
  })
}
