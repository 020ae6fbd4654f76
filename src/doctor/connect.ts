import { Master } from '../masters/master.js'
import type { AuditConfig, MasterConfig } from '../model/config.js'
import type { Finding } from '../model/doctor.js'
import { MmauditError, messageOf } from '../model/errors.js'

/** One reads, one is for what turns up besides. */
const SESSIONS = 2

/** The masters that let us in, and what the others say instead. */
export interface Reached {
  readonly masters: readonly Master[]
  readonly findings: readonly Finding[]
}

/** Logs in to all masters at once. One that cannot be reached is a finding, and no reason to leave the others alone. */
export async function connectReachable({ masters, silenceTimeout }: AuditConfig): Promise<Reached> {
  const outcomes = await Promise.allSettled(masters.map((master) => Master.connect(master, SESSIONS, silenceTimeout)))
  return {
    masters: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    findings: outcomes.flatMap((outcome, at) => {
      const master = masters[at]
      return outcome.status === 'rejected' && master !== undefined ? [unreachable(master, outcome.reason)] : []
    })
  }
}

/** A master of which nothing could be seen. */
export function unreachable({ name }: Pick<MasterConfig, 'name'>, error: unknown): Finding {
  return {
    id: 'unreachable',
    severity: 'unknown',
    masters: [name],
    what: `could not look at ${name}: ${messageOf(error)}`,
    cause: 'the server is down, cannot be reached from here, or refuses the account',
    danger: 'anything may be wrong with it; the other masters were looked at without it',
    advice: error instanceof MmauditError ? error.hint : null,
    mend: []
  }
}
