import type { Case } from './case.js'
import { countedId, ownerOf } from './lane-owner.js'
import type { Verdict } from './verdict.js'

/**
 * Both rows of a collision live. The one of the master in whose lane the id lies keeps it; where no lane tells, or that
 * master lacks the row, the one of the master named by the rule.
 */
export function rekey(keep: string | null, row: Case): Verdict {
  const counted = countedId(row)
  if ('problem' in counted) return undecided(`no other key can be given: ${counted.problem}`)
  const owner = ownerOf(counted.id, row.lanes)
  if ('master' in owner && holds(owner.master, row)) return kept(owner.master, owner.because)
  const why = 'problem' in owner ? owner.problem : `${owner.because}, which does not have the row`
  if (keep === null) return undecided(`${why}; rekey:<master> would say whose row keeps the key`)
  if (!holds(keep, row)) return undecided(`${why}, and ${keep}, named by the rule, does not have the row`)
  return kept(keep, `${why}; the rule names ${keep}`)
}

function kept(keeper: string, because: string): Verdict {
  return { because: `${keeper} keeps the key: ${because}`, winner: null, wanted: { kind: 'rekeyed', keeper } }
}

function undecided(because: string): Verdict {
  return { because, winner: null, wanted: { kind: 'rekeyed', keeper: null } }
}

function holds(master: string, { divergence }: Case): boolean {
  return divergence.rows[master] != null
}
