import type { Obstacle } from '../../masters/catch-up.js'
import type { WriteAccess } from '../../masters/write-access.js'
import { unauditedReplicas } from './impact.js'

/**
 * Why writes on a master must not be logged, or `null` when nobody applies them: every other master is `apart` from it, and
 * no other server is connected below it. Where somebody does, a logged INSERT stops his applier with 1062, a logged DELETE
 * with 1032, and a logged UPDATE may overwrite a newer write, whatever the binlog format.
 *
 * @param others names of the other masters.
 * @param obstacles the directions in which nothing is replicated.
 */
export function whyNotLogged(
  master: string,
  others: readonly string[],
  obstacles: readonly Obstacle[],
  access: WriteAccess,
  audited: ReadonlySet<number>
): string | null {
  if (!access.logsBinlog) return null
  const reached = others.find(
    (other) =>
      !obstacles.some(({ follower, source, kind }) => follower === other && source === master && kind === 'apart')
  )
  const because = 'only writes that no other server applies can be logged'
  if (reached !== undefined) return `${reached} replicates what is written on ${master}; ${because}`
  if (access.replicas === null) {
    return `whether servers replicate from ${master} is not known, for the account may not look; ${because}`
  }
  return unauditedReplicas(access, audited).length === 0 ? null : `other servers replicate from ${master}; ${because}`
}
