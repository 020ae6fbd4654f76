import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/model/divergence.js'
import { summarise } from '../../src/model/summary.js'
import { CSV_COLUMNS, CsvReport } from '../../src/report/csv.js'
import { readColumnsCell, readKeyCell, readMasterCell } from '../../src/report/csv-cells.js'
import { defuse, undefuse } from '../../src/report/formula.js'
import { arbitraryDivergence, MASTERS } from './arbitrary.js'
import { MemoryOutput } from './memory-output.js'
import { numRuns } from './runs.js'
import { decision, divergence, header, master } from './samples.js'

async function write(divergences: readonly Divergence[], names: readonly string[]) {
  const output = new MemoryOutput()
  const report = new CsvReport(output)
  await report.open(header({ masters: names.map((name) => master(name)) }))
  await report.divergences(divergences)
  await report.close(new Date(), summarise([]))
  expect(output.state).toBe('committed')
  return output.text
}

function readBack(text: string): string[][] {
  const rows: string[][] = parse(text, { recordDelimiter: '\r\n' })
  return rows.map((row) => row.map(undefuse))
}

test('one line a divergent row, one column a master', async () => {
  const missing = divergence({
    class: 'missing',
    columns: [],
    key: { order_id: '-7', line: '2' },
    reason: 'present on a, not on b',
    rows: { a: { order_id: '-7', line: '2', note: '=HYPERLINK("x")' }, b: null }
  })
  const decided = divergence({
    key: { order_id: '=1+1' },
    decision: { policy: 'newest', winner: 'a', action: 'update', status: 'planned', rule: 'rule 1', reason: 'latest' }
  })
  expect(await write([divergence(), missing, decided], ['a', 'b'])).toBe(
    [
      'database,table,key,class,reason,columns,winner,action,status,a,b',
      'retail_db,orders,40009,conflict,created_at is the same,amount,,,,"{""amount"":""402.79""}","{""amount"":""403.79""}"',
      'retail_db,orders,"{""order_id"":""-7"",""line"":""2""}",missing,"present on a, not on b",,,,,"{""order_id"":""-7"",""line"":""2"",""note"":""=HYPERLINK(\\""x\\"")""}",(missing)',
      `retail_db,orders,'=1+1,conflict,created_at is the same,amount,a,update,planned,"{""amount"":""402.79""}","{""amount"":""403.79""}"`,
      ''
    ].join('\r\n')
  )
})

test.each([
  [decision(), ['a', 'update', 'applied']],
  [decision({ status: 'refused' }), ['a', 'update', 'refused']],
  [decision({ winner: null, action: 'none', status: 'manual' }), ['', '', 'manual']],
  [decision({ winner: 'b', action: 'none', status: 'manual' }), ['', '', 'manual']],
  [decision({ action: 'none', status: 'stale' }), ['a', '', 'stale']],
  [decision({ winner: null, action: 'delete', status: 'planned' }), ['delete', 'delete', 'planned']],
  [decision({ winner: null, action: 'update', status: 'planned' }), ['', 'update', 'planned']],
  [decision({ winner: 'a', action: 'rekey', status: 'planned' }), ['', 'rekey', 'planned']]
])('a winner stands there only where handing it back would decide the same: %j', async (decided, cells) => {
  const [, row] = readBack(await write([divergence({ decision: decided })], ['a', 'b']))
  expect(row?.slice(6, 9)).toEqual(cells)
})

test('a master that was not read has an empty cell', async () => {
  const [, row] = readBack(await write([divergence()], ['a', 'b', 'c']))
  expect(row?.at(-1)).toBe('')
})

test('reads back to the same facts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryDivergence, { maxLength: 4 }), async (divergences) => {
      const [head, ...rows] = readBack(await write(divergences, MASTERS))
      expect(head).toEqual([...CSV_COLUMNS, ...MASTERS])
      expect(rows).toHaveLength(divergences.length)
      for (const [at, expected] of divergences.entries()) {
        const [database, table, key, kind, reason, columns, , , , ...cells] = rows[at] ?? []
        expect([database, table, kind, reason]).toEqual([
          expected.database,
          expected.table,
          expected.class,
          expected.reason
        ])
        expect(readKeyCell(key ?? '', Object.keys(expected.key))).toEqual(expected.key)
        expect(readColumnsCell(columns ?? '')).toEqual(expected.columns)
        expect(cells.map(readMasterCell)).toEqual(MASTERS.map((name) => partOf(expected, name)))
      }
    }),
    { numRuns }
  )
})

function partOf(expected: Divergence, name: string) {
  const row = expected.rows[name]
  if (row === undefined || row === null || expected.class === 'missing') return row
  return Object.fromEntries(expected.columns.map((column) => [column, row[column]]))
}

describe('formulas', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"]
  ])('%j becomes %j and back', (cell, harmless) => {
    expect(defuse(cell)).toBe(harmless)
    expect(undefuse(harmless)).toBe(cell)
  })

  test.each(['-5', '+5', '-5.25', '-1.5e-10', 'a=b', '', '(missing)', "'quoted'", '{"a":"=1"}'])('%j stays', (cell) => {
    expect(defuse(cell)).toBe(cell)
    expect(undefuse(cell)).toBe(cell)
  })

  test('defusing can always be taken back, and leaves nothing to run', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."'=+-@\t\r\n1.eE＝") }), (cell) => {
        expect(undefuse(defuse(cell))).toBe(cell)
        expect(defuse(cell)).toMatch(/^(?:[+-]?\d|[^=+\-@\t\r\n＝]|$)/)
      }),
      { numRuns: numRuns * 10 }
    )
  })
})
