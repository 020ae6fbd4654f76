import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FindBound } from '../../src/audit/bounds.js'
import { isCountable } from '../../src/audit/bounds.js'
import { chunks } from '../../src/audit/chunk.js'
import { evenBounds } from '../../src/audit/even-bounds.js'
import { WHOLE_TABLE } from '../../src/model/range.js'
import { collect } from '../support/collect.js'
import { column, textColumn } from '../support/columns.js'
import { divergedMasters, rowsIn, type SimulatedMaster, simulatedBounds } from '../support/simulated-masters.js'

function largestOf(masters: readonly SimulatedMaster[]): bigint | null {
  const keys = masters.flatMap((master) => [...master.keys()])
  return keys.length === 0 ? null : BigInt(keys.reduce((most, key) => Math.max(most, key)))
}

/** Chunks of a size, and how often a server was asked for a bound. */
async function cut(masters: readonly SimulatedMaster[], size: number) {
  let asked = 0
  const exact = simulatedBounds(masters)
  const ask: FindBound = (range, rows) => {
    asked++
    return exact(range, rows)
  }
  const find = evenBounds(ask, async () => largestOf(masters))
  return { found: await collect(chunks(WHOLE_TABLE, () => size, find)), asked: () => asked }
}

/** Keys 1, 1 + step, … */
function evenly(count: number, step = 1): SimulatedMaster {
  return new Map(Array.from({ length: count }, (_, at) => [1 + at * step, 'x']))
}

describe('bounds made by arithmetic', () => {
  test('cut every key of every master into exactly one chunk', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, fc.integer({ min: 1, max: 20 }), async (masters, size) => {
        const { found } = await cut(masters, size)
        for (const master of masters) {
          const keys = found.flatMap(({ range }) => rowsIn(master, range).map(([key]) => key))
          expect(keys).toEqual([...master.keys()])
        }
      })
    ))

  test.each([1, 2, 3])('are seldom asked for where one of %i numbers is a key', async (step) => {
    const { found, asked } = await cut([evenly(10_000, step)], 100)
    expect(found).toHaveLength(100)
    expect(asked()).toBeLessThan(15)
    for (const { range } of found) expect(rowsIn(evenly(10_000, step), range)).toHaveLength(100)
  })

  test('are asked for each time where keys are sparse, so that no chunk grows', async () => {
    const sparse = evenly(1000, 50)
    const dense = new Map(Array.from({ length: 1000 }, (_, at): [number, string] => [50_000 + at, 'x']))
    const master = new Map([...sparse, ...dense])
    const { found } = await cut([master], 10)
    for (const { range } of found) expect(rowsIn(master, range).length).toBeLessThanOrEqual(10)
  })

  test('follow a gap with one question, not with empty chunks', async () => {
    const master = new Map([...evenly(1000), ...[...evenly(1000).keys()].map((key) => [key + 10 ** 9, 'x'] as const)])
    const { found } = await cut([master], 10)
    expect(found.length).toBeLessThan(240)
  })

  test('work for numbers beyond a double', async () => {
    const first = 2n ** 63n
    const keys = Array.from({ length: 500 }, (_, at) => first + BigInt(at))
    const ask: FindBound = async ({ lower }, rows) => {
      const from = lower === null ? 0 : keys.indexOf(BigInt(String(lower[0])))
      const bound = keys[from + rows]
      return bound === undefined ? null : [String(bound)]
    }
    const found = await collect(
      chunks(
        WHOLE_TABLE,
        () => 50,
        evenBounds(ask, async () => keys.at(-1) ?? null)
      )
    )
    expect(found.slice(0, -1).map(({ range }) => range.upper?.[0])).toEqual(
      Array.from({ length: 9 }, (_, at) => String(first + BigInt(50 * (at + 1))))
    )
  })
})

test('only one whole number can be reckoned with', () => {
  expect(isCountable([column('id', { dataType: 'bigint' })])).toBe(true)
  expect(isCountable([column('id'), column('line')])).toBe(false)
  expect(isCountable([textColumn('code')])).toBe(false)
  expect(isCountable([column('price', { dataType: 'decimal' })])).toBe(false)
})
