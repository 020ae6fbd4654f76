import { describe, expect, test } from 'vitest'
import { MmauditError } from '../../src/model/errors.js'
import { summarise } from '../../src/model/summary.js'
import type { RowValues } from '../../src/model/value.js'
import { CsvReport } from '../../src/report/csv.js'
import { keyCell } from '../../src/report/csv-cells.js'
import { defuse } from '../../src/report/formula.js'
import { readDecisions } from '../../src/report/read-decisions.js'
import { MemoryOutput } from './memory-output.js'

const HEADER = 'database,table,key,class,reason,columns,winner,action,status,a,b'

const read = (text: string, masters = ['a', 'b']) => readDecisions(text, 'edited.csv', masters)

const of = (text: string, key: RowValues, table = 'items') => read(text).overrideOf({ database: 'shop', table, key })

function failure(text: string): MmauditError {
  try {
    read(text)
  } catch (error) {
    if (error instanceof MmauditError) return error
    throw error
  }
  throw new Error('expected an error')
}

describe('decisions', () => {
  const file = [
    HEADER,
    'shop,items,1,conflict,,stock,a,,,,',
    'shop,items,2,conflict,,stock, DELETE ,,,,',
    'shop,items,3,conflict,,stock,skip,,,,',
    'shop,items,4,conflict,,stock,,,,,',
    ''
  ]

  test.each([['\n'], ['\r\n']])('are read with lines that end in %j', (end) => {
    const text = `\uFEFF${file.join(end)}`
    expect(read(text).size).toBe(3)
    expect(of(text, { id: '1' })).toEqual({ winner: 'a' })
    expect(of(text, { id: '2' })).toBe('delete')
    expect(of(text, { id: '3' })).toBe('skip')
    expect(of(text, { id: '4' })).toBeNull()
    expect(of(text, { id: '1' }, 'orders')).toBeNull()
  })

  test.each([[';'], ['\t'], [',']])('are read as a spreadsheet writes them, with %j between', (delimiter) => {
    const lines = [
      ['"winner"', 'key', 'note', 'table', 'database'],
      ['b', '9', 'x', 'items', 'shop']
    ]
    expect(of(lines.map((cells) => cells.join(delimiter)).join('\n'), { id: '9' })).toEqual({ winner: 'b' })
  })

  test.each<[string, RowValues]>([
    ['of several columns', { shop: '1', item: 'a"b,c' }],
    ['of bytes', { id: { hex: '00ff' } }],
    ['that looks like a formula', { id: '=1+1' }],
    ['that begins with an apostrophe', { id: "'=x" }],
    ['of several lines', { id: 'one\ntwo' }],
    ['that looks like JSON', { id: '{}' }]
  ])('find a key %s', (_, key) => {
    const cell = `"${defuse(keyCell(key)).replaceAll('"', '""')}"`
    expect(of(`database,table,key,winner\nshop,items,${cell},a`, key)).toEqual({ winner: 'a' })
  })

  test('may say the same twice', () => {
    const text = 'database,table,key,winner\nshop,items,1,a\nshop,items,1,a\nshop,items,1,'
    expect(of(text, { id: '1' })).toEqual({ winner: 'a' })
  })

  test('that nobody asked for are told', () => {
    const decisions = read(file.join('\n'))
    decisions.overrideOf({ database: 'shop', table: 'items', key: { id: '1' } })
    expect(decisions.unmatched()).toEqual(['line 3: shop.items 2', 'line 4: shop.items 3'])
  })

  test('are read back from a report of our own', async () => {
    const output = new MemoryOutput()
    const report = new CsvReport(output)
    const info = (name: string) =>
      ({ name, host: 'h', port: 1, vendor: 'mysql', serverVersion: '9', serverId: 1, position: '' }) as const
    await report.open({
      startedAt: new Date(),
      checksum: 'xxhash',
      masters: [info('a'), info('b')],
      tables: 1,
      notes: []
    })
    const decision = {
      policy: 'prefer:a',
      winner: 'a',
      action: 'update',
      status: 'planned',
      rule: 'rule 1',
      reason: ''
    } as const
    const key = { id: '-5', part: '=x' }
    await report.divergences([
      {
        database: 'shop',
        table: 'items',
        key,
        class: 'conflict',
        reason: '=evil',
        columns: ['stock'],
        rows: { a: { ...key, stock: '1' }, b: { ...key, stock: '2' } },
        decision,
        evidence: null
      }
    ])
    await report.close(new Date(), summarise([]))
    expect(of(output.text, key)).toEqual({ winner: 'a' })
  })
})

describe('wrong decisions', () => {
  test.each([
    [
      `${HEADER}\nshop,items,1,conflict,,stock,a,,,,\nshop,items,2,conflict,,stock,c,,,,`,
      'edited.csv:3: "c" cannot be a winner'
    ],
    [
      'database,table,key,winner\nshop,items,1,a\nshop,items,2,a\nshop,items,1,b',
      'edited.csv:4: shop.items 1 was decided before, on line 2: a, and now b'
    ],
    ['table,key,Winner\n', 'edited.csv has no column database, winner'],
    ['', 'edited.csv has no column database, table, key, winner']
  ])('%#', (text, message) => {
    const error = failure(text)
    expect([error.code, error.message]).toEqual(['usage', message])
    expect(error.hint).not.toBeNull()
  })

  test('in a file that is no CSV', () => {
    expect(failure('database,table,key,winner\n"shop,items').message).toMatch(/^edited.csv is no CSV: .*line 2/i)
  })
})
