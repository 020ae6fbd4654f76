import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowShape } from '../../src/audit/row-shape.js'
import { giveBack, RowStore, storeFor } from '../../src/audit/row-store.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { auditTable, column, textColumn } from '../support/columns.js'
import { encoded, int, rowPacket, text } from '../support/row-packet.js'

type Row = readonly [id: number, name: string]

const TABLE = auditTable([column('id'), textColumn('name')], { keyColumns: [column('id')] })
const WIRE = [ColumnType.long, 0xfd].map((type, at) => ({
  name: ['id', 'name'][at] ?? '',
  type,
  unsigned: false,
  zerofill: false,
  displayLength: 11,
  decimals: 0
}))

function packet([id, name]: Row): Buffer {
  return rowPacket([int(id), text(name)])
}

/** Rows as they arrive: in blocks with a header before each, or one by one when they are large. */
function storeOf(rows: readonly Row[], perBlock: number): RowStore {
  return fill(new RowStore(shape()), rows, perBlock)
}

function shape(): RowShape {
  return new RowShape(TABLE, WIRE)
}

function fill(store: RowStore, rows: readonly Row[], perBlock: number): RowStore {
  for (let at = 0; at < rows.length; at += perBlock) {
    const packets = rows.slice(at, at + perBlock).map(packet)
    if (perBlock === 1) {
      for (const each of packets) store.large(each)
      continue
    }
    const block = Buffer.concat(packets.flatMap((each) => [Buffer.of(each.length, each.length >> 8, 0, 0), each]))
    store.block(block, 0, block.length)
    // The driver uses its buffers again.
    block.fill(0xee)
  }
  return store
}

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.string({ maxLength: 3 })), {
  maxLength: 3000,
  size: 'max'
})
const perBlock = fc.integer({ min: 1, max: 50 })

describe('rows that are kept', () => {
  test('are as they arrived, however many and in whatever blocks', () =>
    fc.assert(
      fc.property(rows, perBlock, (all, size) => {
        const store = storeOf(all, size)
        expect(store.length).toBe(all.length)
        for (const [at, row] of all.entries()) {
          expect(store.row(at).equals(packet(row))).toBe(true)
          expect(store.key(at).equals(encoded(int(row[0])))).toBe(true)
        }
      }),
      { numRuns: 20 }
    ))

  test('are the same when their bytes are', () =>
    fc.assert(
      fc.property(rows, rows, perBlock, (left, right, size) => {
        const [one, other] = [storeOf(left, size), storeOf(right, 7)]
        for (let at = 0; at < Math.min(left.length, right.length); at++) {
          expect(one.hasSameKey(at, other, at)).toBe(left[at]?.[0] === right[at]?.[0])
          expect(one.countAlike(at, other, at) > 0).toBe(String(left[at]) === String(right[at]))
        }
      }),
      { numRuns: 20 }
    ))

  test('cannot be asked for where there are none', () => {
    expect(() => storeOf([[1, 'a']], 2).row(1)).toThrow('there is no row 1')
  })

  test('are picked into a store of their own, which stays as it is when the memory is used for others', () =>
    fc.assert(
      fc.property(rows, rows, perBlock, (all, others, size) => {
        const store = storeOf(all, size)
        const wanted = [...all.keys()].filter((at) => at % 3 === 1).reverse()
        const picked = store.pick(wanted)
        giveBack([store])
        const next = fill(storeFor(shape()), others, size)
        expect(picked.length).toBe(wanted.length)
        for (const [at, from] of wanted.entries()) {
          const row = all[from] ?? [0, '']
          expect(picked.row(at).equals(packet(row))).toBe(true)
          expect(picked.key(at).equals(encoded(int(row[0])))).toBe(true)
        }
        for (const [at, row] of others.entries()) expect(next.row(at).equals(packet(row))).toBe(true)
        giveBack([next])
      }),
      { numRuns: 20 }
    ))

  test('cannot be asked for once they are given back', () => {
    const store = storeOf([[1, 'a']], 2)
    giveBack([store])
    expect(store.length).toBe(0)
    expect(() => store.row(0)).toThrow('there is no row 0')
  })
})
