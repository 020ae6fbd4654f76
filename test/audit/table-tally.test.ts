import { describe, expect, test } from 'vitest'
import { notCompared, TableTally } from '../../src/audit/table-tally.js'
import { type Digest, singleDigest } from '../../src/model/chunk.js'
import type { Divergence, DivergenceClass } from '../../src/model/divergence.js'
import { auditTable, column } from '../support/columns.js'

const TABLE = auditTable([column('id'), column('price', { dataType: 'decimal', scale: 2 })], { summed: [0, 1] })

const ENGINE = { aspect: 'engine', name: null, masters: { a: 'InnoDB', b: 'Aria' } } as const

function tally(): TableTally {
  return new TableTally(TABLE, ['a', 'b'])
}

function digest(rows: number, ...sums: readonly bigint[]): Digest {
  return singleDigest({ rows, sums, checksum: BigInt(rows), bytes: 0 })
}

function divergence(kind: DivergenceClass): Divergence {
  return { ...TABLE.ref, key: {}, class: kind, reason: '', columns: [], rows: {}, decision: null, evidence: null }
}

const NOTHING_FOUND = { differing: [], unsettled: 0, obstacles: [], digests: [] }
const LATE = { follower: 'b', source: 'a', kind: 'timeout', reason: 'b was too slow' } as const

describe('the result of a table', () => {
  test('adds up rows and sums by master', () => {
    const sum = tally()
    sum.addPart({ ...NOTHING_FOUND, digests: [digest(2, 3n, 1999n), digest(2, 3n, 1999n)] })
    sum.addPart({ ...NOTHING_FOUND, digests: [digest(1, 9n, -2000n), digest(0, 0n, 0n)] })
    expect(sum.result(null)).toMatchObject({
      rows: { a: 3, b: 2 },
      sums: { id: { a: '12', b: '3' }, price: { a: '-0.01', b: '19.99' } }
    })
  })

  test('counts chunks, and rows by the master that has most', () => {
    const sum = tally()
    sum.addChunk([digest(10), digest(9)], false)
    sum.addChunk([digest(5), digest(5)], true)
    expect(sum.result(null).chunks).toEqual({ total: 2, mismatched: 1 })
    expect(sum.rowsRead).toBe(15)
  })

  test('of which nothing was found is consistent', () => {
    expect(tally().result(null)).toMatchObject({ status: 'consistent', reason: null, key: ['id'] })
  })

  test('with a divergence of any class is divergent', () => {
    const sum = tally()
    for (const kind of ['missing', 'conflict', 'conflict', 'collision'] as const) sum.addDivergence(divergence(kind))
    expect(sum.result(null)).toMatchObject({ status: 'divergent', missing: 1, conflict: 2, collision: 1 })
  })

  test('that could not be compared to the end is failed, whatever was found before', () => {
    const sum = tally()
    sum.addDivergence(divergence('missing'))
    expect(sum.result('master b: gone')).toMatchObject({ status: 'failed', reason: 'master b: gone', missing: 1 })
  })

  test('is not consistent while rows are unsettled, and says why, once', () => {
    const sum = tally()
    sum.addPart({ ...NOTHING_FOUND, unsettled: 2, obstacles: [LATE] })
    sum.addPart({ ...NOTHING_FOUND, unsettled: 1, obstacles: [LATE] })
    expect(sum.result(null)).toMatchObject({
      status: 'failed',
      unsettled: 3,
      reason: '3 rows could not be settled in the time allowed; b was too slow'
    })
  })

  test('with another definition elsewhere is consistent all the same, and lists where', () => {
    const drifted = new TableTally({ ...TABLE, drift: [ENGINE] }, ['a', 'b'])
    expect(drifted.result(null)).toMatchObject({ status: 'consistent', reason: null, drift: [ENGINE] })
  })

  test('says what was left out, behind what went wrong', () => {
    const partial = new TableTally({ ...TABLE, notes: ['column x was not compared'] }, ['a', 'b'])
    expect(partial.result(null)).toMatchObject({ status: 'consistent', reason: 'column x was not compared' })
    expect(partial.result('b is gone').reason).toBe('b is gone; column x was not compared')
  })

  test('tells what could not be waited for, even if all agrees', () => {
    const sum = tally()
    sum.addPart({ ...NOTHING_FOUND, obstacles: [LATE] })
    expect(sum.result(null)).toMatchObject({ status: 'consistent', reason: 'b was too slow' })
  })
})

test('a table that cannot be compared is failed, without any number but with its drift', () => {
  expect(notCompared({ kind: 'fail', ref: TABLE.ref, reason: 'not on b', drift: [ENGINE] })).toEqual({
    ...TABLE.ref,
    status: 'failed',
    reason: 'not on b',
    key: [],
    drift: [ENGINE],
    chunks: { total: 0, mismatched: 0 },
    rows: {},
    sums: {},
    missing: 0,
    conflict: 0,
    collision: 0,
    unsettled: 0
  })
})
