import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bisection, bisect } from '../../src/audit/bisect.js'
import { RowShape } from '../../src/audit/row-shape.js'
import { differences, type Scan } from '../../src/audit/scan.js'
import type { Part } from '../../src/audit/sections.js'
import { allSame, type Digest, emptyDigest, singleDigest } from '../../src/model/chunk.js'
import { type KeyRange, WHOLE_TABLE } from '../../src/model/range.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { collect } from '../support/collect.js'
import { auditTable, column } from '../support/columns.js'
import { encoded, int } from '../support/row-packet.js'
import { divergedMasters, rowsIn, type SimulatedMaster, simulatedBounds } from '../support/simulated-masters.js'

const shape = new RowShape(auditTable([column('id')]), [
  { name: 'id', type: ColumnType.long, unsigned: false, zerofill: false, displayLength: 11, decimals: 0 }
])

function hash(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64LE(0)
}

function digestOf(master: SimulatedMaster, range: KeyRange): Digest {
  const rows = rowsIn(master, range)
  return singleDigest({ rows: rows.length, checksum: hash(JSON.stringify(rows)), sums: [], bytes: 0 })
}

function partOf(masters: readonly SimulatedMaster[], range: KeyRange): Part {
  return { range, digests: masters.map((master) => digestOf(master, range)) }
}

function bisectionOf(masters: readonly SimulatedMaster[], leafRows: number): Bisection {
  return {
    digest: async (range) => partOf(masters, range).digests,
    findBound: () => simulatedBounds(masters),
    leafRows
  }
}

function divide(masters: readonly SimulatedMaster[], leafRows: number, range: KeyRange = WHOLE_TABLE) {
  return collect(bisect(partOf(masters, range), bisectionOf(masters, leafRows)))
}

/** What `scanRange` would read. */
function scanOf(master: SimulatedMaster, range: KeyRange): Scan {
  const rows = rowsIn(master, range).map(([key, content]): [string, bigint] => [
    encoded(int(key)).toString('latin1'),
    hash(content)
  ])
  return { rows: new Map(rows), shape }
}

function naiveCompare(masters: readonly SimulatedMaster[]): readonly number[] {
  const keys = new Set(masters.flatMap((master) => [...master.keys()]))
  return [...keys].filter((key) => new Set(masters.map((master) => master.get(key))).size > 1)
}

const leafRows = fc.integer({ min: 1, max: 12 })

describe('bisecting', () => {
  test('names the same keys as a naive full compare, each once', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, leafRows, async (masters, leaf) => {
        const parts = (await divide(masters, leaf)).filter((part) => !allSame(part.digests))
        const suspects = parts.flatMap((part) => differences(masters.map((master) => scanOf(master, part.range))))
        const found = suspects.map((suspect) => Number(suspect.key[0]))
        expect(found.toSorted(ascending)).toEqual(naiveCompare(masters).toSorted(ascending))
      })
    ))

  test('yields parts that together are the range, in key order', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, leafRows, async (masters, leaf) => {
        const parts = await divide(masters, leaf, { lower: ['-300'], upper: ['300'] })
        expect(parts.at(0)?.range.lower).toEqual(['-300'])
        expect(parts.at(-1)?.range.upper).toEqual(['300'])
        for (const [at, part] of parts.slice(1).entries()) expect(part.range.lower).toBe(parts[at]?.range.upper)
      })
    ))

  test('says what every master holds in each part', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, leafRows, async (masters, leaf) => {
        for (const part of await divide(masters, leaf)) expect(part).toEqual(partOf(masters, part.range))
      })
    ))

  test('leaves no part that differs above the size of a leaf', () =>
    fc.assert(
      fc.asyncProperty(divergedMasters, leafRows, async (masters, leaf) => {
        const differing = (await divide(masters, leaf)).filter((part) => !allSame(part.digests))
        for (const part of differing) {
          expect(Math.max(...part.digests.map((digest) => digest.rows))).toBeLessThanOrEqual(leaf)
        }
      })
    ))
})

describe('a part is passed on without another reading', () => {
  const unread: Bisection = {
    digest: () => Promise.reject(new Error('read')),
    findBound: () => () => Promise.reject(new Error('asked for a bound')),
    leafRows: 2
  }
  const digest = singleDigest({ rows: 2, checksum: 1n, sums: [], bytes: 0 })

  test('when it agrees', async () => {
    const part = { range: WHOLE_TABLE, digests: [digest, digest].map((each) => ({ ...each, rows: 1000 })) }
    expect(await collect(bisect(part, unread))).toEqual([part])
  })

  test('when it is small on every master', async () => {
    const part = { range: WHOLE_TABLE, digests: [digest, { ...digest, checksum: 2n }] }
    expect(await collect(bisect(part, unread))).toEqual([part])
  })
})

test('a part whose rows were deleted meanwhile ends as what it is now', async () => {
  const empty = emptyDigest(0)
  const before = { range: WHOLE_TABLE, digests: [{ ...empty, rows: 1000 }, empty] }
  const parts = await collect(
    bisect(before, { ...bisectionOf([new Map(), new Map()], 10), digest: async () => [empty] })
  )
  expect(parts).toEqual([{ range: WHOLE_TABLE, digests: [empty] }])
})

describe('masters agree', () => {
  const digest = singleDigest({ rows: 2, checksum: 7n, sums: [5n], bytes: 20 })

  test('only by count and checksum together', () => {
    expect(allSame([digest, digest, digest])).toBe(true)
    expect(allSame([digest, digest, { ...digest, checksum: 8n }])).toBe(false)
    expect(allSame([digest, { ...digest, rows: 3 }])).toBe(false)
  })

  test('whatever their sums: values swapped between rows leave those as they are', () => {
    expect(allSame([digest, { ...digest, checksum: 8n, sums: [5n] }])).toBe(false)
  })
})

function ascending(left: number, right: number): number {
  return left - right
}
