import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SectionList } from '../../src/audit/section-list.js'
import { addDigests, emptyDigest, singleDigest } from '../../src/model/chunk.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { RowLoop } from '../../src/wire/row-loop.js'
import { int, rowPacket, text } from '../support/row-packet.js'

const LAYOUT = {
  types: [ColumnType.long, ColumnType.newdecimal],
  unsigned: [false, false],
  keyColumns: 1,
  summed: [0, 1]
}

/** The rows of each section, and the key that it begins with. */
interface Given {
  readonly cut: string | null
  readonly rows: readonly number[]
}

const someSections: fc.Arbitrary<readonly Given[]> = fc.array(
  fc.record({
    cut: fc.option(fc.string({ unit: 'binary-ascii', maxLength: 300 })),
    rows: fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 5 })
  }),
  { minLength: 1, maxLength: 40 }
)

function take(loop: RowLoop, rows: readonly number[]) {
  for (const row of rows) {
    const packet = rowPacket([int(row), text(`${row}.5`)])
    loop.takeRow(packet, packet, () => {})
  }
}

function listOf(given: readonly Given[]): SectionList {
  const loop = new RowLoop(LAYOUT, Number.POSITIVE_INFINITY)
  const list = new SectionList(loop)
  for (const { cut, rows } of given) {
    take(loop, rows)
    list.close(cut === null ? null : Buffer.from(cut, 'latin1'))
  }
  return list
}

function expected(given: readonly Given[]) {
  return given.map(({ cut, rows }) => {
    const loop = new RowLoop(LAYOUT, Number.POSITIVE_INFINITY)
    take(loop, rows)
    return { cut, digest: rows.length === 0 ? emptyDigest(2) : singleDigest(loop.total()) }
  })
}

describe('a list of sections', () => {
  test('tells what was put into it, also in memory that another one gave back', () =>
    fc.assert(
      fc.property(someSections, (given) => {
        const list = listOf(given)
        expect([...list]).toEqual(expected(given))
        expect(list.digest()).toEqual(
          expected(given)
            .map(({ digest }) => digest)
            .reduce(addDigests)
        )
        list.giveBack()
      })
    ))

  test('is the same as one of the same sections, and as no other', () =>
    fc.assert(
      fc.property(someSections, someSections, (given, other) => {
        expect(listOf(given).isSame(listOf(given))).toBe(true)
        expect(listOf(given).isSame(listOf(other))).toBe(JSON.stringify(given) === JSON.stringify(other))
      })
    ))

  test('has nothing to tell after its memory was given back', () => {
    const list = listOf([{ cut: null, rows: [1] }])
    list.giveBack()
    expect(() => list.digest()).toThrow('without sections')
  })

  test('holds more sections than it has room for at first', () => {
    const given = Array.from({ length: 1_000 }, (_, at) => ({ cut: `key ${at}`, rows: [at] }))
    expect([...listOf(given)]).toEqual(expected(given))
  })
})
