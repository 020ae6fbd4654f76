import type { Master } from '../../masters/master.js'
import type { Divergence } from '../../model/divergence.js'
import { messageOf } from '../../model/errors.js'
import type { ChangeOutcome, RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { namedRow } from '../plan/named-row.js'
import type { RepairPlan } from '../plan/plan.js'
import { changedRows, changesIn, type PlannedRow } from '../plan/planned-row.js'
import type { Repaired, RepairHooks, RepairRequest } from '../repair.js'
import { applyScripts } from './apply.js'
import type { ApplyRun, LiveRow } from './apply-run.js'
import type { Journal, LeftRow } from './journal.js'
import type { Outcomes } from './outcomes.js'
import { outcomeOf } from './summary.js'
import { rowName, type Verified, type verify, whyReplicationStopped } from './verify.js'

/** What applying needs of a request. */
export type ApplyRequest = Pick<RepairRequest, 'audit' | 'repair' | 'runId' | 'journal' | 'standstill'>

/**
 * Writes what is planned.
 * @param prove reads what was written again, as an audit would.
 */
export async function applyPlan(
  plan: RepairPlan,
  masters: readonly Master[],
  request: ApplyRequest,
  journal: Journal,
  hooks: Omit<RepairHooks, 'onPlan'>,
  prove: typeof verify
): Promise<Repaired> {
  const run: ApplyRun = {
    masters,
    config: request.repair,
    rows: liveRows(plan.rows),
    journal,
    standstill: request.standstill ?? [],
    patience: request.audit.confirmTimeout * 1000,
    signal: hooks.signal
  }
  const outcomes = await applyScripts(plan.scripts, run, (done, all) => hooks.onProgress?.(done, all))
  await journal.left(leftRows(plan.rows, outcomes))
  const written = plan.rows.filter(({ fate }) => isWritten(fate, outcomes))
  const verified = await verifyWritten(written, masters, request, hooks, prove)
  const ending = { kind: 'applied', outcomes: withDiffering(written, outcomes, verified) } as const
  const { divergences, summary } = outcomeOf(plan, ending, request)
  const halted = await whyReplicationStopped(masters, run.standstill).catch((error) => messageOf(error))
  return { divergences, summary: { ...summary, stopped: halted }, unproved: verified.unproved }
}

/** What could not be looked at again is not proved, and is told so; it does not make undone what was written. */
async function verifyWritten(
  written: readonly PlannedRow[],
  masters: readonly Master[],
  { audit }: ApplyRequest,
  hooks: Parameters<typeof verify>[3],
  prove: typeof verify
): Promise<Verified> {
  const divergences = written.flatMap(namedRows)
  try {
    return await prove(audit, masters, divergences, hooks)
  } catch (error) {
    const reason = `what was written could not be read again: ${messageOf(error)}`
    return { differing: new Map(), unproved: new Map(divergences.map((each) => [tableName(each), reason])) }
  }
}

function liveRows(rows: readonly PlannedRow[]): ReadonlyMap<number, LiveRow> {
  return new Map(
    rows.flatMap(({ fate }) =>
      changedRows(fate).flatMap(({ table, key, held, changes }) => {
        const live: LiveRow = { table, key, held: new Map(held), locked: new Map() }
        return changes.map((change) => [change.id, live] as const)
      })
    )
  )
}

function isWritten(fate: PlannedRow['fate'], outcomes: Outcomes): boolean {
  return fate.kind === 'change' && changesIn(fate).every((change) => outcomes.get(change.id)?.status === 'applied')
}

/** A row that differs although it was written was written again by somebody else, or not as it seemed. */
function withDiffering(written: readonly PlannedRow[], outcomes: Outcomes, { differing }: Verified): Outcomes {
  const all = new Map(outcomes)
  for (const { divergence, fate } of written) {
    const now = namedRows({ divergence, fate }).flatMap((each) => differing.get(rowName(each)) ?? [])[0]
    if (now === undefined) continue
    const outcome: ChangeOutcome = { status: 'failed', reason: `it was written, and differs again: ${now.reason}` }
    for (const change of changesIn(fate)) all.set(change.id, outcome)
  }
  return all
}

/** The row itself, and those that it carries along. */
function namedRows({ divergence, fate }: Pick<PlannedRow, 'divergence' | 'fate'>): readonly Divergence[] {
  const carried = fate.kind === 'change' ? (fate.carried ?? []) : []
  return [divergence, ...carried.map(({ table, key }) => namedRow(table, key))]
}

function leftRows(rows: readonly PlannedRow[], outcomes: Outcomes): readonly LeftRow[] {
  return rows.flatMap(({ fate }) =>
    changedRows(fate).flatMap(({ table, key, changes }) =>
      changes.flatMap((change) => leftRow(change, namedRow(table, key).key, outcomes.get(change.id)))
    )
  )
}

function leftRow(change: RowChange, key: LeftRow['key'], outcome: ChangeOutcome | undefined): readonly LeftRow[] {
  if (outcome === undefined || outcome.status === 'applied') return []
  return [{ master: change.master, ...change.table.ref, key, outcome }]
}
