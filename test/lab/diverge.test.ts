import { describe, expect, it } from 'vitest'
import { changeOf } from '../../src/lab/diverge/changes.js'
import { versionsOf } from '../../src/lab/diverge/observe.js'
import { pairOf } from '../../src/lab/diverge/writes.js'
import { newCustomer, newOrder } from '../../src/lab/new-rows.js'
import { Random } from '../../src/lab/random.js'
import { withoutDomain } from '../../src/lab/replication/mariadb.js'
import { gtidsIn } from '../../src/lab/replication/mysql.js'
import { deleteStatement, insertStatement, rowName, updateStatement } from '../../src/lab/tables.js'

describe('pairs of masters', () => {
  it.each([2, 3, 5, 9])('are all there are among %i, each once, before they repeat', (size) => {
    const all = size * (size - 1)
    const pairs = Array.from({ length: all }, (_, turn) => pairOf(turn, size))
    expect(new Set(pairs.map(String)).size).toBe(all)
    for (const [first, second] of pairs) expect(first).not.toBe(second)
    expect(pairOf(all, size)).toEqual(pairOf(0, size))
  })
})

describe('GTIDs', () => {
  it('are spelled out one by one', () => {
    expect(gtidsIn('u1:1-3:7,\nu2:5')).toEqual(['u1:1', 'u1:2', 'u1:3', 'u1:7', 'u2:5'])
    expect(gtidsIn('')).toEqual([])
  })

  it('of one domain are left out', () => {
    expect(withoutDomain('1-1-10,2-2-5,10-10-3', 1)).toBe('2-2-5,10-10-3')
    expect(withoutDomain('1-1-10', 1)).toBe('')
    expect(withoutDomain('', 1)).toBe('')
  })
})

it('numbers versions of a row in the order of the masters', () => {
  expect(versionsOf(['x', 'y', 'x', null])).toEqual([1, 2, 1, null])
  expect(versionsOf([null, 'z'])).toEqual([null, 1])
})

describe('changes', () => {
  const row = {
    status: 'PAID',
    amount: '10.00',
    country: 'FR',
    credit: null,
    price: '1.00',
    stock: '3',
    quantity: '1',
    unit_price: '2.00'
  }
  const cases = (['orders', 'customers', 'products', 'order_items'] as const).flatMap((table) =>
    [0, 1].map((which) => ({ table, which }))
  )

  it.each(cases)('of $table ($which) never leave the row as it is', ({ table, which }) => {
    for (let seed = 0; seed < 50; seed++) {
      const change = changeOf(table, row, new Random(seed, 'change'), which, 0)
      const moved = Object.entries(change).filter(([column]) => column !== 'updated_at')
      expect(moved).toHaveLength(1)
      for (const [column, value] of moved) expect(value).not.toBe(row[column as keyof typeof row])
    }
  })
})

describe('new rows', () => {
  it('of two masters under the same id differ in what must be unique', () => {
    const random = new Random(1, 'new')
    const [left, right] = [0, 1].map((master) => newCustomer(random, { master, id: '7', at: 0 }))
    expect(left?.email).not.toBe(right?.email)
    const orders = [0, 1].map((master) => newOrder(random, { master, id: '7', at: 0 }, '1').order_no)
    expect(orders).toEqual(['SO-A-00000007', 'SO-B-00000007'])
  })

  it('without an id leave it to the server', () => {
    expect(newOrder(new Random(1, 'new'), { master: 0, id: null, at: 1_000 }, '1')).not.toHaveProperty('order_id')
  })
})

describe('statements', () => {
  const row = { table: 'sessions', key: { token: { hex: '00ff' } } } as const

  it('write bytes, quotes and NULL so that both vendors read them alike', () => {
    expect(insertStatement('customers', { full_name: "Ada O'Brien", credit: null })).toBe(
      "INSERT INTO customers (full_name, credit) VALUES ('Ada O''Brien', NULL)"
    )
    expect(updateStatement(row, { customer_id: '3' })).toBe(
      "UPDATE sessions SET customer_id = '3' WHERE token = X'00ff'"
    )
    expect(deleteStatement({ table: 'stores', key: { region: 'NORD', store_code: 'S1' } })).toBe(
      "DELETE FROM stores WHERE region = 'NORD' AND store_code = 'S1'"
    )
  })

  it('name the same row the same way', () => {
    expect(rowName(row)).toBe(rowName({ table: 'sessions', key: { token: { hex: '00ff' } } }))
    expect(rowName(row)).not.toBe(rowName({ table: 'sessions', key: { token: { hex: '00fe' } } }))
  })
})
