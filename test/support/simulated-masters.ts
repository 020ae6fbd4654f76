import fc from 'fast-check'
import type { FindBound } from '../../src/audit/bounds.js'
import type { KeyRange } from '../../src/model/range.js'

/** A table of one master: content by key. */
export type SimulatedMaster = ReadonlyMap<number, string>

/** 2 to 4 masters that began alike and then lost, changed and added rows; each may have lost all of a range. */
export const divergedMasters: fc.Arbitrary<readonly SimulatedMaster[]> = fc
  .record({
    common: fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { maxLength: 120 }),
    histories: fc.array(
      fc.record({
        lost: fc.array(fc.nat({ max: 119 }), { maxLength: 4 }),
        changed: fc.array(fc.nat({ max: 119 }), { maxLength: 4 }),
        added: fc.array(fc.integer({ min: -600, max: 600 }), { maxLength: 8 }),
        emptied: fc.option(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.nat({ max: 300 })), { freq: 3 })
      }),
      { minLength: 2, maxLength: 4 }
    )
  })
  .map(({ common, histories }) =>
    histories.map(({ lost, changed, added, emptied }, master) => {
      const rows = new Map(common.map((key) => [key, 'common']))
      for (const at of changed) rows.set(common[at] ?? 0, `changed on ${master}`)
      for (const key of added) rows.set(key, `added with ${key % 3}`)
      for (const at of lost) rows.delete(common[at] ?? 0)
      if (emptied !== null) for (const key of keysBetween(rows, emptied[0], emptied[0] + emptied[1])) rows.delete(key)
      return sorted(rows)
    })
  )

/** The rows of a range, in key order. */
export function rowsIn(master: SimulatedMaster, range: KeyRange): readonly (readonly [number, string])[] {
  return [...master].filter(([key]) => holds(range, key))
}

export function holds({ lower, upper }: KeyRange, key: number): boolean {
  return (lower === null || Number(lower[0]) <= key) && (upper === null || key < Number(upper[0]))
}

/** Finds bounds as `boundFinder` promises: on one master as long as it has rows left, then on the next. */
export function simulatedBounds(masters: readonly SimulatedMaster[]): FindBound {
  const leaders = [...masters]
  return async (range, rows) => {
    for (let leader = leaders[0]; leader !== undefined; leader = leaders[0]) {
      const found = rowsIn(leader, range)[rows]
      if (found !== undefined) return [String(found[0])]
      leaders.shift()
    }
    return null
  }
}

function sorted(rows: SimulatedMaster): SimulatedMaster {
  return new Map([...rows].sort(([left], [right]) => left - right))
}

function keysBetween(rows: SimulatedMaster, from: number, to: number): readonly number[] {
  return [...rows.keys()].filter((key) => from <= key && key < to)
}
