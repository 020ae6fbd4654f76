import { closeAll } from '../audit/connect-masters.js'
import type { Master } from '../masters/master.js'
import { bySeverity, type Diagnosis, type Finding } from '../model/doctor.js'
import { findAll } from './checks/all.js'
import { connectReachable } from './connect.js'
import type { MasterFacts } from './facts.js'
import type { DoctorLimits } from './finding.js'
import { readFacts } from './read-facts.js'
import { examineStop, type UnblockRequest } from './unblock/examine.js'
import { findStopped } from './unblock/find-stopped.js'
import { type Unblocked, type UnblockHooks, unblock } from './unblock/unblock.js'

/** What the masters are looked at with. */
export interface DoctorRequest extends UnblockRequest {
  readonly limits: DoctorLimits
}

/**
 * Looks at all masters at once and says what is wrong with them, and, where an applier has stopped at a row, what is to be
 * done. Nothing is changed on any of them. A master that cannot be reached, and whatever an account may not see, is a
 * finding.
 *
 * @throws MmauditError `usage` or `config` when a table is named that no master has, `interrupted` when `signal` says so.
 */
export function doctor(request: DoctorRequest, signal?: AbortSignal): Promise<Diagnosis> {
  const startedAt = new Date()
  return withFacts(request, signal, async ({ masters, facts, findings }) => {
    const told = [...findings, ...findAll(facts, request.limits)]
    const stopped = []
    for (const applier of findStopped(facts)) {
      stopped.push((await examineStop(applier, masters, request, signal)).told)
    }
    const infos = masters.map(({ info }) => info)
    return { startedAt, finishedAt: new Date(), masters: infos, findings: bySeverity(told), stopped }
  })
}

/** Carries out the plans for all appliers that have stopped at a row, one after the other. */
export function unblockAll(request: DoctorRequest, hooks: UnblockHooks): Promise<readonly Unblocked[]> {
  return withFacts(request, hooks.signal, async ({ masters, facts }) => {
    const done: Unblocked[] = []
    for (const applier of findStopped(facts)) done.push(await unblock(applier, masters, request, hooks))
    return done
  })
}

interface Looked {
  readonly masters: readonly Master[]
  readonly facts: readonly MasterFacts[]
  /** What could not be looked at. */
  readonly findings: readonly Finding[]
}

async function withFacts<Result>(
  { audit }: DoctorRequest,
  signal: AbortSignal | undefined,
  work: (looked: Looked) => Promise<Result>
): Promise<Result> {
  const { masters, findings: unreached } = await connectReachable(audit)
  const abort = () => void closeAll(masters)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    const { facts, findings } = await readFacts(masters, audit)
    return await work({ masters, facts, findings: [...unreached, ...findings] })
  } finally {
    signal?.removeEventListener('abort', abort)
    await closeAll(masters)
  }
}
