import { type Lane, liesInLane } from '../../audit/classify.js'
import type { Case } from './case.js'
import { absentAsOn, list, manual, type Verdict, versionOf } from './verdict.js'

/** The master in whose lane an id lies, with that in words, or why there is none. */
export type LaneOwner = { readonly master: string; readonly because: string } | { readonly problem: string }

/** The master to whose lane the key belongs. */
export function laneOwner(row: Case): Verdict {
  const counted = countedId(row)
  if ('problem' in counted) return manual(counted.problem)
  const owner = ownerOf(counted.id, row.lanes)
  if ('problem' in owner) return manual(owner.problem)
  return row.lacking.includes(owner.master)
    ? absentAsOn(owner.master, `${owner.because}, which does not have the row`)
    : versionOf(owner.master, owner.because)
}

/** The part of the key that the servers count up, or why there is none. */
export function countedId({
  divergence,
  columns
}: Case): { readonly column: string; readonly id: string } | { readonly problem: string } {
  const [column, ...others] = columns.filter(
    ({ name, autoIncrement }) => autoIncrement && Object.hasOwn(divergence.key, name)
  )
  if (column === undefined || others.length > 0) return { problem: 'the key has no auto-increment column' }
  const id = divergence.key[column.name]
  if (typeof id !== 'string' || !/^\d+$/.test(id)) return { problem: `${column.name} is not a whole number from 0 up` }
  return { column: column.name, id }
}

/** Finds the one master in whose lane an id lies. */
export function ownerOf(id: string, lanes: readonly Lane[]): LaneOwner {
  const unnumbered = lanes.filter((lane) => lane.increment <= 1).map((lane) => lane.master)
  if (unnumbered.length > 0) {
    return { problem: `auto_increment_increment is 1 on ${list(unnumbered)}: no lanes are apart` }
  }
  const owners = lanes.filter((lane) => liesInLane(id, lane)).map((lane) => lane.master)
  const [owner] = owners
  if (owner === undefined) return { problem: `id ${id} lies in the lane of no master` }
  if (owners.length > 1) return { problem: `id ${id} lies in the lanes of ${list(owners)}` }
  return { master: owner, because: `id ${id} lies in the auto-increment lane of ${owner}` }
}
