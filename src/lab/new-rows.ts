import type { RowValues, SqlValue } from '../model/value.js'
import type { Random } from './random.js'
import {
  COUNTRIES,
  masterLetter,
  orderNo,
  personName,
  productName,
  REGIONS,
  STATUSES,
  STORE_REGIONS,
  sqlTime
} from './shop.js'

/** As many as five letters and digits can name: enough that two random ones hardly ever meet. */
const STORE_CODES = 36 ** 5

/**
 * Where, when and under which id a new row is written. Its unique columns are made of the master and the id; where the id
 * is left to the server, of the time instead, which must then be unlike that of any other such row of this master.
 */
export interface Origin {
  /** Number of the master, from 0. */
  readonly master: number
  /** `null` leaves it to the server. */
  readonly id: string | null
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A new customer. */
export function newCustomer(random: Random, { master, id, at }: Origin): RowValues {
  return {
    ...withId('customer_id', id),
    email: `new.${masterLetter(master)}.${id ?? at}@example.com`,
    full_name: personName(random),
    country: random.pick(COUNTRIES),
    credit: random.money(0, 500_000),
    created_at: sqlTime(at),
    updated_at: sqlTime(at)
  }
}

/** A new article. */
export function newProduct(random: Random, { master, id, at }: Origin): RowValues {
  return {
    ...withId('product_id', id),
    sku: `SKU-${masterLetter(master).toUpperCase()}-${id ?? at}`,
    name: productName(random),
    price: random.money(100, 19_999),
    stock: String(random.between(5, 900)),
    created_at: sqlTime(at),
    updated_at: sqlTime(at)
  }
}

/** A new order of a customer. */
export function newOrder(random: Random, { master, id, at }: Origin, customer: string): RowValues {
  const created = sqlTime(at)
  return {
    ...withId('order_id', id),
    customer_id: customer,
    order_date: created.slice(0, 10),
    amount: random.money(500, 99_999),
    region: random.pick(REGIONS),
    order_no: orderNo(master, Number(id ?? at)),
    status: random.pick(STATUSES),
    created_at: created,
    updated_at: created
  }
}

/** A new line of an order. */
export function newItem(
  random: Random,
  origin: Origin,
  place: { order: string; line: number; product: string }
): RowValues {
  return {
    ...withId('item_id', origin.id),
    order_id: place.order,
    product_id: place.product,
    line_no: String(place.line),
    quantity: String(random.between(1, 9)),
    unit_price: random.money(100, 19_999),
    created_at: sqlTime(origin.at)
  }
}

/** A new visit of a customer. */
export function newSession(random: Random, at: number, customer: string): RowValues {
  return { token: { hex: random.hex(16) }, customer_id: customer, started_at: sqlTime(at), last_seen: sqlTime(at) }
}

/** A new shop. */
export function newStore(random: Random, at: number): RowValues {
  return {
    region: random.pick(STORE_REGIONS),
    store_code: `N${random.below(STORE_CODES).toString(36).padStart(5, '0').toUpperCase()}`,
    manager: personName(random),
    turnover: random.money(0, 90_000_000),
    opened_on: sqlTime(at).slice(0, 10),
    updated_at: sqlTime(at)
  }
}

function withId(column: string, id: string | null): Record<string, SqlValue> {
  return id === null ? {} : { [column]: id }
}
