import type { TextRow } from '../../masters/session.js'
import type { RowValues } from '../../model/value.js'
import { cents, type Random } from '../random.js'
import { COUNTRIES, personName, STATUSES, sqlTime } from '../shop.js'
import type { NumberedTable } from './picker.js'

/**
 * What somebody does to a row of the shop: new values of one column and of `updated_at`, never what is there already.
 * @param which picks the column; two even or two odd ones change the same.
 */
export function changeOf(table: NumberedTable, row: TextRow, random: Random, which: number, at: number): RowValues {
  const updated = { updated_at: sqlTime(at) }
  const odd = which % 2 === 1
  switch (table) {
    case 'orders':
      return odd
        ? { status: otherThan(STATUSES, row.status, random), ...updated }
        : { amount: moved(row.amount, random), ...updated }
    case 'customers':
      return odd
        ? { country: otherThan(COUNTRIES, row.country, random), ...updated }
        : { credit: moved(row.credit, random), ...updated }
    case 'products':
      return odd
        ? { stock: String(Number(row.stock) + random.between(1, 40)), ...updated }
        : { price: moved(row.price, random), ...updated }
    case 'order_items':
      return odd
        ? { quantity: String(Number(row.quantity) + random.between(1, 5)) }
        : { unit_price: moved(row.unit_price, random) }
  }
}

/** What happens to a store: its turnover grows, or it gets another manager. */
export function storeChange(random: Random, at: number): RowValues {
  const updated = { updated_at: sqlTime(at) }
  if (random.below(2) === 0) return { turnover: random.money(90_000_001, 99_999_999), ...updated }
  return { manager: `${personName(random)} jun.`, ...updated }
}

function otherThan<T extends string>(values: readonly T[], now: string | null | undefined, random: Random): T {
  return random.pick(values.filter((value) => value !== now))
}

/** An amount of money that is another one now. */
function moved(amount: string | null | undefined, random: Random): string {
  const before = Math.round(Number(amount ?? 0) * 100)
  return cents(before + random.between(1, 5000))
}
