import { describe, expect, test } from 'vitest'
import { divergence, header, master, result } from './samples.js'
import { show } from './show-terminal.js'

const orders = result('orders', {
  status: 'divergent',
  rows: { a: 2_000_000, b: 1_999_968 },
  chunks: { total: 200, mismatched: 3 },
  missing: 32,
  conflict: 1,
  collision: 1,
  sums: { order_id: { a: '1', b: '2' }, amount: { a: '999990000.00', b: '999989000.00' } }
})

const missing = divergence({
  class: 'missing',
  columns: [],
  key: { order_id: '40011' },
  reason: 'present on a; not on b; id 40011 lies in the auto-increment lane of a',
  rows: { a: { order_id: '40011', customer_id: '17', region: null, note: '' }, b: null }
})

const collision = divergence({
  class: 'collision',
  columns: ['customer_id'],
  key: { order_id: '7' },
  reason: 'unique key (customer_id) differs',
  rows: {
    a: { order_id: '7', customer_id: 'x\u001b[31m', region: 'south' },
    b: { order_id: '7', customer_id: '18', region: 'south' }
  }
})

describe('the terminal report', () => {
  test('is short when all is equal', async () => {
    const results = [result('customers'), result('orders', { rows: { a: 2_000_000, b: 2_000_000 } })]
    const shop = result('people', { database: 'crm', rows: { a: 1, b: 1 } })
    expect(await show({ results: [...results, shop] })).toBe(
      `retail_db  2 tables  2,050,000 rows  all equal
crm         1 table           1 row  all equal

✓ Consistent: 3 tables hold the same data on a (10.0.0.1:3306) and b (10.0.0.2:3306).
  4,100,002 rows compared in 12.3 s (333,333 rows/s), checksum xxhash
`
    )
  })

  test('shows what differs, side by side', async () => {
    const results = [
      result('customers'),
      orders,
      result('audit_log', {
        status: 'skipped',
        reason: 'it has no usable key',
        rows: {},
        chunks: { total: 0, mismatched: 0 }
      }),
      result('sessions', { status: 'failed', reason: 'master b: SELECT denied', rows: { a: 5 }, unsettled: 0 })
    ]
    const notes = ['b does not replicate from a: its SQL thread stopped']
    const options = { savedTo: ['report.json', 'rows.csv'] }
    const divergences = [missing, divergence(), collision]
    expect(await show({ header: header({ notes }), results, divergences, options })).toBe(
      `Masters
  a  10.0.0.1:3306  MySQL 8.4.3              server 1  3e11fa47-71ca-11e1-9e33-c80aa9429562:1-…
  b  10.0.0.2:3306  MariaDB 10.11.6-MariaDB  server 2  0-2-1881

retail_db
  table        state    rows on a    rows on b    chunks  missing  conflict  collision
  customers  ✓ equal       50,000       50,000         8        ·         ·          ·
  orders     ✗ differs  2,000,000  ≠ 1,999,968  3 of 200       32         1          1
  audit_log  – skipped          –            –         –        ·         ·          ·
      it has no usable key
  sessions   ! failed           5            –         8        ·         ·          ·
      master b: SELECT denied

Sums that differ
  table             column               a               b      b − a
  retail_db.orders  amount  999,990,000.00  999,989,000.00  -1,000.00

missing  32 rows: some masters have the row, others do not

  retail_db.orders  order_id 40011
  present on a; not on b; id 40011 lies in the auto-increment lane of a
                 a     b
    customer_id  17    (missing)
    region       NULL
    note         ''

  … 31 more: retail_db.orders 31

conflict  1 row: the same row, with different contents

  retail_db.orders  order_id 40009
  created_at is the same
             a       b
     region  north   north
  ≠  amount  402.79  403.79

collision  1 row: different rows that took the same key

  retail_db.orders  order_id 7
  unique key (customer_id) differs
                  a       b
  ≠  customer_id  x␛[31m  18
     region       south   south

Notes
  • b does not replicate from a: its SQL thread stopped

! Incomplete: of 4 tables, 1 failed and 1 skipped; found so far: 32 missing, 1 conflict, 1 collision.
  4,099,973 rows compared in 12.3 s (333,331 rows/s), checksum xxhash

Next
  • mend what made tables fail, then run the same audit again
  • every divergent row is in report.json and rows.csv
  • look at one table alone: mmaudit diff retail_db.orders
  • check that replication runs: SHOW REPLICA STATUS on a; SHOW ALL SLAVES STATUS on b
`
    )
  })

  test('puts masters that hold the same version together', async () => {
    const masters = ['a', 'b', 'c'].map((name) => master(name))
    const amount = (value: string | null) => ({ order_id: '40009', amount: value })
    const text = await show({
      header: header({ masters }),
      results: [
        result('orders', {
          status: 'divergent',
          conflict: 2,
          rows: { a: 5, b: 5, c: 4 },
          sums: { amount: { a: '1.00', b: '-2.50', c: '1000.00' } }
        })
      ],
      divergences: [
        divergence({ rows: { a: amount('1'), b: amount('2'), c: amount('1') } }),
        divergence({ rows: { a: amount('1'), b: amount(null), c: null } })
      ]
    })
    expect(text).toContain(`
             a, c  b
  ≠  amount  1     2
`)
    expect(text).toContain(`
             a  b     c
  ≠  amount  1  NULL  (missing)
`)
    expect(text).toContain(`
  table     state    rows on a  rows on b  rows on c  chunks  missing  conflict  collision
  orders  ✗ differs          5          5        ≠ 4       8        ·         2          ·
`)
    expect(text).toContain('retail_db.orders  amount  1.00  -2.50  1,000.00  1,002.50')
    expect(text).toContain('✗ Divergent: 1 of 1 table differs: 2 conflicts.')
  })

  test('does not let a flood of one class hide the others', async () => {
    const flood = Array.from({ length: 50 }, (_, at) => ({ ...missing, key: { order_id: String(at) } }))
    const results = [{ ...orders, missing: 50 }]
    const text = await show({ results, divergences: [...flood, divergence(), collision], options: { rows: 4 } })
    expect(text.match(/^ {2}retail_db\.orders {2}order_id/gm)).toHaveLength(4)
    expect(text).toContain('order_id 40009')
    expect(text).toContain('… 48 more: retail_db.orders 48')
  })

  test('tells many equal tables in one line', async () => {
    const equal = Array.from({ length: 40 }, (_, at) => result(`t${at}`, { rows: { a: 10, b: 10 } }))
    const text = await show({ results: [...equal, orders] })
    expect(text).toContain('  … 40 more tables, 400 rows: all equal\n')
    expect(text).not.toContain('t7')
  })

  test('fits narrow terminals and lists of many columns', async () => {
    const wide = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`column_${at}`, 'v'.repeat(200)]))
    const other = { ...wide, column_3: 'w', column_29: null }
    const text = await show({
      results: [result('orders', { status: 'divergent', conflict: 1 })],
      divergences: [divergence({ columns: ['column_3', 'column_29'], rows: { a: wide, b: other } })],
      options: { width: 60 }
    })
    const block = text.slice(text.indexOf('conflict  1 row'), text.indexOf('✗ Divergent'))
    expect(block).toContain('… 28 more columns')
    for (const line of block.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  test('marks by colour only when asked', async () => {
    const shown = { results: [orders], divergences: [divergence()] }
    expect(await show({ ...shown, options: { colour: true } })).toContain('\u001b[31m402.79\u001b[39m')
    expect(await show(shown)).not.toContain('\u001b')
  })

  test('quiet: the verdict of what is wrong, nothing of what is right', async () => {
    const options = { quiet: true }
    expect(await show({ results: [result('orders')], options })).toBe('')
    expect(await show({ results: [orders], divergences: [missing], options })).toBe(
      '✗ Divergent: 1 of 1 table differs: 32 missing, 1 conflict, 1 collision.\n'
    )
  })

  test('an audit cut short says so, whatever it found', async () => {
    const text = await show({ results: [result('orders')], summary: { complete: false, tables: 5, failed: 4 } })
    expect(text).toContain('! Incomplete: of 5 tables, 4 not reached; no divergence in what was compared.')
  })

  test.each([
    ['mmaudit-1.resume', '  • go on where it was cut short: the same command with --resume mmaudit-1.resume\n'],
    ["to night's", "  • go on where it was cut short: the same command with --resume 'to night'\\''s'\n"],
    [null, '  • run the same command again: it was cut short before anything was saved to go on with\n']
  ])('an audit cut short in its last table says how to go on: %s', async (resume, said) => {
    const results = [result('orders', { status: 'failed', reason: 'interrupted by SIGINT' })]
    const text = await show({ results, summary: { complete: false }, resume, options: { width: 1000 } })
    expect(text).toContain(said)
    expect(text).not.toContain('mend')
  })
})
