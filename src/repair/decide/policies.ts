import { liesInLane } from '../../audit/classify.js'
import { isAvailable, whyUndecidable } from '../../model/policy.js'
import { type Policy, policyText } from '../../model/repair.js'
import { byColumn } from './by-column.js'
import type { Case } from './case.js'
import { coalesce } from './coalesce.js'
import { absentAsOn, list, manual, type Verdict, versionOf } from './verdict.js'

/** What a policy makes of a divergent row. */
export async function applyPolicy(policy: Policy, row: Case): Promise<Verdict> {
  if (!isAvailable(policy)) return manual(`policy ${policyText(policy)} is not available in this version`)
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
    case 'newest':
    case 'oldest':
    case 'greatest':
    case 'least':
      return byColumn(policy.name, policy.column, row)
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

function laneOwner({ divergence, lacking, columns, lanes }: Case): Verdict {
  const [column, ...others] = columns.filter(
    ({ name, autoIncrement }) => autoIncrement && Object.hasOwn(divergence.key, name)
  )
  if (column === undefined || others.length > 0) return manual('the key has no auto-increment column')
  const id = divergence.key[column.name]
  if (typeof id !== 'string' || !/^\d+$/.test(id)) return manual(`${column.name} is not a whole number from 0 up`)
  const unnumbered = lanes.filter((lane) => lane.increment <= 1).map((lane) => lane.master)
  if (unnumbered.length > 0) return manual(`auto_increment_increment is 1 on ${list(unnumbered)}: no lanes are apart`)
  const owners = lanes.filter((lane) => liesInLane(id, lane)).map((lane) => lane.master)
  const [owner] = owners
  if (owner === undefined) return manual(`id ${id} lies in the lane of no master`)
  if (owners.length > 1) return manual(`id ${id} lies in the lanes of ${list(owners)}`)
  const because = `id ${id} lies in the auto-increment lane of ${owner}`
  return lacking.includes(owner)
    ? absentAsOn(owner, `${because}, which does not have the row`)
    : versionOf(owner, because)
}
