import type { RowValues } from '../../model/value.js'
import { newCustomer, newItem, newOrder, newSession } from '../new-rows.js'
import { insertStatement, type RowRef, refOf, type TableName } from '../tables.js'
import type { Picker } from './picker.js'
import type { Meeting } from './writes.js'

/** Both sides begin within the same minute. */
const APART_MS = 31_000
const LINES = [1, 2]

/** The ids that both sides give out, as masters do whose lanes were off for a while. */
interface Ids {
  readonly customer: string
  readonly order: string
  readonly items: readonly string[]
}

/**
 * Two masters take a customer of their own under one id, with an order and its lines under ids that are the same too; and
 * each has a session of its customer, and the first one another order, that the other master never receives.
 */
export async function collisionFamily(
  picker: Picker,
  [first, second]: readonly [number, number],
  at: number
): Promise<Meeting> {
  const ids = {
    customer: await picker.nextId('customers'),
    order: await picker.nextId('orders'),
    items: [await picker.nextId('order_items'), await picker.nextId('order_items')]
  }
  const [left, right] = [
    [...(await family(picker, first, ids, at - APART_MS)), ...(await anotherOrder(picker, first, ids, at - APART_MS))],
    await family(picker, second, ids, at)
  ]
  const refs = [...left, ...right].map(([table, values]) => refOf(table, values))
  return {
    how: 'collision-family',
    sides: [
      { master: first, statements: left.map(([table, values]) => insertStatement(table, values)) },
      { master: second, statements: right.map(([table, values]) => insertStatement(table, values)) }
    ],
    rows: distinct(refs)
  }
}

type Row = readonly [TableName, RowValues]

async function family(
  picker: Picker,
  master: number,
  { customer, order, items }: Ids,
  at: number
): Promise<readonly Row[]> {
  const { random } = picker
  const rows: Row[] = [
    ['customers', newCustomer(random, { master, at, id: customer })],
    ['orders', newOrder(random, { master, at, id: order }, customer)],
    ['sessions', newSession(random, at, customer)]
  ]
  for (const line of LINES) {
    const place = { order, line, product: await picker.parent('products') }
    rows.push(['order_items', newItem(random, { master, at, id: items[line - 1] ?? null }, place)])
  }
  return rows
}

async function anotherOrder(picker: Picker, master: number, { customer }: Ids, at: number): Promise<readonly Row[]> {
  const order = await picker.nextId('orders')
  const place = { order, line: 1, product: await picker.parent('products') }
  return [
    ['orders', newOrder(picker.random, { master, at, id: order }, customer)],
    ['order_items', newItem(picker.random, { master, at, id: await picker.nextId('order_items') }, place)]
  ]
}

function distinct(refs: readonly RowRef[]): readonly RowRef[] {
  return [...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values()]
}
