import type { Master } from '../../masters/master.js'
import type { Divergence } from '../../model/divergence.js'
import type { StoppedTransaction } from '../../model/doctor.js'
import { MmauditError } from '../../model/errors.js'
import type { RepairSummary } from '../../model/repair.js'
import { type Repaired, repair } from '../../repair/repair.js'
import { type ExaminedStop, examineStop, repairOf, rowsNow, statementsOf, type UnblockRequest } from './examine.js'
import type { StoppedApplier } from './find-stopped.js'
import type { PendingTransaction } from './read-pending.js'
import { channelNow, standsStill, stepOver, whyNotBehind } from './step.js'
import { whyNotAllowed } from './step-over.js'

/** Ways to watch and to steer. */
export interface UnblockHooks {
  readonly signal?: AbortSignal
  /** Where to keep what a repair changes. */
  readonly journal: string
  /** Called with the plan before anything is done; `false` leaves everything as it is. */
  readonly onPlan: (plan: StoppedTransaction) => Promise<boolean>
}

/** What became of a stopped applier. */
export interface Unblocked {
  readonly plan: StoppedTransaction
  /** What was written; `null` when nothing had to be. */
  readonly repair: RepairSummary | null
  /** Whether the transaction was stepped over. */
  readonly steppedOver: boolean
  /** Why the applier does not run, or does not run on; `null` when it does. */
  readonly reason: string | null
  /** Rows of the transaction that differ now. */
  readonly differing: readonly Divergence[]
}

/**
 * Carries out the plan for a stopped applier: repairs the rows of its transaction, steps over exactly that, and waits until
 * it is behind it. Nothing is stepped over unless every row of the transaction is as wanted, and the applier still stands
 * where it stood.
 */
export async function unblock(
  stopped: StoppedApplier,
  masters: readonly Master[],
  request: UnblockRequest,
  hooks: UnblockHooks
): Promise<Unblocked> {
  const { told: plan, pending } = await examineStop(stopped, masters, request, hooks.signal)
  const left = (reason: string, repaired: RepairSummary | null = null): Unblocked => {
    return { plan, repair: repaired, steppedOver: false, reason, differing: [] }
  }
  if (plan.obstacle !== null || pending === null) return left(plan.obstacle ?? 'its transaction could not be read')
  const forbidden = whyNotAllowed(stopped.facts)
  if (forbidden !== null) return left(forbidden)
  if (!(await hooks.onPlan(plan))) return left('it was not confirmed')
  const repaired = await repairRows({ told: plan, pending }, masters, request, hooks)
  const unrepaired = repaired === null ? null : whyNotRepaired(repaired)
  if (unrepaired !== null) return left(unrepaired, repaired?.summary ?? null)
  hooks.signal?.throwIfAborted()
  const master = masterOf(stopped, masters)
  if (!standsStill(stopped, await channelNow(stopped, master))) {
    return left('the applier does not stand where it stood any more', repaired?.summary ?? null)
  }
  await stepOver(master, plan)
  return { plan, repair: repaired?.summary ?? null, ...(await after(stopped, masters, pending, request, hooks)) }
}

/** The rows are planned anew from what they are now; a plan other than the one that was agreed to is not carried out. */
async function repairRows(
  { told }: ExaminedStop,
  masters: readonly Master[],
  request: UnblockRequest,
  { signal, journal }: UnblockHooks
): Promise<Repaired | null> {
  if (told.divergences.length === 0) return null
  const agreed = JSON.stringify(told.mend)
  return repair(
    { ...(await repairOf(told.divergences, masters, request)), journal },
    {
      onPlan: async (plan) => JSON.stringify(statementsOf(plan)) === agreed,
      ...(signal === undefined ? {} : { signal })
    }
  )
}

function whyNotRepaired({ divergences, summary, unproved }: Repaired): string | null {
  if (summary.stopped !== null) return summary.stopped
  const left = divergences.find(({ decision }) => decision?.status !== 'applied')
  if (left !== undefined) return `a row was not repaired: ${left.decision?.reason ?? left.reason}`
  const [doubt] = unproved.values()
  return doubt ?? null
}

async function after(
  stopped: StoppedApplier,
  masters: readonly Master[],
  pending: PendingTransaction,
  { audit }: UnblockRequest,
  { signal }: UnblockHooks
): Promise<Pick<Unblocked, 'steppedOver' | 'reason' | 'differing'>> {
  const deadline = Date.now() + audit.confirmTimeout * 1000
  const reason = await whyNotBehind(stopped, masterOf(stopped, masters), pending, deadline)
  const { divergences, problem } = await rowsNow(pending.rows, masters, audit, signal)
  return { steppedOver: true, reason: reason ?? problem, differing: divergences }
}

function masterOf({ facts }: StoppedApplier, masters: readonly Master[]): Master {
  const master = masters.find(({ name }) => name === facts.info.name)
  if (master === undefined) throw new MmauditError('incomplete', `${facts.info.name} is not connected`)
  return master
}
