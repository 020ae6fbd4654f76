import type { Version } from '../../audit/classify.js'
import type { Column } from '../../model/table.js'
import type { RowValues } from '../../model/value.js'
import { comparable } from '../../wire/comparable.js'
import type { Case } from './case.js'
import { compareValues } from './order-values.js'
import { list, manual, type Verdict, versionOf } from './verdict.js'
import { sameValue } from './versions.js'

/** Where the value of one column comes from; `null` where the versions changed it in different ways. */
interface Merged {
  readonly column: Column
  readonly from: Version | null
}

/**
 * Joins the versions column by column: what only some changed since all had the same row is taken from those. A column that
 * the servers set at every UPDATE takes the later time.
 */
export async function merge(row: Case): Promise<Verdict> {
  const { evidence } = row.divergence
  if (evidence === null) return manual('the binlogs were not read')
  const { base } = evidence
  if (base === null) return manual(`no row is known that all versions were made from: ${evidence.because}`)
  const written = row.columns.filter((column) => column.generated === null)
  const merged: Merged[] = []
  for (const column of written) merged.push({ column, from: await sourceOf(column, base, row) })
  const contested = merged.filter(({ from }) => from === null).map(({ column }) => column.name)
  if (contested.length > 0) return manual(`changed on several masters in different ways: ${list(contested)}`)
  return verdictOf(merged, base, row)
}

function verdictOf(merged: readonly Merged[], base: RowValues, row: Case): Verdict {
  const [winner] =
    row.versions.find(({ values }) =>
      merged.every(({ column, from }) => sameValue(values[column.name], from?.values[column.name]))
    )?.masters ?? []
  const changed = merged.filter(({ column, from }) => from !== null && isChanged(column, from, base))
  const because = `changed since all had the same row: ${list(changed.map(({ column, from }) => `${column.name} on ${holder(from)}`))}`
  if (winner !== undefined) return versionOf(winner, because)
  const from = Object.fromEntries(merged.map((each) => [each.column.name, holder(each.from)]))
  return { because, winner: null, wanted: { kind: 'merged', from } }
}

async function sourceOf(column: Column, base: RowValues, { versions, judge }: Case): Promise<Version | null> {
  const changed = versions.filter((version) => isChanged(column, version, base))
  const [first = versions[0] ?? null, ...others] = changed
  if (others.every((other) => sameValue(other.values[column.name], first?.values[column.name]))) return first
  if (!column.onUpdateNow) return null
  let latest = first
  for (const other of others) {
    const [value, known] = [other.values[column.name], latest?.values[column.name]]
    if (value == null || known == null) return null
    const order = await compareValues(column, value, known, judge)
    if (order === null) return null
    if (order > 0) latest = other
  }
  return latest
}

function isChanged(column: Column, { values }: Version, base: RowValues): boolean {
  return !sameValue(comparable(column, values[column.name] ?? null), base[column.name])
}

function holder(version: Version | null): string {
  return version?.masters[0] ?? ''
}
