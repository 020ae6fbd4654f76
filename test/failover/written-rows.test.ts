import { expect, test } from 'vitest'
import type { AuditTable } from '../../src/audit/table-plan.js'
import { Findings } from '../../src/failover/findings.js'
import { MOST_MISSED, MOST_ROWS, type Side, WrittenRows } from '../../src/failover/written-rows.js'

const ORDERS = { ref: { database: 'shop', table: 'orders' } } as AuditTable
const STORES = { ref: { database: 'shop', table: 'stores' } } as AuditTable

function write(rows: WrittenRows, id: number, side: Side, table = ORDERS): void {
  const key = [String(id)]
  if (!rows.wants(table, key, side, 0)) return
  rows.add({ table, key, kind: 'update', after: { id: String(id), v: side } }, side, [side === 'own' ? 'b' : 'a'])
}

test('of the changes of a row, the first and the last are kept, for each master and from each side', () => {
  const rows = new WrittenRows()
  const change = { table: ORDERS, key: ['1'] }
  rows.add({ ...change, kind: 'insert', after: { id: '1', v: 'x', w: 'y' } }, 'own', ['b', 'c'])
  rows.add({ ...change, kind: 'update', after: { v: 'z' } }, 'own', ['b', 'c'])
  rows.add({ ...change, kind: 'delete', after: null }, 'own', ['c'])
  rows.add({ ...change, kind: 'update', after: { v: 'q' } }, 'others', ['a'])
  const [row] = rows.all
  expect(Object.fromEntries(row?.lacked ?? [])).toEqual({
    a: { first: 'update', after: { v: 'q' } },
    b: { first: 'insert', after: { id: '1', v: 'z', w: 'y' } },
    c: { first: 'insert', after: null }
  })
  expect([...(row?.sides ?? [])]).toEqual(['own', 'others'])
})

test('of what was missed only so much is held, but all that was written on the other side as well', () => {
  const rows = new WrittenRows()
  write(rows, -1, 'own')
  for (let id = 0; id < MOST_MISSED; id++) write(rows, id, 'others')
  expect(rows.leftOut).toBe(false)
  write(rows, MOST_MISSED, 'others')
  expect(rows.leftOut).toBe(true)
  write(rows, -1, 'others')
  expect(rows.all).toHaveLength(MOST_MISSED + 1)
  expect(rows.all[0]?.sides.size).toBe(2)
})

test('changes of a transaction that has not ended count as well', () => {
  const rows = new WrittenRows()
  expect(rows.wants(ORDERS, ['1'], 'own', MOST_ROWS - 1)).toBe(true)
  expect(rows.wants(ORDERS, ['1'], 'own', MOST_ROWS)).toBe(false)
  expect(rows.leftOut).toBe(true)
})

test('what cannot be read stands in the way where it is about unsent writes, or about their tables', () => {
  const findings = new Findings()
  write(findings.rows, 1, 'own')
  const statement = { sql: 'ALTER TABLE stores ADD x INT', database: 'shop' }
  findings.addGap({ side: 'own', ref: STORES.ref, text: 'own' })
  findings.addGap({ side: 'others', ref: STORES.ref, text: 'elsewhere' })
  findings.addGap({ side: 'others', ref: ORDERS.ref, text: 'disputed' })
  findings.addGap({ side: 'others', ref: null, text: 'anywhere' })
  findings.addStatement({ side: 'others', text: 'of stores', ...statement })
  findings.addStatement({ side: 'others', text: 'of orders', sql: 'TRUNCATE shop.orders', database: '' })
  findings.leaveOut({ database: 'mysql', table: 'user' })
  expect(findings.judged.gaps).toEqual(['own', 'disputed', 'anywhere', 'of orders'])
  expect(findings.judged.notes).toEqual([expect.stringContaining('mysql.user'), 'elsewhere', 'of stores'])
})

test('what a master has only missed stands in nobody’s way', () => {
  const findings = new Findings()
  write(findings.rows, 1, 'others')
  findings.addGap({ side: 'others', ref: null, text: 'anywhere' })
  expect(findings.judged).toEqual({ gaps: [], notes: ['anywhere'] })
})
