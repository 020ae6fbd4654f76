import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { divide, type Section } from '../../src/audit/sections.js'
import { addDigests, allSame, type Digest, emptyDigest, singleDigest } from '../../src/model/chunk.js'
import { WHOLE_TABLE } from '../../src/model/range.js'
import { divergedMasters, rowsIn, type SimulatedMaster } from '../support/simulated-masters.js'

/** Not a good hash, but different rows in one place have different ones. */
function checksum(rows: readonly (readonly [number, string])[]): bigint {
  return BigInt(`0x${Buffer.from(JSON.stringify(rows)).toString('hex')}`) % 0xffff_ffff_ffff_ffc5n
}

function digestOf(rows: readonly (readonly [number, string])[]): Digest {
  return rows.length === 0
    ? emptyDigest(0)
    : singleDigest({ rows: rows.length, checksum: checksum(rows), sums: [], bytes: 10 * rows.length })
}

/** The sections of a master, as they are read: every key that `apart` divides is a cut. */
function sectionsOf(master: SimulatedMaster, apart: number): readonly Section[] {
  const sections: { cut: string | null; rows: [number, string][] }[] = [{ cut: null, rows: [] }]
  for (const [key, content] of master) {
    if (key % apart === 0) sections.push({ cut: String(key), rows: [] })
    sections.at(-1)?.rows.push([key, content])
  }
  return sections.map(({ cut, rows }) => ({ cut, digest: digestOf(rows) }))
}

function divided(masters: readonly SimulatedMaster[], apart: number) {
  return divide(
    WHOLE_TABLE,
    masters.map((master) => sectionsOf(master, apart)),
    (cut) => [cut]
  )
}

function differingKeys(masters: readonly SimulatedMaster[]): readonly number[] {
  const keys = new Set(masters.flatMap((master) => [...master.keys()]))
  return [...keys].filter((key) => new Set(masters.map((master) => master.get(key))).size > 1)
}

const apart = fc.integer({ min: 1, max: 12 })

describe('a range divided by the sections of its masters', () => {
  test('is whole, in key order, and without overlap', () =>
    fc.assert(
      fc.property(divergedMasters, apart, (masters, every) => {
        const parts = divided(masters, every)
        expect(parts[0]?.range.lower).toBeNull()
        expect(parts.at(-1)?.range.upper).toBeNull()
        for (const [at, part] of parts.slice(1).entries()) expect(part.range.lower).toEqual(parts[at]?.range.upper)
      })
    ))

  // Else a part that is read again, and so added up in other portions, would seem to have changed.
  test('has digests that do not depend on how its sections were put together', () =>
    fc.assert(
      fc.property(divergedMasters, apart, (masters, every) => {
        for (const { range, digests } of divided(masters, every)) {
          const again = masters.map((master) =>
            sectionsOf(new Map(rowsIn(master, range)), every)
              .map((section) => section.digest)
              .reduce(addDigests)
          )
          expect(digests).toEqual(again)
        }
      })
    ))

  test('has the counts of each of its parts on each master', () =>
    fc.assert(
      fc.property(divergedMasters, apart, (masters, every) => {
        for (const { range, digests } of divided(masters, every)) {
          expect(digests.map(({ rows }) => rows)).toEqual(masters.map((master) => rowsIn(master, range).length))
        }
      })
    ))

  test('differs in exactly the parts that hold a differing row', () =>
    fc.assert(
      fc.property(divergedMasters, apart, (masters, every) => {
        const differing = differingKeys(masters)
        for (const { range, digests } of divided(masters, every)) {
          const held = masters.flatMap((master) => rowsIn(master, range).map(([key]) => key))
          expect(allSame(digests)).toBe(!held.some((key) => differing.includes(key)))
        }
      })
    ))

  test('is divided no further where all masters agree', () => {
    const master = new Map(Array.from({ length: 100 }, (_, key) => [key, 'same']))
    expect(divided([master, master, master], 3)).toHaveLength(1)
  })

  test('holds one changed row in a part of one section', () => {
    const rows = Array.from({ length: 100 }, (_, key): [number, string] => [key, 'same'])
    const differing = divided([new Map(rows), new Map([...rows, [50, 'changed']])], 10).filter(
      (part) => !allSame(part.digests)
    )
    expect(differing.map((part) => part.range)).toEqual([{ lower: ['50'], upper: ['60'] }])
  })

  test('takes sections together that differ side by side, up to a size that is read at once', () => {
    const rows = Array.from({ length: 40_000 }, (_, key) => key)
    const masters = ['one', 'other'].map((content) => new Map(rows.map((key) => [key, content])))
    expect(divided(masters, 1000).map(({ digests }) => digests[0]?.rows)).toEqual([16_000, 16_000, 8000])
  })

  test('is one part where the masters do not order their keys alike', () => {
    const [one, other]: SimulatedMaster[] = [
      new Map([
        [0, 'x'],
        [10, 'x']
      ]),
      new Map([
        [10, 'x'],
        [0, 'x']
      ])
    ]
    expect(divided([one ?? new Map(), other ?? new Map()], 10)).toHaveLength(1)
  })
})
