import type { Cluster, Member } from '../cluster.js'
import { DATABASE } from '../lab-state.js'
import { type RowRef, rowName, TABLES, whereKey } from '../tables.js'
import type { How, TrueDivergence } from '../truth.js'

/** A row that was to differ, and what was done to it. */
export interface Touched {
  readonly how: How
  readonly row: RowRef
}

/** Reads rows from every master and says how they differ there. @throws when one does not: then the lab itself is wrong. */
export async function observe(cluster: Cluster, touched: readonly Touched[]): Promise<readonly TrueDivergence[]> {
  const found: TrueDivergence[] = []
  for (const { how, row } of touched) {
    const holders = versionsOf(await Promise.all(cluster.members.map((member) => readRow(member, row))))
    if (new Set(holders).size < 2)
      throw new Error(`${rowName(row)} was to differ by ${how}, and is the same everywhere`)
    found.push({
      database: DATABASE,
      table: row.table,
      key: keyOf(row),
      class: classOf(how, holders),
      how,
      holders: Object.fromEntries(cluster.members.map(({ master }, i) => [master.name, holders[i] ?? null]))
    })
  }
  return found
}

async function readRow({ session }: Member, row: RowRef): Promise<string | null> {
  const { columns, binary } = TABLES[row.table]
  const selected = columns.map((column) => (binary.includes(column) ? `HEX(${column})` : column))
  const [found] = await session.query(`SELECT ${selected.join(', ')} FROM ${row.table} WHERE ${whereKey(row)}`)
  return found === undefined ? null : JSON.stringify(Object.values(found))
}

/** Numbers different contents from 1, in the order they appear. */
export function versionsOf(contents: readonly (string | null)[]): readonly (number | null)[] {
  const known = [...new Set(contents.filter((content) => content !== null))]
  return contents.map((content) => (content === null ? null : known.indexOf(content) + 1))
}

function classOf(how: How, holders: readonly (number | null)[]): TrueDivergence['class'] {
  if (holders.includes(null)) return 'missing'
  return how === 'same-id' || how === 'collision-family' ? 'collision' : 'conflict'
}

function keyOf(row: RowRef): TrueDivergence['key'] {
  return Object.fromEntries(Object.entries(row.key).map(([column, value]) => [column, value ?? '']))
}
