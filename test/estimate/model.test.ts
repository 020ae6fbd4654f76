import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bottleneckOf,
  expect as expected,
  paceOf,
  type Sample,
  type SizedTable,
  sliceOf,
  totalOf
} from '../../src/estimate/model.js'

const TABLE: SizedTable = {
  ref: { database: 'shop', table: 'orders' },
  estimatedRows: 1_000_000,
  averageRowBytes: 100
}
const SAMPLE: Sample = { rows: 50_000, bytes: 4_000_000, keys: 50_000, seconds: 0.5, whole: false }

describe('one table', () => {
  test('is reckoned by the share of it that was read', () => {
    expect(expected(TABLE, SAMPLE, null)).toEqual({
      ref: TABLE.ref,
      basis: 'sampled',
      rows: 1_000_000,
      bytes: 80_000_000,
      seconds: 10
    })
  })

  test('under a condition, is read by its keys and has the rows that meet it', () => {
    const sample = { ...SAMPLE, rows: 10_000, bytes: 800_000 }
    expect(expected(TABLE, sample, null)).toMatchObject({ rows: 200_000, bytes: 16_000_000, seconds: 10 })
  })

  test('that was read to its end is as it was seen, whatever the servers think', () => {
    const sample = { ...SAMPLE, whole: true }
    expect(expected(TABLE, sample, null)).toMatchObject({ basis: 'read', rows: 50_000, bytes: 4_000_000, seconds: 0.5 })
  })

  test('has at least the rows that were read of it', () => {
    expect(expected({ ...TABLE, estimatedRows: 100 }, SAMPLE, null)).toMatchObject({
      basis: 'at least',
      rows: 50_000,
      seconds: 0.5
    })
  })

  test('that was not read goes by the pace of the others', () => {
    const pace = { bytesPerSecond: 10_000_000, sentOfStored: 0.5, secondsPerTable: 0.25 }
    expect(expected(TABLE, null, pace)).toMatchObject({ basis: 'unread', bytes: 50_000_000, seconds: 5.25 })
  })

  test('is not given a time when nothing was read', () => {
    expect(expected(TABLE, null, paceOf([], 0.001))).toMatchObject({ basis: 'unread', rows: 1_000_000, seconds: null })
  })
})

test('a table that is read evenly takes what was predicted from any part of it', () => {
  const world = fc.record({
    rows: fc.integer({ min: 1, max: 1e9 }),
    part: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    rowBytes: fc.integer({ min: 1, max: 1e6 }),
    rowsPerSecond: fc.integer({ min: 1, max: 1e7 })
  })
  fc.assert(
    fc.property(world, ({ rows, part, rowBytes, rowsPerSecond }) => {
      const read = Math.max(1, Math.floor(rows * part))
      const sample = {
        rows: read,
        keys: read,
        bytes: read * rowBytes,
        seconds: read / rowsPerSecond,
        whole: read === rows
      }
      const table = { ...TABLE, estimatedRows: rows }
      const { seconds, bytes } = expected(table, sample, null)
      expect(seconds).toBeCloseTo(rows / rowsPerSecond, 6)
      expect(Math.abs(bytes - rows * rowBytes)).toBeLessThanOrEqual(1 + rows * rowBytes * 1e-9)
    })
  )
})

describe('the pace', () => {
  test('is that of all samples together', () => {
    const small = { ...SAMPLE, rows: 10, keys: 10, bytes: 1_000, seconds: 0.01, whole: true }
    expect(paceOf([SAMPLE, small].map(of), 0.001)).toEqual({
      bytesPerSecond: 4_001_000 / 0.51,
      sentOfStored: 4_001_000 / 5_001_000,
      secondsPerTable: 0.01
    })
  })

  test('takes what a table costs from the round trips when none was read to its end', () => {
    expect(paceOf([of(SAMPLE)], 0.05)?.secondsPerTable).toBeCloseTo(0.3)
  })
})

function of(sample: Sample) {
  return { table: TABLE, sample }
}

test('the sum is that of the tables and of what comes before them', () => {
  const tables = [expected(TABLE, SAMPLE, null), expected(TABLE, null, null)]
  expect(totalOf(tables, 0.5)).toEqual({
    tables: 2,
    rows: 2_000_000,
    bytes: 180_000_000,
    seconds: 10.5,
    unknown: 1
  })
})

describe('what sets the pace', () => {
  const master = (bytes: number) => ({ perSecond: { queries: 10, rows: 10, bytes }, linkBytesPerSecond: 100 })

  test.each([
    { busy: 0.2, bytes: [20, 30], bottleneck: 'servers' },
    { busy: 0.95, bytes: [20, 30], bottleneck: 'client' },
    { busy: 0.2, bytes: [20, 90], bottleneck: 'link' },
    { busy: 0.95, bytes: [20, 90], bottleneck: 'link' }
  ])('a client busy for $busy and links that carry $bytes of 100: $bottleneck', ({ busy, bytes, bottleneck }) => {
    expect(bottleneckOf(busy, bytes.map(master))).toBe(bottleneck)
  })
})

test('samples of any tables keep within the budget, and none is too short to tell anything', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1e9 }), { minLength: 1, maxLength: 50 }), (sizes) => {
      const all = sizes.reduce((sum, size) => sum + size, 0)
      let left = 2
      for (const size of sizes) {
        const slice = sliceOf(all === 0 ? 0 : size / all, 2, left)
        expect(slice === 0 || slice >= 0.1 - 1e-9).toBe(true)
        left -= slice
      }
      expect(left).toBeGreaterThanOrEqual(0)
    })
  )
})
