import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RowImage } from '../../src/model/repair.js'
import type { JournalChange } from '../../src/repair/apply/journal-records.js'
import { deedsOf } from '../../src/repair/deeds.js'

const image: fc.Arbitrary<RowImage | null> = fc.option(
  fc.record({ x: fc.constantFrom('1', '2', '3'), y: fc.constantFrom('1', 'NULL') })
)

function journalled(number: number, row: Pick<JournalChange, 'master' | 'key' | 'before' | 'after'>): JournalChange {
  return { change: number, transaction: number, database: 'shop', table: 'items', why: 'conflict', ...row }
}

const nameOf = ({ master, key }: Pick<JournalChange, 'master' | 'key'>) => `${master} ${key.id}`

/** Changes of a few rows, each beginning where the last one of its row has ended. */
const changes: fc.Arbitrary<readonly JournalChange[]> = fc
  .array(fc.record({ master: fc.constantFrom('a', 'b'), id: fc.constantFrom('1', '2', '3'), to: image }), {
    maxLength: 30
  })
  .map((writes) => {
    const rows = new Map<string, RowImage | null>()
    return writes.map(({ master, id, to }, at) => {
      const row = { master, key: { id } }
      const before = rows.get(nameOf(row)) ?? null
      rows.set(nameOf(row), to)
      return journalled(at + 1, { ...row, before, after: to })
    })
  })

describe('what a journal did', () => {
  test('is for each row to lead from before its first change to after its last', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const deeds = deedsOf(given)
        const names = new Set(given.map(nameOf))
        expect(deeds.map(({ change }) => nameOf(change)).sort()).toEqual([...names].sort())
        for (const { change, before, after } of deeds) {
          const own = given.filter((each) => nameOf(each) === nameOf(change))
          expect(change).toBe(own.at(-1))
          expect(before).toEqual(own[0]?.before)
          expect(after).toEqual(own.at(-1)?.after)
        }
      })
    )
  })

  test('is taken back from the last to the first', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const numbers = deedsOf(given).map(({ change }) => change.change)
        expect(numbers).toEqual([...numbers].sort((left, right) => right - left))
      })
    )
  })

  describe('does not hold what somebody wrote between two changes for its own', () => {
    const row = { master: 'b', key: { id: '1' } }
    const beforeOf = (...pairs: readonly (readonly [RowImage | null, RowImage | null])[]) =>
      deedsOf(pairs.map(([before, after], at) => journalled(at + 1, { ...row, before, after }))).map(
        (deed) => deed.before
      )

    test('column by column', () => {
      expect(
        beforeOf(
          [
            { x: '1', y: '1' },
            { x: '2', y: '2' }
          ],
          [
            { x: '2', y: '7' },
            { x: '3', y: '3' }
          ]
        )
      ).toEqual([{ x: '1', y: '7' }])
    })

    test('nor a row that came or went', () => {
      expect(beforeOf([{ x: '1' }, null], [{ x: '2' }, { x: '3' }])).toEqual([{ x: '2' }])
      expect(beforeOf([null, { x: '1' }], [{ x: '2' }, { x: '3' }])).toEqual([{ x: '2' }])
      expect(beforeOf([{ x: '1' }, { x: '2' }], [null, { x: '3' }])).toEqual([null])
    })
  })
})
