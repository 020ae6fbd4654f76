import { describe, expect, test } from 'vitest'
import type { TableResult } from '../../src/model/report.js'
import { summarise } from '../../src/model/summary.js'

function result(other: Partial<TableResult> = {}): TableResult {
  return {
    database: 'shop',
    table: 'items',
    status: 'consistent',
    reason: null,
    drift: [],
    key: ['id'],
    chunks: { total: 1, mismatched: 0 },
    rows: { a: 1, b: 1 },
    sums: {},
    missing: 0,
    conflict: 0,
    collision: 0,
    unsettled: 0,
    ...other
  }
}

test('tables and rows are added up by kind', () => {
  const results = [
    result(),
    result({ status: 'divergent', missing: 1, conflict: 2, collision: 3 }),
    result({ status: 'divergent', missing: 10 }),
    result({ status: 'skipped' }),
    result({ status: 'failed', conflict: 20, unsettled: 5 })
  ]
  expect(summarise(results)).toEqual({
    consistent: false,
    complete: false,
    tables: 5,
    divergent: 2,
    skipped: 1,
    failed: 1,
    missing: 11,
    conflict: 22,
    collision: 3,
    unsettled: 5,
    unlisted: 0
  })
})

describe('the bottom line', () => {
  test.each<[string, readonly Partial<TableResult>[], { consistent: boolean; complete: boolean }]>([
    ['all agree', [{}, {}], { consistent: true, complete: true }],
    ['no tables', [], { consistent: true, complete: true }],
    ['a table differs', [{}, { status: 'divergent', missing: 1 }], { consistent: false, complete: true }],
    ['a table was skipped', [{}, { status: 'skipped' }], { consistent: true, complete: false }],
    ['a table failed', [{ status: 'failed' }], { consistent: true, complete: false }],
    [
      'a table failed after it showed a difference',
      [{ status: 'failed', conflict: 1 }],
      { consistent: false, complete: false }
    ],
    ['rows did not settle', [{ status: 'failed', unsettled: 1 }], { consistent: true, complete: false }],
    [
      'rows did not settle beside others that differ',
      [{ status: 'divergent', collision: 1, unsettled: 1 }],
      { consistent: false, complete: false }
    ]
  ])('%s', (_, results, expected) => {
    expect(summarise(results.map(result))).toMatchObject(expected)
  })
})
