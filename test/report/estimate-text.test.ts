import { expect, test } from 'vitest'
import type { Estimate, TableEstimate } from '../../src/model/estimate.js'
import { estimateLines } from '../../src/report/estimate-text.js'
import { createStyle } from '../../src/report/style.js'

const PLAIN = createStyle(false)

function table(name: string, fields: Partial<TableEstimate> = {}): TableEstimate {
  return {
    ref: { database: 'shop', table: name },
    basis: 'sampled',
    rows: 2_000_000,
    bytes: 188_000_000,
    seconds: 3.2,
    ...fields
  }
}

function estimate(tables: readonly TableEstimate[], fields: Partial<Estimate> = {}): Estimate {
  const info = { host: 'h', port: 3306, vendor: 'mariadb', serverVersion: '10.11', serverId: 1, position: '' } as const
  const load = { perSecond: { queries: 41, rows: 610_000, bytes: 57_000_000 }, roundTrip: 0.0002 }
  return {
    startedAt: new Date(0),
    finishedAt: new Date(2000),
    checksum: 'xxhash',
    concurrency: 2,
    masters: ['a', 'b'].map((name) => ({ info: { name, ...info }, ...load, linkBytesPerSecond: 1_100_000_000 })),
    bottleneck: 'servers',
    tables,
    notComparable: [],
    failed: [],
    total: { tables: tables.length, rows: 2_000_000, bytes: 188_000_000, seconds: 7980, unknown: 0 },
    ...fields
  }
}

test('says how long it would take, why, and how far to trust it', () => {
  const read = table('stores', { basis: 'read', rows: 30, bytes: 1_700, seconds: 0.004 })
  expect(estimateLines(estimate([table('orders'), read]), PLAIN, 100).slice(0, 11)).toEqual([
    'An audit of 2 tables would take about 2 h 13 min.',
    '  nothing was compared; checksum xxhash, 2 chunks at once on each master',
    '',
    '  table              rows   to send     time',
    '  shop.orders  ~2,000,000  188.0 MB    3.2 s  a part was read',
    '  shop.stores          30    1.7 kB  < 0.1 s  read to its end',
    '',
    '  a  41 queries/s  610.0 k rows/s  57.0 MB/s  answers in 0.2 ms, its connection carries 1.1 GB/s',
    '  b  41 queries/s  610.0 k rows/s  57.0 MB/s  answers in 0.2 ms, its connection carries 1.1 GB/s',
    '  the servers set the pace; where they have cores to spare, a higher --concurrency uses them',
    ''
  ])
})

test('tells the largest tables, and the others in one line', () => {
  const tables = Array.from({ length: 25 }, (_, at) => table(`t${at}`, { rows: 100, bytes: 1000, seconds: 1 }))
  const lines = estimateLines(estimate(tables), PLAIN, 100)
  expect(lines.filter((line) => line.includes('shop.t'))).toHaveLength(20)
  expect(lines.join('\n')).toMatch(/… 5 more tables +~500 +5\.0 kB +5\.0 s/)
})

test('names what could not be looked at', () => {
  const ref = { database: 'shop', table: 'gone\u001b[31m' }
  const unknown = { ...estimate([]).total, unknown: 1 }
  const text = estimateLines(
    estimate([table('heap', { basis: 'unread', seconds: null })], {
      failed: [{ ref, reason: 'master b: reading a chunk: no' }],
      notComparable: [{ ref: { database: 'shop', table: 'odd' }, reason: 'does not exist on b' }],
      total: unknown
    }),
    PLAIN,
    120
  ).join('\n')
  expect(text).toContain('shop.gone␛[31m could not be sampled: master b: reading a chunk: no')
  expect(text).toContain('shop.odd would not be compared: does not exist on b')
  expect(text).toContain('of 1 table the time is unknown')
  expect(text).toMatch(/unknown {2}reckoned by its size/)
})
