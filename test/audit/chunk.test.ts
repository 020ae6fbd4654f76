import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks } from '../../src/audit/chunk.js'
import { type KeyRange, WHOLE_TABLE } from '../../src/model/range.js'
import { collect } from '../support/collect.js'
import { divergedMasters, holds, rowsIn, type SimulatedMaster, simulatedBounds } from '../support/simulated-masters.js'

const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 40 }))

async function cut(masters: readonly SimulatedMaster[], size: () => number, range: KeyRange = WHOLE_TABLE) {
  return collect(chunks(range, size, simulatedBounds(masters)))
}

describe('chunks partition the key space', () => {
  test('each chunk begins where the one before ends, and the outer ends are open', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, sizes, async (masters, size) => {
        const found = await cut(masters, () => size.next().value)
        expect(found.at(0)?.range.lower).toBeNull()
        expect(found.at(-1)?.range.upper).toBeNull()
        for (const [at, chunk] of found.entries()) {
          expect(chunk.index).toBe(at)
          if (at > 0) expect(chunk.range.lower).toBe(found[at - 1]?.range.upper)
        }
      })
    ))

  test('no inner bound is open', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, sizes, async (masters, size) => {
        const found = await cut(masters, () => size.next().value)
        for (const chunk of found.slice(0, -1)) expect(chunk.range.upper).not.toBeNull()
        for (const chunk of found.slice(1)) expect(chunk.range.lower).not.toBeNull()
      })
    ))

  test('every key of every master lies in exactly one chunk', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, sizes, async (masters, size) => {
        const found = await cut(masters, () => size.next().value)
        for (const key of masters.flatMap((master) => [...master.keys()])) {
          expect(found.filter((chunk) => holds(chunk.range, key))).toHaveLength(1)
        }
      })
    ))

  test('all chunks but the last have just the size that was asked for, on some master', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, sizes, async (masters, size) => {
        const asked: number[] = []
        const found = await cut(masters, () => {
          const next = size.next().value
          asked.push(next)
          return next
        })
        for (const [at, chunk] of found.slice(0, -1).entries()) {
          expect(masters.map((master) => rowsIn(master, chunk.range).length)).toContain(asked[at])
        }
      })
    ))

  test('the last chunk is no larger than asked for on any master', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, fc.integer({ min: 1, max: 40 }), async (masters, size) => {
        const last = (await cut(masters, () => size)).at(-1)?.range ?? WHOLE_TABLE
        for (const master of masters) expect(rowsIn(master, last).length).toBeLessThanOrEqual(size)
      })
    ))
})

describe('chunks', () => {
  const ten = new Map(Array.from({ length: 10 }, (_, key) => [key, '']))

  test('of an empty table are one chunk that holds everything', async () => {
    expect(await cut([new Map(), new Map()], () => 10)).toEqual([{ index: 0, range: WHOLE_TABLE }])
  })

  test('keep the outer ends of the range that is cut', async () => {
    const found = await cut([ten], () => 4, { lower: ['1'], upper: ['9'] })
    expect(found.map((chunk) => chunk.range)).toEqual([
      { lower: ['1'], upper: ['5'] },
      { lower: ['5'], upper: ['9'] }
    ])
  })

  test('ask for the size anew each time, and only when the next chunk is wanted', async () => {
    let asked = 0
    const planned = chunks(WHOLE_TABLE, () => ++asked, simulatedBounds([ten]))
    await planned.next()
    expect(asked).toBe(1)
    await planned.next()
    expect(asked).toBe(2)
  })

  test('end with an error where a server finds no bound beyond the one before, instead of never', async () => {
    const planned = chunks(
      WHOLE_TABLE,
      () => 3,
      async () => ['m', { hex: 'ff' }]
    )
    await planned.next()
    await expect(planned.next()).rejects.toThrow('no chunk bound is found beyond key ["m",{"hex":"ff"}]')
  })

  test('end with an error where the first bound found is the lower end of the range', async () => {
    const planned = chunks(
      { lower: ['7'], upper: null },
      () => 3,
      async () => ['7']
    )
    await expect(planned.next()).rejects.toThrow('no chunk bound')
  })

  test('also cut the rows behind the last key of the first master', async () => {
    const found = await cut([new Map([[0, '']]), ten], () => 5)
    expect(found.map((chunk) => chunk.range.upper)).toEqual([['5'], null])
  })
})
