import { createHash } from 'node:crypto'
import { cents, Random } from './random.js'
import type { TableName } from './tables.js'

/**
 * The made-up shop that every lab holds: what row number `i` of a table is, given the size of the shop and a seed.
 * Values are SQL text. Ids start at 1 and count up, as if all masters had taken turns.
 */

/** How many rows each table has. */
export type ShopSize = Readonly<Record<TableName, number>>

export const STATUSES = ['OPEN', 'PAID', 'SENT', 'DONE', 'VOID'] as const

export const REGIONS = ['North', 'South', 'East', 'West', 'Centre', 'North-East', 'Île-de-France', 'Baden-Württemberg']
export const COUNTRIES = ['FR', 'DE', 'GB', 'ES', 'IT', 'NL', 'PL', 'SE', 'VN', 'US']
export const STORE_REGIONS = ['NORD', 'SUED', 'WEST', 'EAST', 'Mid1', 'mid2']

const FIRST_NAMES = [
  'Ada',
  'Björn',
  'Chloé',
  'Dinh',
  'Edsger',
  'Françoise',
  'Grace',
  'Håkon',
  'Inès',
  'Jürgen',
  'Łucja'
]
const LAST_NAMES = [
  "O'Brien",
  'Müller',
  'Nguyễn',
  'Smith',
  'García',
  'Kowalska',
  'de Vries',
  'Lindström',
  'Rossi',
  'Wu'
]
const GOODS = ['Lamp', 'Chair', 'Kettle', 'Desk', 'Mug', 'Clock', 'Rug', 'Shelf', 'Vase', 'Stool', 'Bench', 'Mirror']
const FINISHES = ['oak', 'brass', 'blue', 'linen', 'steel', 'walnut', 'crème', 'slate']

/** The shop's first and last business day in a fresh lab: 18 months, long past and far from any clock change. */
const FIRST_DAY = Date.UTC(2024, 6, 1)
const LAST_DAY = Date.UTC(2025, 11, 31)
const DAY_MS = 86_400_000

/** A shop with this many orders. */
export function shopSize(orders: number): ShopSize {
  return {
    customers: Math.max(10, Math.ceil(orders / 5)),
    products: Math.max(10, Math.min(500, Math.ceil(orders / 10))),
    stores: Math.max(30, Math.min(2000, Math.ceil(orders / 50))),
    sessions: Math.max(30, Math.ceil(orders / 10)),
    orders,
    order_items: itemsOf(orders)
  }
}

/** Items up to and with the last item of order number `orders`; see {@link itemPlace}. */
function itemsOf(orders: number): number {
  return 6 * Math.floor(orders / 3) + ([0, 1, 3][orders % 3] ?? 0)
}

/** Instants as SQL text, UTC, to the millisecond. */
export function sqlTime(epochMs: number): string {
  const iso = new Date(epochMs).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}

/** The token of the seeded session number `i`. */
export function sessionToken(seed: number, i: number): string {
  return createHash('md5').update(`session ${seed} ${i}`).digest('hex')
}

/** The key of the seeded store number `i`. */
export function storeKey(i: number): { region: string; store_code: string } {
  const region = STORE_REGIONS[i % STORE_REGIONS.length] ?? ''
  return { region, store_code: `S${String(i).padStart(5, '0')}` }
}

/** The letter of a master, by its number from 0: lower case names it, upper case marks what was written on it. */
export function masterLetter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index)
}

/** The number of an order that was taken on a master. */
export function orderNo(master: number, id: number): string {
  return `SO-${masterLetter(master).toUpperCase()}-${String(id).padStart(8, '0')}`
}

/** A full name. */
export function personName(random: Random): string {
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
}

/** The name of an article. */
export function productName(random: Random): string {
  return `${random.pick(GOODS)}, ${random.pick(FINISHES)}`
}

/** Makes the rows of one table, in key order where the key counts up. */
export class ShopRows {
  readonly #size: ShopSize
  readonly #seed: number
  readonly #masters: number
  readonly #random: Random
  readonly #step: number

  constructor(table: TableName, size: ShopSize, seed: number, masters: number) {
    this.#size = size
    this.#seed = seed
    this.#masters = masters
    this.#random = new Random(seed, table)
    this.#step = (LAST_DAY - FIRST_DAY) / size[table]
  }

  /** Row number `i`, from 1, as the values of an INSERT without their parentheses. To be called in order. */
  row(table: TableName, i: number): string {
    const random = this.#random
    // Spread evenly with a little noise: nearly distinct, and rising as ids do.
    const at = FIRST_DAY + Math.floor((i - 1 + random.below(1000) / 1000) * this.#step)
    const created = sqlTime(at)
    const updated = sqlTime(at + random.below(5 * DAY_MS))
    switch (table) {
      case 'customers':
        return this.#customer(i, created, updated)
      case 'products':
        return `${i},'SKU-${String(i).padStart(6, '0')}','${productName(random)}',${random.money(100, 19999)},${random.between(5, 900)},'${created}','${updated}'`
      case 'stores':
        return this.#store(i, created, updated)
      case 'sessions':
        return `X'${sessionToken(this.#seed, i)}',${this.#customerId()},'${created}','${updated}'`
      case 'orders':
        return `${i},${this.#customerId()},'${created.slice(0, 10)}',${random.money(500, 99999)},'${random.pick(REGIONS)}','${orderNo((i - 1) % this.#masters, i)}','${random.pick(STATUSES)}','${created}','${updated}'`
      case 'order_items':
        return this.#item(i, created)
    }
  }

  #customerId(): number {
    return this.#random.between(1, this.#size.customers)
  }

  #customer(i: number, created: string, updated: string): string {
    const random = this.#random
    const name = personName(random).replaceAll("'", "''")
    const credit = random.below(10) === 0 ? 'NULL' : random.money(0, 500_000)
    return `${i},'customer${i}@example.com','${name}','${random.pick(COUNTRIES)}',${credit},'${created}','${updated}'`
  }

  #store(i: number, created: string, updated: string): string {
    const { region, store_code } = storeKey(i)
    const manager = personName(this.#random).replaceAll("'", "''")
    return `'${region}','${store_code}','${manager}',${this.#random.money(0, 90_000_000)},'${created.slice(0, 10)}','${updated}'`
  }

  /** Orders have one, two or three items in turn: two on average, and no order lacks one. */
  #item(i: number, created: string): string {
    const { order, line } = itemPlace(i)
    const random = this.#random
    const price = cents(random.between(100, 19_999))
    return `${i},${order},${random.between(1, this.#size.products)},${line},${random.between(1, 9)},${price},'${created}'`
  }
}

/** The order and line that item number `i` (from 1) stands in: of each six items, one, two and three go to an order. */
export function itemPlace(i: number): { readonly order: number; readonly line: number } {
  const group = Math.floor((i - 1) / 6)
  const place = [
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 1],
    [3, 2],
    [3, 3]
  ][(i - 1) % 6]
  return { order: 3 * group + (place?.[0] ?? 1), line: place?.[1] ?? 1 }
}
