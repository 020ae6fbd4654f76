import type { RowValues } from '../../model/value.js'
import { newCustomer, newOrder, newProduct, type Origin } from '../new-rows.js'
import { insertStatement, TABLES, updateStatement } from '../tables.js'
import { changeOf } from './changes.js'
import type { Picker } from './picker.js'
import type { Meeting, MeetingSide } from './writes.js'

const UPDATED = ['orders', 'customers', 'products'] as const
const INSERTED = ['orders', 'customers', 'orders', 'products'] as const

/** Both sides are asked something within the same minute; which of them came first shows in the row. */
const APART_MS = 31_000

type Pair = readonly [first: number, second: number]

/** Two masters change the same row before they hear of each other; then each takes over what the other wrote. */
export async function crossingUpdates(picker: Picker, turn: number, pair: Pair, at: number): Promise<Meeting> {
  const table = UPDATED[turn % UPDATED.length] ?? 'orders'
  const { ref, values } = await picker.row(table)
  const first = changeOf(table, values, picker.random, turn, at - APART_MS)
  // Every other pair changes the same column, the rest two different ones. The later amount is never the same again.
  const second = changeOf(table, { ...values, ...texts(first) }, picker.random, turn + (turn >> 1), at)
  const sides: readonly [MeetingSide, MeetingSide] = [
    { master: pair[0], statements: [updateStatement(ref, first)] },
    { master: pair[1], statements: [updateStatement(ref, second)] }
  ]
  return { how: 'crossing-updates', sides, rows: [ref] }
}

function texts(values: RowValues): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : null])
  )
}

/** Two masters give the same id to two different rows, as they do when their lanes are not kept apart. */
export async function sameId(picker: Picker, turn: number, pair: Pair, at: number): Promise<Meeting> {
  const table = INSERTED[turn % INSERTED.length] ?? 'orders'
  const id = await picker.nextId(table)
  const [first, second] = pair
  const sides: readonly [MeetingSide, MeetingSide] = [
    { master: first, statements: [await insertion(picker, table, { master: first, id, at: at - APART_MS })] },
    { master: second, statements: [await insertion(picker, table, { master: second, id, at })] }
  ]
  return { how: 'same-id', sides, rows: [{ table, key: { [TABLES[table].key[0] ?? '']: id } }] }
}

async function insertion(picker: Picker, table: (typeof INSERTED)[number], origin: Origin): Promise<string> {
  switch (table) {
    case 'customers':
      return insertStatement(table, newCustomer(picker.random, origin))
    case 'products':
      return insertStatement(table, newProduct(picker.random, origin))
    case 'orders':
      return insertStatement(table, newOrder(picker.random, origin, await picker.parent('customers')))
  }
}
