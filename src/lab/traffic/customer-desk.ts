import { newCustomer, newItem, newOrder } from '../new-rows.js'
import { cents, type Random } from '../random.js'
import { type ShopSize, STATUSES, sqlTime } from '../shop.js'
import { deleteStatement, type RowRef, rowName, updateStatement } from '../tables.js'
import { orderRef } from '../truth.js'
import type { Writer } from './writer.js'

/** Which desk this is, of how many, and what it must keep its hands off. */
export interface DeskRules {
  /** Number of the master, from 0; also its lane. */
  readonly master: number
  readonly masters: number
  readonly size: ShopSize
  /** Rows that differ between masters, by name. */
  readonly frozen: ReadonlySet<string>
}

/** Of a hundred transactions, how many are of each sort; the rest deletes. */
const SHARES = { order: 42, customer: 12, orderChange: 26, productChange: 14 }

/** With this many misses, nearly every row of the lane is frozen. */
const MOST_TRIES = 100

/**
 * What the shop does on one master. It only changes and deletes rows of its own lane, so that no two masters ever write
 * the same row; what it refers to is on every master and stays there.
 */
export class CustomerDesk {
  readonly #writer: Writer
  readonly #rules: DeskRules
  readonly #random: Random
  readonly #ownOrders: string[] = []
  #lastTime = 0

  constructor(writer: Writer, rules: DeskRules, random: Random) {
    this.#writer = writer
    this.#rules = rules
    this.#random = random
  }

  /** Does one of the things that the shop does, as one transaction. */
  serve(): Promise<void> {
    const work = this.#choose()
    return this.#writer.transaction(work)
  }

  #choose(): () => Promise<void> {
    const { order, customer, orderChange, productChange } = SHARES
    const dice = this.#random.below(100)
    if (dice < order) return () => this.#takeOrder()
    if (dice < order + customer) return () => this.#welcome()
    if (dice < order + customer + orderChange) return () => this.#changeOrder()
    if (dice < order + customer + orderChange + productChange) return () => this.#changeProduct()
    return () => this.#dropOrder()
  }

  async #takeOrder(): Promise<void> {
    const origin = { master: this.#rules.master, id: null, at: this.#now() }
    const customer = this.#any('customers', 1)
    if (customer === null) return
    const order = await this.#writer.insert('orders', newOrder(this.#random, origin, customer))
    for (let line = 1; line <= this.#random.between(1, 3); line++) {
      const product = this.#any('products', this.#rules.masters)
      if (product === null) continue
      await this.#writer.insert('order_items', newItem(this.#random, origin, { order, line, product }))
    }
    this.#ownOrders.push(order)
  }

  async #welcome(): Promise<void> {
    const origin = { master: this.#rules.master, id: null, at: this.#now() }
    await this.#writer.insert('customers', newCustomer(this.#random, origin))
  }

  async #changeOrder(): Promise<void> {
    const order = this.#anyOrder()
    if (order === null) return
    const change =
      this.#random.below(3) === 0
        ? { amount: this.#random.money(500, 99_999) }
        : { status: this.#random.pick(STATUSES) }
    await this.#writer.run(updateStatement(order, { ...change, updated_at: sqlTime(this.#now()) }))
  }

  async #changeProduct(): Promise<void> {
    const id = this.#any('products', this.#rules.masters)
    if (id === null) return
    const at = sqlTime(this.#now())
    const change =
      this.#random.below(4) === 0 ? `price = ${cents(this.#random.between(100, 19_999))}` : 'stock = stock - 1'
    await this.#writer.run(`UPDATE products SET ${change}, updated_at = '${at}' WHERE product_id = ${id}`)
  }

  async #dropOrder(): Promise<void> {
    const order = this.#anyOrder()
    if (order === null) return
    const items = await this.#writer.column(
      `SELECT item_id FROM order_items WHERE order_id = ${order.key.order_id} ORDER BY item_id`
    )
    for (const item_id of items) await this.#writer.run(deleteStatement({ table: 'order_items', key: { item_id } }))
    await this.#writer.run(deleteStatement(order))
  }

  /** An order that was seeded into this lane, or one that this desk has taken. */
  #anyOrder(): RowRef | null {
    const fresh = this.#ownOrders.length > 0 && this.#random.below(2) === 0
    const id = fresh ? this.#random.pick(this.#ownOrders) : this.#any('orders', this.#rules.masters)
    return id === null ? null : orderRef(id)
  }

  /** A seeded row of the own lane, of `lanes`, that does not differ. */
  #any(table: 'customers' | 'products' | 'orders', lanes: number): string | null {
    const { size, master, frozen } = this.#rules
    const key = { customers: 'customer_id', products: 'product_id', orders: 'order_id' }[table]
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const id = String(this.#random.below(Math.ceil(size[table] / lanes)) * lanes + (lanes === 1 ? 1 : master + 1))
      if (Number(id) <= size[table] && !frozen.has(rowName({ table, key: { [key]: id } }))) return id
    }
    return null
  }

  /** The time, later than it ever was. */
  #now(): number {
    this.#lastTime = Math.max(Date.now(), this.#lastTime + 1)
    return this.#lastTime
  }
}
