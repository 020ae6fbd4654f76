import { COMMIT_TIME, whyUndecidable } from '../../model/policy.js'
import type { Policy } from '../../model/repair.js'
import { byColumn } from './by-column.js'
import { evidence, newestCommit, origin } from './by-evidence.js'
import type { Case } from './case.js'
import { coalesce } from './coalesce.js'
import { laneOwner } from './lane-owner.js'
import { merge } from './merge.js'
import { rekey } from './rekey.js'
import { absentAsOn, list, manual, type Verdict, versionOf } from './verdict.js'

/** What a policy makes of a divergent row. */
export async function applyPolicy(policy: Policy, row: Case): Promise<Verdict> {
  const undecidable = whyUndecidable(policy, row.divergence.class)
  if (undecidable !== null) return manual(undecidable)
  const blurred = whyBlurred(policy, row)
  if (blurred !== null) return manual(blurred)
  switch (policy.name) {
    case 'prefer':
      return prefer(policy.master, row)
    case 'union':
      return union(row)
    case 'majority':
      return majority(row)
    case 'coalesce':
      return coalesce(row)
    case 'lane-owner':
      return laneOwner(row)
    case 'evidence':
      return evidence(row)
    case 'origin':
      return origin(row)
    case 'merge':
      return merge(row)
    case 'rekey':
      return rekey(policy.keep, row)
    case 'newest':
    case 'oldest':
    case 'greatest':
    case 'least':
      return policy.column === COMMIT_TIME ? newestCommit(row) : byColumn(policy.name, policy.column, row)
    default:
      return manual('the rule leaves it to you')
  }
}

/** What the values themselves cannot tell apart is not decided by comparing them. */
function whyBlurred(policy: Policy, { divergence, versions, lacking }: Case): string | null {
  if (divergence.class === 'missing') {
    return lacking.length === 0
      ? 'the masters hold different numbers of copies of this row, and no key names one'
      : null
  }
  if (versions.length > 1 || ['prefer', 'lane-owner'].includes(policy.name)) return null
  return 'the versions differ only in bytes that their texts do not show'
}

function prefer(master: string, { divergence, lacking }: Case): Verdict {
  if (lacking.includes(master)) return absentAsOn(master, `${master} is preferred, and does not have the row`)
  if (divergence.rows[master] === undefined) return manual(`${master} is preferred, and takes no part in this run`)
  return versionOf(master, `${master} is preferred`)
}

function union({ versions, lacking }: Case): Verdict {
  const [version, ...others] = versions
  const [holder] = version?.masters ?? []
  if (version === undefined || holder === undefined || others.length > 0) return manual('several versions exist')
  return versionOf(
    holder,
    `what ${list(version.masters)} ${version.masters.length === 1 ? 'has' : 'have'} is missing on ${list(lacking)}`
  )
}

/** No row counts as a version. */
function majority({ versions, lacking }: Case): Verdict {
  const camps = [...versions.map((version) => version.masters), ...(lacking.length > 0 ? [lacking] : [])]
  const [largest = [], second = []] = camps.toSorted((left, right) => right.length - left.length)
  const [master] = largest
  if (master === undefined || largest.length === second.length) return manual('no version is held by most masters')
  const share = `${largest.length} of ${camps.flat().length} masters`
  if (largest === lacking) return absentAsOn(master, `${share} do not have the row: ${list(largest)}`)
  return versionOf(master, `${share} hold this version: ${list(largest)}`)
}
