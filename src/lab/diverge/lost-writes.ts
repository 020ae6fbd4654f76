import type { RowValues } from '../../model/value.js'
import { newCustomer, newItem, newOrder, newProduct, newSession, newStore } from '../new-rows.js'
import { sqlTime } from '../shop.js'
import { deleteStatement, insertStatement, type RowRef, refOf, type TableName, updateStatement } from '../tables.js'
import { changeOf, storeChange } from './changes.js'
import type { PickedRow, Picker } from './picker.js'
import type { LostWrite } from './writes.js'

type Placed = Pick<LostWrite, 'origin' | 'lostAt'>
type Content = Pick<LostWrite, 'statements' | 'rows'>

/** In turn, so that a few divergences already touch every kind of key. */
const INSERTED: readonly TableName[] = ['orders', 'customers', 'orders', 'sessions', 'stores', 'products']
const DELETED: readonly TableName[] = ['orders', 'order_items', 'sessions', 'orders', 'stores']
const UPDATED: readonly TableName[] = ['orders', 'customers', 'products', 'order_items', 'stores', 'sessions']

/** A new row, with the lines of a new order, that one side never received. */
export async function lostInsert(picker: Picker, turn: number, placed: Placed, at: number): Promise<LostWrite> {
  const rows = await insertedRows(picker, inTurn(INSERTED, turn), placed.origin, at)
  const statements = rows.map(([table, values]) => insertStatement(table, values))
  return { how: 'lost-insert', ...placed, statements, rows: rows.map(([table, values]) => refOf(table, values)) }
}

async function insertedRows(
  picker: Picker,
  table: TableName,
  master: number,
  at: number
): Promise<readonly (readonly [TableName, RowValues])[]> {
  const { random } = picker
  switch (table) {
    case 'customers':
      return [[table, newCustomer(random, { master, at, id: await picker.idInLane(table, master) })]]
    case 'products':
      return [[table, newProduct(random, { master, at, id: await picker.idInLane(table, master) })]]
    case 'sessions':
      return [[table, newSession(random, at, await picker.parent('customers'))]]
    case 'stores':
      return [[table, newStore(random, at)]]
    default:
      return orderWithItems(picker, master, at)
  }
}

/** A new order with two lines, as rows in the order to insert them. */
export async function orderWithItems(
  picker: Picker,
  master: number,
  at: number
): Promise<readonly (readonly [TableName, RowValues])[]> {
  const order = await picker.idInLane('orders', master)
  const rows: (readonly [TableName, RowValues])[] = [
    ['orders', newOrder(picker.random, { master, at, id: order }, await picker.parent('customers'))]
  ]
  for (const line of [1, 2]) {
    const place = { order, line, product: await picker.parent('products') }
    const id = await picker.idInLane('order_items', master)
    rows.push(['order_items', newItem(picker.random, { master, at, id }, place)])
  }
  return rows
}

/** A row, with the lines of an order, that was deleted on one side only. */
export async function lostDelete(picker: Picker, turn: number, placed: Placed): Promise<LostWrite> {
  const rows = await deletedRows(picker, inTurn(DELETED, turn))
  return { how: 'lost-delete', ...placed, statements: rows.map(deleteStatement), rows }
}

async function deletedRows(picker: Picker, table: TableName): Promise<readonly RowRef[]> {
  if (table === 'sessions') return [picker.session()]
  if (table === 'stores') return [picker.store()]
  if (table === 'order_items') return [(await picker.row(table)).ref]
  const { ref } = await picker.row('orders')
  return [...(await picker.itemsOf(ref)), ref]
}

/** A change that one side never received. */
export async function lostUpdate(picker: Picker, turn: number, placed: Placed, at: number): Promise<LostWrite> {
  return { how: 'lost-update', ...placed, ...(await updatedRow(picker, inTurn(UPDATED, turn), turn, at)) }
}

async function updatedRow(picker: Picker, table: TableName, turn: number, at: number): Promise<Content> {
  if (table === 'stores') return change(picker.store(), storeChange(picker.random, at))
  if (table === 'sessions') return change(picker.session(), { last_seen: sqlTime(at) })
  const { ref, values } = await picker.row(table)
  return change(ref, changeOf(table, values, picker.random, Math.floor(turn / UPDATED.length) + turn, at))
}

function change(row: RowRef, values: RowValues): Content {
  return { statements: [updateStatement(row, values)], rows: [row] }
}

/**
 * The same change of the same value, lost on an even number of neighbouring rows: their CRCs change alike, and cancel out
 * in a checksum that is the XOR of them.
 */
export async function evenUpdate(picker: Picker, count: number, placed: Placed): Promise<LostWrite> {
  const picked = await picker.rows('orders', count + (count % 2), "status = 'PAID'")
  const statements = picked.map(
    ({ ref }) => `UPDATE orders SET status = 'SENT', updated_at = updated_at WHERE order_id = ${ref.key.order_id}`
  )
  return { how: 'even-update', ...placed, statements, rows: picked.map(({ ref }) => ref) }
}

/** Two amounts of equal length that changed places between rows whose other text is of equal length: the XOR stays too. */
export async function swap(picker: Picker, placed: Placed): Promise<LostWrite> {
  const [left, right] = await swappable(picker)
  const statements = [takeAmount(left, right), takeAmount(right, left)]
  return { how: 'swap', ...placed, statements, rows: [left.ref, right.ref] }
}

function takeAmount(to: PickedRow, from: PickedRow): string {
  return `UPDATE orders SET amount = ${from.values.amount}, updated_at = updated_at WHERE order_id = ${to.ref.key.order_id}`
}

async function swappable(picker: Picker): Promise<readonly [PickedRow, PickedRow]> {
  for (;;) {
    const left = await picker.row('orders')
    const right = await picker.findRow('orders', swapsWith(left))
    if (right !== null) return [left, right]
  }
}

function swapsWith({ values: { amount, region, order_no } }: PickedRow): string {
  const alike = [
    `amount <> ${amount}`,
    `LENGTH(amount) = ${bytes(amount)}`,
    `LENGTH(region) = ${bytes(region)}`,
    `LENGTH(order_no) = ${bytes(order_no)}`
  ]
  return alike.join(' AND ')
}

function bytes(text: string | null | undefined): number {
  return Buffer.byteLength(text ?? '')
}

function inTurn<T>(from: readonly T[], turn: number): T {
  const found = from[turn % from.length]
  if (found === undefined) throw new RangeError('nothing to take in turn')
  return found
}
