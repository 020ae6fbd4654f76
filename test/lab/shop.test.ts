import { describe, expect, it } from 'vitest'
import { inserts } from '../../src/lab/seed.js'
import { itemPlace, ShopRows, shopSize, sqlTime, storeKey } from '../../src/lab/shop.js'
import { TABLES, type TableName } from '../../src/lab/tables.js'

const names = Object.keys(TABLES) as TableName[]

function rowsOf(table: TableName, orders: number, seed: number): string[] {
  const size = shopSize(orders)
  const rows = new ShopRows(table, size, seed, 2)
  return Array.from({ length: size[table] }, (_, i) => rows.row(table, i + 1))
}

describe('the shop', () => {
  it.each(names)('makes the same %s from the same seed, and others from another', (table) => {
    expect(rowsOf(table, 100, 7)).toEqual(rowsOf(table, 100, 7))
    expect(rowsOf(table, 100, 7)).not.toEqual(rowsOf(table, 100, 8))
  })

  it.each([1, 2, 3, 4, 5, 100])('gives items only to its %i orders, and to each at least one', (orders) => {
    const count = shopSize(orders).order_items
    const placed = Array.from({ length: count }, (_, i) => itemPlace(i + 1))
    expect(new Set(placed.map(({ order }) => order))).toEqual(new Set(Array.from({ length: orders }, (_, i) => i + 1)))
    expect(new Set(placed.map(({ order, line }) => `${order} ${line}`)).size).toBe(count)
  })

  it('marks each order with the master whose lane its id lies in', () => {
    const [first = '', second = ''] = rowsOf('orders', 10, 1)
    expect(first).toContain("'SO-A-00000001'")
    expect(second).toContain("'SO-B-00000002'")
  })

  it('never names two stores alike, whatever the collation makes of case', () => {
    const keys = Array.from({ length: 2000 }, (_, i) =>
      Object.values(storeKey(i + 1))
        .join('.')
        .toLowerCase()
    )
    expect(new Set(keys).size).toBe(2000)
  })

  it('writes instants to the millisecond, in UTC', () => {
    expect(sqlTime(Date.UTC(2025, 1, 3, 4, 5, 6, 7))).toBe('2025-02-03 04:05:06.007')
  })

  it('fills a table with statements of a limited number of rows', () => {
    const statements = [...inserts('orders', { size: shopSize(12_000), seed: 1, masters: 2 })]
    expect(statements).toHaveLength(3)
    for (const statement of statements) expect(statement).toMatch(/^INSERT INTO orders VALUES \(\d+,/)
    expect(statements.join(' ').match(/'SO-[AB]-\d{8}'/g)).toHaveLength(12_000)
  })
})
