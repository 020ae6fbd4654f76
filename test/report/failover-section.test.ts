import { expect, test } from 'vitest'
import type { FailoverReport } from '../../src/model/failover.js'
import { failoverSection, failoverVerdict, isUneventful } from '../../src/report/failover-section.js'
import { createStyle } from '../../src/report/style.js'

const RETURNED: FailoverReport = {
  ...{ kind: 'returned', master: 'a', by: 'gtid', server: '1', unsent: 2, pending: [], gaps: [], notes: ['note'] },
  lacked: [
    { master: 'a', count: 3, which: '2-2-1 to 2-2-3', unsent: '', readOn: ['b'] },
    { master: 'b', count: 2, which: '1-1-4 to 1-1-5', unsent: '1-1-4 to 1-1-5', readOn: ['a'] },
    { master: 'c', count: 0, which: '1-1-4', unsent: '', readOn: [] }
  ],
  rows: { written: 5, bothSides: 1, arriving: 4, troubled: 12 },
  troubled: Array.from({ length: 12 }, (_, at) => ({
    ...{ database: 'shop', table: 'orders', key: { id: String(at) }, outlook: 'both-sides', because: 'crosses' }
  })),
  answer: 'no',
  reasons: [{ id: 'both-sides', masters: ['a', 'b'], text: '12 rows written on both sides' }],
  stepOver: [{ master: 'b', statement: 'STOP SLAVE' }]
}

const plain = (report: FailoverReport) => failoverSection(report, createStyle(false), 100).flat()

test('a returned master is told with what each lacks, the rows, the statements and the verdict', () => {
  expect(plain(RETURNED)).toEqual([
    'Transactions to and from a',
    '  a has missed 3 transactions (2-2-1 to 2-2-3), read on b',
    '  b lacks 2 transactions (1-1-4 to 1-1-5), read on a; only a has them',
    '  c lacks transactions that were not read (1-1-4)',
    '  5 rows changed by them: 1 on both sides, 4 that will agree by replication, 12 that will not',
    'Rows that will not come right by themselves',
    ...Array.from({ length: 10 }, (_, at) => `  shop.orders  id ${at}: crosses`),
    '  … 2 more rows',
    'To know',
    '  note',
    'Step over the unsent transactions, once their rows are as wanted',
    '  run on b',
    '    STOP SLAVE;',
    '✗ Safe for a to rejoin: no, because:',
    '  • 12 rows written on both sides'
  ])
})

test.each([
  [{ answer: 'yes', reasons: [] }, '✓ Safe for a to rejoin: yes. 2 unsent transactions will arrive by replication.'],
  [{ answer: 'yes', reasons: [], unsent: 0 }, '✓ Safe for a to rejoin: yes.'],
  [{ answer: 'unknown' }, '! Safe for a to rejoin: unknown, because:'],
  [{ kind: 'lost' }, '✗ The survivors do not agree on what a wrote, because:'],
  [{ kind: 'lost', answer: 'unknown' }, '! Whether the survivors agree on what a wrote cannot be told, because:']
] as const)('%j is told as such', (more, line) => {
  expect(failoverVerdict({ ...RETURNED, ...more }, createStyle(false))[0]).toBe(line)
})

test('what a lost master never sent is said not to be known', () => {
  const [line] = failoverVerdict({ ...RETURNED, kind: 'lost', answer: 'yes', reasons: [] }, createStyle(false))
  expect(line).toContain('What it wrote and never sent, only it can tell')
})

test('only what nothing was lost in is nothing to tell of', () => {
  expect(isUneventful({ ...RETURNED, answer: 'yes', unsent: 0 })).toBe(true)
  expect(isUneventful({ ...RETURNED, answer: 'yes' })).toBe(false)
  expect(isUneventful({ ...RETURNED, answer: 'yes', unsent: 0, gaps: ['?'] })).toBe(false)
})

test('names from a server cannot act on the terminal', () => {
  const reasons = [{ id: 'stops', masters: ['b'], text: 'bad \u001b[31m table' }] as const
  expect(plain({ ...RETURNED, reasons }).join('\n')).not.toContain('\u001b')
})
