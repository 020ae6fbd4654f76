import { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { masterError } from './on-every-master.js'

/** Beside the lanes that read chunks: one session looks for bounds, one for positions. */
const EXTRA_SESSIONS = 2

/**
 * Logs in to all masters at once; when any refuses, says so of every one that does.
 * @param connect `Master.logIn` when the proof that rows arrive is waited for later; see `Master.proved`.
 */
export async function connectMasters(
  config: AuditConfig,
  connect: typeof Master.logIn = Master.connect
): Promise<readonly Master[]> {
  if (config.masters.length < 2) {
    throw new MmauditError('usage', 'an audit compares masters with each other: name at least two', {
      hint: 'for example --master a=mysql://user@host1 --master b=mysql://user@host2'
    })
  }
  const outcomes = await Promise.allSettled(
    config.masters.map((master) => connect(master, config.concurrency + EXTRA_SESSIONS, config.silenceTimeout))
  )
  const masters = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  try {
    if (errors.length > 0) throw together(errors)
    refuseSameServer(masters)
    return masters
  } catch (error) {
    await closeAll(masters)
    throw error
  }
}

/** Ends every session of every master. */
export async function closeAll(masters: readonly Master[]): Promise<void> {
  await Promise.all(masters.map((master) => master.close()))
}

/** The masters that answer now, and what the others say instead. A connection that broke is made again. */
export async function liveMasters(
  masters: readonly Master[]
): Promise<{ readonly live: readonly Master[]; readonly failures: readonly string[] }> {
  const answers = await Promise.allSettled(masters.map((master) => master.answers()))
  return {
    live: masters.filter((_, at) => answers[at]?.status === 'fulfilled'),
    failures: answers.flatMap((answer, at) =>
      answer.status === 'rejected'
        ? [masterError(masters[at]?.name ?? '?', 'asking for a sign of life', answer.reason).message]
        : []
    )
  }
}

/** Several errors as one. It is one of the configuration only when all are: a server that cannot be reached is not mended there. */
function together(errors: readonly unknown[]): unknown {
  const [first] = errors
  if (errors.length === 1) return first
  const known = errors.filter((error) => error instanceof MmauditError)
  const isConfig = errors.every((error) => error instanceof MmauditError && error.code === 'config')
  const hints = [...new Set(known.map((error) => error.hint).filter((hint) => hint !== null))]
  return new MmauditError(isConfig ? 'config' : 'incomplete', errors.map(messageOf).join('\n'), {
    ...(hints.length > 0 ? { hint: hints.join('\n') } : {}),
    cause: first
  })
}

function refuseSameServer(masters: readonly Master[]): void {
  for (const [at, master] of masters.entries()) {
    const same = masters.slice(at + 1).find((other) => other.identity === master.identity)
    if (same === undefined) continue
    throw new MmauditError(
      'config',
      `masters ${master.name} and ${same.name} are the same server (${master.identity})`,
      {
        hint: 'comparing a server with itself always finds it equal: check hosts and ports'
      }
    )
  }
}
