import type { Master } from '../masters/master.js'
import { GaveUp } from '../masters/retry.js'
import { MmauditError, messageOf } from '../model/errors.js'

/**
 * Does the same on every master at once; results are in the order of `masters`. Waits until all have ended, so that
 * nothing runs on behind an error, and then throws the first one, saying which master and what was being done.
 */
export async function onEveryMaster<Result>(
  masters: readonly Master[],
  doing: string,
  action: (master: Master) => Promise<Result>
): Promise<readonly Result[]> {
  const outcomes = await Promise.allSettled(masters.map(action))
  return outcomes.map((outcome, at) => {
    if (outcome.status === 'fulfilled') return outcome.value
    throw masterError(masters[at]?.name ?? '?', doing, outcome.reason)
  })
}

/** An error that names the master, and what was being done there. */
export function masterError(master: string, doing: string, error: unknown): MmauditError {
  if (error instanceof GaveUp) {
    const { hint } = error
    return new MmauditError('incomplete', error.during(doing), { ...(hint === null ? {} : { hint }), cause: error })
  }
  if (error instanceof MmauditError) return error
  return new MmauditError('incomplete', `master ${master}: ${doing}: ${messageOf(error)}`, { cause: error })
}
