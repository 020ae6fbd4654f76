import type { TextRow } from '../../masters/session.js'
import { MmauditError } from '../../model/errors.js'
import type { RowValues } from '../../model/value.js'
import type { Cluster } from '../cluster.js'
import type { LabState } from '../lab-state.js'
import type { Random } from '../random.js'
import { type ShopSize, sessionToken, shopSize, storeKey } from '../shop.js'
import { type RowRef, rowName, TABLES, type TableName } from '../tables.js'
import { orderRef } from '../truth.js'

/** Tables whose key the servers count up. */
export type NumberedTable = 'customers' | 'products' | 'orders' | 'order_items'

/** A row to be made different, with what it holds on every master by now. */
export interface PickedRow {
  readonly ref: RowRef
  readonly values: TextRow
}

/** With this many misses, hardly any row is left. */
const MOST_TRIES = 200

/** Rows looked at from one random place on. */
const WINDOW = 40

/** Chooses rows that were never made different before, and ids that were never taken. */
export class Picker {
  readonly random: Random
  readonly #cluster: Cluster
  readonly #seed: number
  readonly #size: ShopSize
  readonly #frozen: Set<string>
  readonly #lastIds = new Map<NumberedTable, number>()

  /** @param frozen names of rows that must be left alone; rows picked here are added. */
  constructor(cluster: Cluster, lab: LabState, frozen: Set<string>, random: Random) {
    this.#cluster = cluster
    this.#seed = lab.seed
    this.#size = shopSize(lab.rows)
    this.#frozen = frozen
    this.random = random
  }

  /** One row of a table, which `condition` holds for. */
  async row(table: NumberedTable, condition = 'TRUE'): Promise<PickedRow> {
    const picked = await this.findRow(table, condition)
    if (picked === null) throw tooFewRows(table)
    return picked
  }

  /** One row of a table, which `condition` holds for; `null` when there is none left. */
  async findRow(table: NumberedTable, condition: string): Promise<PickedRow | null> {
    return (await this.#findRows(table, 1, condition))?.[0] ?? null
  }

  /** Several rows of a table that lie close to each other. */
  async rows(table: NumberedTable, count: number, condition: string): Promise<readonly PickedRow[]> {
    const picked = await this.#findRows(table, count, condition)
    if (picked === null) throw tooFewRows(table)
    return picked
  }

  async #findRows(table: NumberedTable, count: number, condition: string): Promise<readonly PickedRow[] | null> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const free = (await this.#window(table, WINDOW * count, condition)).filter((row) => this.#isFree(row))
      const picked = distinctOrders(free).slice(0, count)
      if (picked.length < count) continue
      for (const row of picked) this.#freeze(row)
      return picked
    }
    return null
  }

  /** The lines of an order. */
  async itemsOf(order: RowRef): Promise<readonly RowRef[]> {
    const rows = await this.#query(
      `SELECT item_id FROM order_items WHERE order_id = ${order.key.order_id} ORDER BY item_id`
    )
    return rows.map(({ item_id = '' }) => ({ table: 'order_items', key: { item_id: item_id ?? '' } }))
  }

  /** One of the seeded sessions. */
  session(): RowRef {
    return this.#numbered('sessions', (i) => ({ token: { hex: sessionToken(this.#seed, i) } }))
  }

  /** One of the seeded stores. */
  store(): RowRef {
    return this.#numbered('stores', storeKey)
  }

  /** A customer or a product that every master has, to refer to. */
  async parent(table: 'customers' | 'products'): Promise<string> {
    const key = TABLES[table].key[0] ?? ''
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const id = String(this.random.between(1, this.#size[table]))
      if (!this.#frozen.has(rowName({ table, key: { [key]: id } }))) return id
    }
    throw tooFewRows(table)
  }

  /** An id that no master has taken, in the lane of one of them. */
  async idInLane(table: NumberedTable, master: number): Promise<string> {
    const masters = this.#cluster.members.length
    let id = (await this.#lastId(table)) + 1
    while ((id - 1) % masters !== master) id++
    this.#lastIds.set(table, id)
    return String(id)
  }

  /** The next id, whosever lane it lies in. */
  async nextId(table: NumberedTable): Promise<string> {
    const id = (await this.#lastId(table)) + 1
    this.#lastIds.set(table, id)
    return String(id)
  }

  async #lastId(table: NumberedTable): Promise<number> {
    const known = this.#lastIds.get(table)
    if (known !== undefined) return known
    const greatest = `SELECT MAX(${TABLES[table].key[0]}) AS id FROM ${table}`
    const found = await Promise.all(this.#cluster.members.map(({ session }) => session.query(greatest)))
    return Math.max(...found.map(([row]) => Number(row?.id)))
  }

  async #window(table: NumberedTable, limit: number, condition: string): Promise<readonly PickedRow[]> {
    const key = TABLES[table].key[0] ?? ''
    const start = this.random.between(1, this.#size[table])
    const rows = await this.#query(
      `SELECT ${TABLES[table].columns.join(', ')} FROM ${table} WHERE ${key} >= ${start} AND ${condition} ORDER BY ${key} LIMIT ${limit}`
    )
    return rows.map((values) => ({ ref: { table, key: { [key]: values[key] ?? '' } }, values }))
  }

  /** Undiverged rows are the same on every master, so any of them can be asked. */
  #query(sql: string): Promise<readonly TextRow[]> {
    return this.#cluster.at(0).session.query(sql)
  }

  #isFree(row: PickedRow): boolean {
    return namesOf(row).every((name) => !this.#frozen.has(name))
  }

  #freeze(row: PickedRow): void {
    for (const name of namesOf(row)) this.#frozen.add(name)
  }

  #numbered(table: TableName, keyOf: (i: number) => RowValues): RowRef {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const ref = { table, key: keyOf(this.random.between(1, this.#size[table])) }
      if (this.#frozen.has(rowName(ref))) continue
      this.#frozen.add(rowName(ref))
      return ref
    }
    throw tooFewRows(table)
  }
}

/** A row and, for a line of an order, the order: once a line differs, the order cannot be deleted everywhere. */
function namesOf({ ref, values }: PickedRow): readonly string[] {
  return ref.table === 'order_items' ? [rowName(ref), rowName(orderRef(values.order_id ?? ''))] : [rowName(ref)]
}

/** Keeps one line of each order. */
function distinctOrders(rows: readonly PickedRow[]): readonly PickedRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const name = namesOf(row).at(-1) ?? ''
    return !seen.has(name) && seen.add(name)
  })
}

function tooFewRows(table: TableName): MmauditError {
  return new MmauditError('usage', `too few rows of ${table} are left that do not differ yet`, {
    hint: 'start a lab with more --rows, or ask for a smaller --count'
  })
}
