import type { Divergence } from './divergence.js'
import type { RowValues } from './value.js'

/** Whether every master still holds of the row exactly what the report says; see {@link changedSince}. */
export function sameRowsAs(reported: Divergence, present: Divergence): boolean {
  return changedSince(reported, present) === null
}

/**
 * What changed in a row since the report named it, in words; `null` when every master that the report tells of holds the
 * same values in the same columns, and no other master was read.
 */
export function changedSince(reported: Divergence, present: Divergence): string | null {
  const masters = new Set([...Object.keys(reported.rows), ...Object.keys(present.rows)])
  const changes = [...masters].flatMap((master) => changeOn(master, reported.rows[master], present.rows[master]) ?? [])
  return changes.length === 0 ? null : changes.join('; ')
}

/** `undefined` where the row was not read, `null` where it was not there. */
type Seen = RowValues | null | undefined

function changeOn(master: string, before: Seen, now: Seen): string | null {
  if (before === undefined) return now === undefined ? null : `the report does not tell of ${master}`
  if (now === undefined) return `${master} was not read again`
  if (before === null) return now === null ? null : `${master} has the row now`
  if (now === null) return `${master} has the row no longer`
  const columns = changedColumns(before, now)
  return columns.length === 0 ? null : `${columns.join(', ')} changed on ${master}`
}

function changedColumns(before: RowValues, now: RowValues): readonly string[] {
  const [earlier, later] = [before, now].map((row) => new Map(Object.entries(row)))
  const names = new Set([...(earlier?.keys() ?? []), ...(later?.keys() ?? [])])
  return [...names].filter((name) => JSON.stringify(earlier?.get(name)) !== JSON.stringify(later?.get(name)))
}
