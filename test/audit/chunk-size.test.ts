import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adaptiveSize, fixedSize } from '../../src/audit/chunk-size.js'

const readings = fc.array(
  fc.record({ rows: fc.nat({ max: 50_000 }), seconds: fc.double({ min: 0, max: 100, noNaN: true }) }),
  { maxLength: 40 }
)
const narrowRows = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 80_000 }))
/** Up to the longest row there can be, of which one alone is more than the first chunk should read. */
const rowBytes = fc.oneof(narrowRows, fc.integer({ min: 80_000, max: 2 ** 32 - 1 }))

describe('an adaptive size', () => {
  test('stays within its bounds', () =>
    fc.assert(
      fc.property(narrowRows, readings, (bytes, all) => {
        const size = adaptiveSize(0.5, bytes)
        for (const { rows, seconds } of all) {
          size.record(rows, seconds)
          expect(size.next()).toBeGreaterThanOrEqual(100)
          expect(size.next()).toBeLessThanOrEqual(50_000)
        }
      })
    ))

  test('of wide rows does not fall below that of the first chunk', () =>
    fc.assert(
      fc.property(fc.integer({ min: 80_000, max: 2 ** 32 - 1 }), readings, (bytes, all) => {
        const size = adaptiveSize(0.5, bytes)
        const first = Math.min(100, size.next())
        for (const { rows, seconds } of all) {
          size.record(rows, seconds)
          expect(size.next()).toBeGreaterThanOrEqual(first)
          expect(size.next()).toBeLessThanOrEqual(50_000)
        }
      })
    ))

  test('at most doubles and at most halves at once', () =>
    fc.assert(
      fc.property(rowBytes, readings, (bytes, all) => {
        const size = adaptiveSize(0.5, bytes)
        for (const { rows, seconds } of all) {
          const before = size.next()
          size.record(rows, seconds)
          // Sizes are told rounded down: by one row at most.
          expect(size.next()).toBeLessThanOrEqual(before * 2 + 1)
          expect(size.next()).toBeGreaterThanOrEqual(before / 2 - 1)
        }
      })
    ))

  test('at most doubles where one row is as much as the first chunk should read', () => {
    const size = adaptiveSize(1, 8 * 1024 * 1024)
    for (const rows of [2, 4, 8, 16, 32, 64, 128]) {
      size.record(1, 1e-6)
      expect(size.next()).toBe(rows)
    }
  })

  test('at most doubles as it is told, where it begins between two sizes', () => {
    const size = adaptiveSize(1, (8 * 1024 * 1024) / 1.4)
    expect(size.next()).toBe(1)
    size.record(1, 1e-6)
    expect(size.next()).toBe(2)
  })

  test('is always a whole number of rows', () =>
    fc.assert(
      fc.property(rowBytes, readings, (bytes, all) => {
        const size = adaptiveSize(0.5, bytes)
        for (const { rows, seconds } of all) {
          size.record(rows, seconds)
          expect(Number.isInteger(size.next())).toBe(true)
        }
      })
    ))

  test('settles where one chunk takes the time that was asked for', () =>
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 38_000 }), (rowsPerSecond) => {
        const size = adaptiveSize(0.5, 100)
        for (let chunk = 0; chunk < 12; chunk++) size.record(size.next(), size.next() / rowsPerSecond)
        expect(Math.abs(size.next() - rowsPerSecond / 2)).toBeLessThanOrEqual(1)
      })
    ))

  test('begins small where rows are wide', () => {
    expect(adaptiveSize(0.5, 80_000).next()).toBeLessThan(110)
    expect(adaptiveSize(0.5, 2 ** 32).next()).toBe(1)
  })

  test('begins without knowing how wide rows are', () => {
    expect(adaptiveSize(0.5, 0).next()).toBe(10_000)
  })

  test('learns nothing from an empty chunk, nor from one that took no time', () => {
    const size = adaptiveSize(0.5, 100)
    size.record(0, 10)
    size.record(10_000, 0)
    expect(size.next()).toBe(10_000)
  })
})

test('a fixed size is the one that was asked for, however long chunks take', () => {
  const size = fixedSize(7)
  size.record(7, 1_000)
  expect(size.next()).toBe(7)
})
