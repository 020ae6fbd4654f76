import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowShape } from '../../src/audit/row-shape.js'
import { differences, mergedKeys, type Scan } from '../../src/audit/scan.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { auditTable, column } from '../support/columns.js'
import { encoded, int } from '../support/row-packet.js'

const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 30 })

/** Lists in the order of one common list, whatever that is, as scans of one range are. */
function sublists(count: { readonly min: number; readonly max: number }) {
  return keys.chain((all) =>
    fc.array(fc.subarray([...all]), { minLength: count.min, maxLength: count.max }).map((lists) => ({ all, lists }))
  )
}

describe('merged keys', () => {
  test('hold every key of every list exactly once', () =>
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 4 }), (lists) => {
        expect(mergedKeys(lists).toSorted()).toEqual([...new Set(lists.flat())].toSorted())
      })
    ))

  test('keep the order of every list, however many there are, and hold each key once', () =>
    fc.assert(
      fc.property(sublists({ min: 2, max: 5 }), ({ lists }) => {
        const merged = mergedKeys(lists)
        for (const list of lists) expect(merged.filter((key) => list.includes(key))).toEqual(list)
        expect(merged).toHaveLength(new Set(lists.flat()).size)
      })
    ))

  test('wait for a key of which another list still has something before it', () => {
    expect(
      mergedKeys([
        ['3', '5'],
        ['1', '3'],
        ['2', '3']
      ]).slice(-2)
    ).toEqual(['3', '5'])
  })

  test('put what only one list has before the next common key', () => {
    expect(
      mergedKeys([
        ['b', 'd'],
        ['a', 'b', 'c', 'd', 'e']
      ])
    ).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('are the common order when any one list holds everything', () =>
    fc.assert(
      fc.property(sublists({ min: 0, max: 3 }), ({ all, lists }) => {
        expect(mergedKeys([all, ...lists])).toEqual(all)
      })
    ))

  test('of lists in different orders still hold every key once', () => {
    expect(
      mergedKeys([
        ['a', 'b'],
        ['b', 'a']
      ]).toSorted()
    ).toEqual(['a', 'b'])
  })
})

describe('differences', () => {
  const shape = new RowShape(auditTable([column('id')]), [
    { name: 'id', type: ColumnType.long, unsigned: false, zerofill: false, displayLength: 11, decimals: 0 }
  ])

  function scan(rows: Readonly<Record<string, bigint>>): Scan {
    const byKey = Object.entries(rows).map(([key, hash]): [string, bigint] => [
      encoded(int(Number(key))).toString('latin1'),
      hash
    ])
    return { rows: new Map(byKey), shape: byKey.length === 0 ? null : shape }
  }

  test('tell what each master was seen to hold, null where the row is not', () => {
    expect(differences([scan({ 1: 10n, 2: 20n }), scan({ 1: 11n, 2: 20n }), scan({ 2: 20n, 3: 30n })])).toEqual([
      { key: ['1'], seen: [10n, 11n, null] },
      { key: ['3'], seen: [null, null, 30n] }
    ])
  })

  test('print keys although the first master has no row in the range', () => {
    expect(differences([scan({}), scan({ 200: 1n })])).toEqual([{ key: ['200'], seen: [null, 1n] }])
  })

  test('are none between scans that are alike', () => {
    expect(differences([scan({ 1: 10n }), scan({ 1: 10n })])).toEqual([])
  })

  test('are none between empty scans', () => {
    expect(differences([scan({}), scan({})])).toEqual([])
  })
})
