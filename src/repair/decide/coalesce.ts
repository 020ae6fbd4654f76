import type { Version } from '../../audit/classify.js'
import type { Column } from '../../model/table.js'
import type { Case } from './case.js'
import { list, manual, type Verdict, versionOf } from './verdict.js'
import { sameValue } from './versions.js'

/** What becomes of one column: the first version that has a value, and whether all that have one agree. */
interface Merged {
  readonly column: Column
  readonly from: Version
  readonly agreed: boolean
}

/** Joins the versions column by column: what is NULL in some is taken from those that have a value. */
export function coalesce({ versions, columns }: Case): Verdict {
  const merged = columns.flatMap((column) => mergeColumn(column, versions) ?? [])
  // A generated column follows from the others, and is not written.
  const written = merged.filter(({ column }) => column.generated === null)
  const contested = written.filter((each) => !each.agreed).map(({ column }) => column.name)
  if (contested.length > 0) return manual(`different values, none of them NULL, in ${list(contested)}`)
  const whole = versions.find((version) => written.every((each) => hasMerged(version, each)))
  const [master] = whole?.masters ?? []
  if (master !== undefined) return versionOf(master, `${list(whole?.masters ?? [])} lacks nothing that others have`)
  return {
    because: `NULLs are filled from the others: ${fillings(written, versions)}`,
    winner: null,
    wanted: { kind: 'merged', from: Object.fromEntries(merged.map(({ column, from }) => [column.name, holder(from)])) }
  }
}

function mergeColumn(column: Column, versions: readonly Version[]): Merged | null {
  const filled = versions.filter(({ values }) => values[column.name] != null)
  const from = filled[0] ?? versions[0]
  if (from === undefined) return null
  return {
    column,
    from,
    agreed: filled.every((version) => sameValue(version.values[column.name], from.values[column.name]))
  }
}

function hasMerged({ values }: Version, { column, from }: Merged): boolean {
  return sameValue(values[column.name], from.values[column.name])
}

function fillings(merged: readonly Merged[], versions: readonly Version[]): string {
  const filled = merged.filter(({ column }) => versions.some(({ values }) => values[column.name] === null))
  const told = filled.filter(({ column, from }) => from.values[column.name] !== null)
  return list(told.map(({ column, from }) => `${column.name} from ${holder(from)}`))
}

function holder({ masters }: Version): string {
  const [master] = masters
  if (master === undefined) throw new Error('a version that nobody holds')
  return master
}
