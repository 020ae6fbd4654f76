import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differingPlaces, type KeyedRows } from '../../src/audit/align.js'

/** A row of one master: its key, and a content that is the same or another one. */
type Row = readonly [key: string, content: number]

function aligned(masters: readonly (readonly Row[])[]) {
  const keyed = masters.map((rows): KeyedRows => ({ length: rows.length, keyText: (at) => rows[at]?.[0] ?? '' }))
  return differingPlaces(keyed, {
    hasSameKey: (places) => new Set(places.map((place, master) => masters[master]?.[place]?.[0])).size === 1,
    countAlike: (places) => {
      const isAlike = (ahead: number) => {
        const there = places.map((place, master) => masters[master]?.[place + ahead])
        return there.every((row) => row !== undefined && String(row) === String(there[0]))
      }
      let count = 0
      while (isAlike(count)) count++
      return count
    }
  })
}

/** What each master holds of the rows at these places, in the order in which they are told. */
function told(masters: readonly (readonly Row[])[]) {
  return aligned(masters).map((places) =>
    places.map((place, master) => (place === null ? null : masters[master]?.[place]))
  )
}

/** The same by looking each key up. */
function differing(masters: readonly (readonly Row[])[], keys: readonly string[]) {
  return keys
    .map((key) => masters.map((rows) => rows.find(([own]) => own === key) ?? null))
    .filter((row) => new Set(row.map((each) => each?.[1])).size > 1)
}

const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 60 })

/** Masters that hold most of the same rows, and lack or changed some of them. */
const masters = keys.chain((all) =>
  fc
    .array(
      fc.array(fc.constantFrom('same', 'same', 'same', 'other', 'none'), {
        minLength: all.length,
        maxLength: all.length
      }),
      { minLength: 2, maxLength: 4 }
    )
    .map((fates) => ({
      all,
      masters: fates.map((fate) =>
        all.flatMap((key, at): Row[] => (fate[at] === 'none' ? [] : [[key, fate[at] === 'other' ? 1 : 0]]))
      )
    }))
)

describe('the rows that differ', () => {
  test('are those that looking up each key finds, in the order of every master', () =>
    fc.assert(
      fc.property(masters, ({ all, masters }) => {
        const found = told(masters)
        const byKey = (row: (typeof found)[number]) => all.indexOf(row.find((each) => each != null)?.[0] ?? '')
        expect(found.toSorted((left, right) => byKey(left) - byKey(right))).toEqual(differing(masters, all))
        for (const rows of masters) {
          const own = found.flatMap((row) => row.filter((each) => each != null && rows.includes(each)))
          expect(own).toEqual(rows.filter((row) => own.includes(row)))
        }
      })
    ))

  test('are the same where masters do not agree on the order of keys', () =>
    fc.assert(
      fc.property(
        masters.chain(({ all, masters }) =>
          fc
            .tuple(...masters.map((rows) => fc.shuffledSubarray([...rows], { minLength: rows.length })))
            .map((shuffled) => ({ all, masters: shuffled }))
        ),
        ({ all, masters }) => {
          const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()
          expect(sorted(told(masters))).toEqual(sorted(differing(masters, all)))
        }
      )
    ))

  test('are none where no master holds anything', () => expect(aligned([[], []])).toEqual([]))
})
