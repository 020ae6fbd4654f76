import type { DivergenceClass } from './divergence.js'
import type { Policy } from './repair.js'

/** Stands for a column in `newest:@commit`: the time of the commit, which only the binlogs know. */
export const COMMIT_TIME = '@commit'

const EVERY_CLASS: readonly DivergenceClass[] = ['missing', 'conflict', 'collision']
const SEVERAL_VERSIONS: readonly DivergenceClass[] = ['conflict', 'collision']

const DECIDABLE: Readonly<Record<Policy['name'], readonly DivergenceClass[]>> = {
  prefer: EVERY_CLASS,
  majority: EVERY_CLASS,
  'lane-owner': EVERY_CLASS,
  evidence: EVERY_CLASS,
  origin: EVERY_CLASS,
  manual: EVERY_CLASS,
  union: ['missing'],
  newest: SEVERAL_VERSIONS,
  oldest: SEVERAL_VERSIONS,
  greatest: SEVERAL_VERSIONS,
  least: SEVERAL_VERSIONS,
  coalesce: ['conflict'],
  merge: ['conflict'],
  rekey: ['collision']
}

/** The classes that a policy can decide. */
export function decidableClasses(policy: Policy): readonly DivergenceClass[] {
  return DECIDABLE[policy.name]
}

/** Why a policy can never decide a class, in words; `null` when it can. */
export function whyUndecidable(policy: Policy, cls: DivergenceClass): string | null {
  if (decidableClasses(policy).includes(cls)) return null
  switch (policy.name) {
    case 'union':
      return 'union only inserts rows that are missing, and here several versions exist'
    case 'rekey':
      return 'rekey gives one of two different rows a new key, and here is only one row'
    case 'coalesce':
    case 'merge':
      return cls === 'missing'
        ? `${policy.name} joins several versions, and of a missing row only one exists`
        : `${policy.name} would mix two different rows that took the same key`
    default:
      return `${policy.name} chooses between versions, and of a missing row only one exists`
  }
}

/** Whether a policy may find that a row which some masters have shall be on none. */
export function mayDelete(policy: Policy): boolean {
  return ['prefer', 'majority', 'lane-owner', 'evidence', 'origin'].includes(policy.name)
}
