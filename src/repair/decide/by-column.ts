import type { Version } from '../../audit/classify.js'
import { type Column, tableName } from '../../model/table.js'
import type { Case } from './case.js'
import { clockProblem } from './clocks.js'
import { compareValues, isTemporal } from './order-values.js'
import { list, manual, type Verdict, versionOf } from './verdict.js'

/** The policies that compare one column of the versions. */
export type Extreme = 'newest' | 'oldest' | 'greatest' | 'least'

const SAID: Readonly<Record<Extreme, string>> = {
  newest: 'latest',
  oldest: 'earliest',
  greatest: 'greatest',
  least: 'least'
}

/** The version with the latest, earliest, greatest or least value of a column, as a server would order them. */
export async function byColumn(extreme: Extreme, name: string, row: Case): Promise<Verdict> {
  const column = row.columns.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (column === undefined) return manual(`${tableName(row.divergence)} has no compared column ${name}`)
  const empty = row.versions.filter(({ values }) => values[column.name] == null).flatMap(({ masters }) => masters)
  if (empty.length > 0) return manual(`${column.name} is NULL on ${list(empty)}`)
  const untrusted = await whyUntrusted(extreme, column, row)
  if (untrusted !== null) return manual(untrusted)
  const best = await extremeVersions(extreme, column, row)
  if (best === null) return manual(`${column.name} (${column.columnType}) has no order that all servers share`)
  const [winner, rival] = best
  const [master] = winner?.masters ?? []
  if (winner === undefined || master === undefined) throw new Error('a divergence without a version')
  const where = `${column.name} is ${SAID[extreme]} on ${list(best.flatMap(({ masters }) => masters))}`
  return rival === undefined ? versionOf(master, where) : manual(`${where} alike, and the versions differ`)
}

async function whyUntrusted(extreme: Extreme, column: Column, { clocks }: Case): Promise<string | null> {
  if (!isTemporal(column) || (extreme !== 'newest' && extreme !== 'oldest')) return null
  const problem = clockProblem(column, await clocks())
  return problem === null ? null : `${column.name} does not tell what is ${SAID[extreme]}: ${problem}`
}

/** Every version whose value is as far out as that of any other; `null` when there is no order. */
async function extremeVersions(extreme: Extreme, column: Column, row: Case): Promise<readonly Version[] | null> {
  const wanted = extreme === 'newest' || extreme === 'greatest' ? 1 : -1
  let best: readonly Version[] = []
  for (const version of row.versions) {
    const [value, known] = [version.values[column.name], best[0]?.values[column.name]]
    if (value == null) return null
    const order = known == null ? wanted : await compareValues(column, value, known, row.judge)
    if (order === null) return null
    if (order === wanted) best = [version]
    else if (order === 0) best = [...best, version]
  }
  return best
}
