import pLimit from 'p-limit'
import { fetchRows } from '../audit/fetch.js'
import { onEveryMaster } from '../audit/on-every-master.js'
import { BATCH_ROWS } from '../audit/suspects.js'
import type { AuditTable } from '../audit/table-plan.js'
import type { Master } from '../masters/master.js'
import { groupBy } from '../model/group-by.js'
import type { RowValues } from '../model/value.js'
import { comparable } from '../wire/comparable.js'
import { type Hashing, loadHashing } from '../wire/hasher.js'
import { type Foreseen, foresee } from './outlook.js'
import type { WrittenRow } from './written-rows.js'

/** A written row, and what will become of it. */
export interface ForeseenRow extends Foreseen {
  readonly row: WrittenRow
}

/**
 * Reads rows as they are now on every master and says what will become of each.
 * @throws MmauditError when a master cannot be read.
 */
export async function foreseeRows(
  masters: readonly Master[],
  rows: readonly WrittenRow[],
  concurrency: number
): Promise<readonly ForeseenRow[]> {
  const hashing = await loadHashing()
  const limit = pLimit(concurrency)
  const batches = [...groupBy(rows, ({ table }) => table).values()].flatMap(inBatches)
  const done = await Promise.all(batches.map((batch) => limit(() => foreseeBatch(masters, batch, hashing))))
  return done.flat()
}

function inBatches(rows: readonly WrittenRow[]): readonly (readonly WrittenRow[])[] {
  return Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, at) =>
    rows.slice(at * BATCH_ROWS, (at + 1) * BATCH_ROWS)
  )
}

async function foreseeBatch(
  masters: readonly Master[],
  rows: readonly WrittenRow[],
  hashing: Hashing
): Promise<readonly ForeseenRow[]> {
  const [first] = rows
  if (first === undefined) return []
  // A binlog may have another spelling of a key than the table has by now.
  const table: AuditTable = { ...first.table, looseKey: true }
  const keys = rows.map(({ key }) => key)
  const held = await onEveryMaster(masters, 'reading the rows that were written', (master) =>
    master.withSession((session) => fetchRows(session, table, keys, hashing))
  )
  const columns = table.tableColumns.map(({ name }) => name)
  return rows.map((row, at) => {
    const states = new Map(masters.map(({ name }, index) => [name, stateOf(held[index]?.[at]?.values ?? null, table)]))
    return { row, ...foresee({ ...row, states, columns }) }
  })
}

function stateOf(values: RowValues | null, { tableColumns }: AuditTable): RowValues | null {
  if (values === null) return null
  return Object.fromEntries(
    tableColumns.map((column) => [column.name, comparable(column, values[column.name] ?? null)])
  )
}
