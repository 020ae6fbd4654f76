import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { liesInLane } from '../../../src/audit/classify.js'
import { idsFrom, masterOfLane, whyNotApart } from '../../../src/repair/rekey/lanes.js'
import { lanes } from '../deciding.js'

const lane = (master: string) =>
  fc.record({
    master: fc.constant(master),
    increment: fc.integer({ min: 1, max: 12 }),
    offset: fc.integer({ min: 1, max: 12 })
  })

describe('lanes', () => {
  test('meet where an id lies in both', () => {
    fc.assert(
      fc.property(lane('a'), lane('b'), (a, b) => {
        const shared = Array.from({ length: 200 }, (_, n) => `${n + 13}`).filter(
          (id) => liesInLane(id, a) && liesInLane(id, b)
        )
        expect(whyNotApart('a', [a, b]) === null).toBe(shared.length === 0)
      })
    )
  })

  test('that meet are told with what mends them', () => {
    const both = lanes(2).map((each) => ({ ...each, offset: 1 }))
    expect(whyNotApart('b', both)).toBe(
      'the auto-increment lanes of b (every 2, from 1) and a (every 2, from 1) meet: mend the lanes first, see mmaudit doctor'
    )
  })

  test('have their next ids', () => {
    fc.assert(
      fc.property(
        lane('a'),
        fc.bigInt({ min: 1n, max: 10_000n }),
        fc.integer({ min: 1, max: 5 }),
        (own, least, count) => {
          const expected: bigint[] = []
          for (let id = least; expected.length < count; id++) if (liesInLane(`${id}`, own)) expected.push(id)
          expect(idsFrom(least, own, count)).toEqual(expected)
        }
      )
    )
  })

  test('name the master of an id, if it is one', () => {
    expect(['7', '8', '-7', 'NULL', undefined].map((id) => masterOfLane(id, lanes(2)))).toEqual([
      'a',
      'b',
      null,
      null,
      null
    ])
    expect(masterOfLane('7', [...lanes(2), { master: 'c', increment: 1, offset: 1 }])).toBeNull()
    expect(
      masterOfLane(
        '7',
        lanes(2).map((each) => ({ ...each, offset: 1 }))
      )
    ).toBeNull()
  })
})
