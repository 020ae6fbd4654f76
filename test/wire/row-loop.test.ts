import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import xxhash from 'xxhash-wasm'
import { ColumnType } from '../../src/wire/protocol.js'
import { type RowLayout, RowLoop, type RowTotal } from '../../src/wire/row-loop.js'
import { type ArbitraryColumn, decimalColumn, integerColumn, stringColumn, table } from '../support/arbitraries.js'
import { type Cell, int, NULL, rowPacket, text } from '../support/row-packet.js'

const VARCHAR = 0xfd
const APART = 16
/** Bytes that are taken at once; longer rows go another way. */
const AT_ONCE = 64 * 1024

let oracle: (bytes: Uint8Array) => bigint

beforeAll(async () => {
  const reference = await xxhash()
  oracle = (bytes) => reference.h64Raw(bytes)
})

function layoutOf(types: readonly number[], others: Partial<RowLayout> = {}): RowLayout {
  return { types, unsigned: types.map(() => false), keyColumns: 1, summed: [], ...others }
}

/** The packet with its header, as a server sends it but for the sequence number, which is zero. */
function sent(packet: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(packet.length, 0, 3)
  return Buffer.concat([header, packet])
}

/** Takes whole packets in blocks that hold as many of them as the list says, over and over. */
function takeInBlocks(loop: RowLoop, packets: readonly Buffer[], blocks: readonly number[] = [packets.length]) {
  for (let at = 0, next = 0; at < packets.length; next++) {
    const rows = packets.slice(at, at + (blocks[next % blocks.length] ?? 1)).map(sent)
    const block = Buffer.concat([Buffer.alloc(next % 7, 0xff), ...rows, Buffer.alloc(3, 0xff)])
    loop.take(block, next % 7, block.length - 3, () => {})
    block.fill(0xee)
    at += rows.length
  }
}

function totalOf(rows: readonly (readonly Cell[])[], columns: readonly ArbitraryColumn[], summed: readonly number[]) {
  const unsigned = columns.map((each) => each.unsigned)
  const loop = new RowLoop(
    layoutOf(
      columns.map((each) => each.type),
      { unsigned, summed, keyColumns: 0 }
    ),
    Number.POSITIVE_INFINITY
  )
  takeInBlocks(loop, rows.map(rowPacket))
  return loop.total()
}

describe('sums', () => {
  test('of any numbers, with NULLs and strings between them, are exact', () =>
    fc.assert(
      fc.property(table(fc.oneof(integerColumn, decimalColumn, stringColumn), 12), ({ columns, rows }) => {
        const summed = columns.flatMap((each, at) => (each.type === VARCHAR ? [] : [at]))
        expect(totalOf(rows, columns, summed).sums).toEqual(naiveSums(rows, summed))
      })
    ))

  test('are the same of rows that are taken one by one', () =>
    fc.assert(
      fc.property(table(fc.oneof(integerColumn, decimalColumn, stringColumn), 6), ({ columns, rows }) => {
        const summed = columns.flatMap((each, at) => (each.type === VARCHAR ? [] : [at]))
        const layout = layoutOf(
          columns.map((each) => each.type),
          { unsigned: columns.map((each) => each.unsigned), summed, keyColumns: 0 }
        )
        const loop = new RowLoop(layout, 1)
        for (const packet of rows.map(rowPacket)) loop.takeRow(packet, packet, () => {})
        expect(loop.total()).toMatchObject({ rows: rows.length, sums: naiveSums(rows, summed) })
      })
    ))

  test.each([0, 250, 251, 65_535])('pass over a string of %i bytes before a number', (length) => {
    const loop = new RowLoop(layoutOf([VARCHAR, ColumnType.long], { summed: [1] }), Number.POSITIVE_INFINITY)
    takeInBlocks(loop, [rowPacket([text(Buffer.alloc(Math.min(length, AT_ONCE - 20), 0xfe)), int(5)])])
    expect(loop.total().sums).toEqual([5n])
  })

  test('come in the order that was asked for', () => {
    const loop = new RowLoop(layoutOf([ColumnType.long, ColumnType.long], { summed: [1, 0] }), 1)
    takeInBlocks(loop, [rowPacket([int(1), int(2)])])
    expect(loop.total().sums).toEqual([2n, 1n])
  })

  test.each<[string, number, boolean, Cell, bigint]>([
    ['BIGINT UNSIGNED', ColumnType.longlong, true, int(2n ** 64n - 1n, 8), 2n ** 64n - 1n],
    ['BIGINT', ColumnType.longlong, false, int(-(2n ** 63n), 8), -(2n ** 63n)],
    ['the longest DECIMAL that is read in one go', ColumnType.newdecimal, false, text('9'.repeat(18)), 10n ** 18n - 1n],
    ['a DECIMAL just longer', ColumnType.newdecimal, false, text(`-${'9'.repeat(19)}`), 1n - 10n ** 19n],
    ['the longest DECIMAL', ColumnType.newdecimal, false, text(`-${'9'.repeat(35)}.${'9'.repeat(30)}`), 1n - 10n ** 65n]
  ])('of many of the largest %s lose nothing', (_, type, unsigned, cell, value) => {
    const loop = new RowLoop(layoutOf([type], { unsigned: [unsigned], summed: [0] }), Number.POSITIVE_INFINITY)
    takeInBlocks(loop, new Array<Buffer>(10_000).fill(rowPacket([cell])))
    expect(loop.total().sums).toEqual([value * 10_000n])
  })
})

/** What the code under test does, in BigInt arithmetic on the values themselves. */
function naiveSums(rows: readonly (readonly Cell[])[], summed: readonly number[]): readonly bigint[] {
  return summed.map((at) => rows.reduce((sum, row) => sum + scaled(row[at]), 0n))
}

function scaled(cell: Cell | undefined): bigint {
  switch (cell?.kind) {
    case 'int':
      return cell.value
    case 'text':
      return BigInt(cell.value.toString().replace('.', ''))
    default:
      return 0n
  }
}

/** Rows of every length that is treated in another way. */
const packets = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 250 }) },
      { weight: 3, arbitrary: fc.integer({ min: 4_000, max: 40_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: AT_ONCE - 20, max: AT_ONCE + 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: AT_ONCE, max: 4 * AT_ONCE }) }
    ),
    { maxLength: 30 }
  )
  .map((lengths) => lengths.map((length, at) => rowPacket([int(at), text(Buffer.alloc(length, at + 1))])))

const KEYED = layoutOf([ColumnType.long, VARCHAR], { summed: [0] })

describe('the checksum', () => {
  test('is the XXH64 of all rows with their headers, however they arrive', () =>
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (rows, blocks) => {
        const loop = new RowLoop(KEYED, Number.POSITIVE_INFINITY)
        takeInBlocks(loop, rows, blocks)
        expect(loop.total()).toEqual({
          rows: rows.length,
          bytes: rows.reduce((sum, row) => sum + row.length, 0),
          checksum: oracle(Buffer.concat(rows.map(sent))),
          sums: [rows.reduce((sum, _, at) => sum + BigInt(at), 0n)]
        })
      })
    ))

  test('of rows taken one by one is that of the bytes given for each', () =>
    fc.assert(
      fc.property(packets, fc.array(fc.uint8Array({ maxLength: 100 })), (rows, others) => {
        const loop = new RowLoop(KEYED, Number.POSITIVE_INFINITY)
        const hashed = rows.map((row, at) => Buffer.from(others[at] ?? row))
        for (const [at, row] of rows.entries()) loop.takeRow(row, hashed[at] ?? row, () => {})
        expect(loop.total().checksum).toBe(oracle(Buffer.concat(hashed)))
      })
    ))

  test('of nothing is the XXH64 of nothing, as the specification gives it', () => {
    expect(new RowLoop(KEYED, 1).total()).toEqual({ rows: 0, bytes: 0, checksum: 0xef46db3751d8e999n, sums: [0n] })
  })

  test('begins anew after it was told', () => {
    const loop = new RowLoop(KEYED, Number.POSITIVE_INFINITY)
    const rows = [rowPacket([int(1), text('a')]), rowPacket([int(2), text('bc')])]
    for (const row of rows) {
      takeInBlocks(loop, [row])
      expect(loop.total()).toEqual(totalOfRows([row]))
    }
  })

  test('is not disturbed by others that are used in turns', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(packets, packets), { maxLength: 6 }), (turns) => {
        const [left, right] = [new RowLoop(KEYED, APART), new RowLoop(KEYED, APART)]
        for (const [one, other] of turns) {
          takeInBlocks(left, one)
          takeInBlocks(right, other)
        }
        expect(left.total()).toEqual(totalOfRows(turns.flatMap(([one]) => one)))
        expect(right.total()).toEqual(totalOfRows(turns.flatMap(([, other]) => other)))
      }),
      { numRuns: 30 }
    ))
})

function totalOfRows(rows: readonly Buffer[]): RowTotal {
  const loop = new RowLoop(KEYED, Number.POSITIVE_INFINITY)
  takeInBlocks(loop, rows, [1])
  return loop.total()
}

describe('a row', () => {
  test.each([
    ['in a block', (loop: RowLoop, packet: Buffer) => takeInBlocks(loop, [packet])],
    ['alone', (loop: RowLoop, packet: Buffer) => loop.takeRow(packet, packet, () => {})]
  ])('that ends before its last value is refused %s', (_, take) => {
    const packet = rowPacket([int(1), int(2)])
    const loop = new RowLoop(layoutOf([ColumnType.long, ColumnType.long], { summed: [1] }), 1)
    expect(() => take(loop, packet.subarray(0, packet.length - 1))).toThrow('ends before its last value')
  })

  test('whose numbers lie behind more than can be looked at is refused', () => {
    const packet = rowPacket([text(Buffer.alloc(AT_ONCE)), int(2)])
    const loop = new RowLoop(layoutOf([VARCHAR, ColumnType.long], { summed: [1] }), 1)
    expect(() => takeInBlocks(loop, [packet])).toThrow('ends before its last value')
  })
})

/** The numbers of the packets at which sections begin. */
function beginnings(layout: RowLayout, rows: readonly Buffer[], apart: number): readonly number[] {
  const block = Buffer.concat([Buffer.alloc(5), ...rows.map(sent)])
  const starts = new Map<number, number>()
  for (let row = 0, at = 5; row < rows.length; row++) {
    starts.set(at + 4, row)
    at += 4 + (rows[row]?.length ?? 0)
  }
  const begun: number[] = []
  new RowLoop(layout, apart).take(block, 5, block.length, (row) => begun.push(starts.get(row) ?? -1))
  return begun
}

function share(keys: readonly string[]): number {
  const rows = keys.map((key) => rowPacket([text(key)]))
  return beginnings(layoutOf([VARCHAR]), rows, APART).length / keys.length
}

describe('sections', () => {
  test('begin by the key alone, whatever else the rows hold and whatever lies between them', () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), packets, (keys, others) => {
        const bodies = keys.map((_, at) => others[at]?.subarray(9) ?? Buffer.alloc(0))
        const [empty, full] = [
          keys.map((key) => [int(key), text('')]),
          keys.map((key, at) => [int(key), text(bodies[at] ?? '')])
        ]
        const expected = keys.flatMap((key, at) => {
          const alone = rowPacket([int(key), text('')])
          return beginnings(KEYED, [alone], 2).length === 1 ? [at] : []
        })
        expect(beginnings(KEYED, empty.map(rowPacket), 2)).toEqual(expected)
        expect(beginnings(KEYED, full.map(rowPacket), 2)).toEqual(expected)
      })
    ))

  test('are told before their first row is taken, and rows taken one by one begin the same ones', () =>
    fc.assert(
      fc.property(packets, (rows) => {
        const [together, apart] = [new RowLoop(KEYED, 3), new RowLoop(KEYED, 3)]
        const counts: [number[], number[]] = [[], []]
        const block = Buffer.concat(rows.map(sent))
        together.take(block, 0, block.length, () => counts[0].push(together.total().rows))
        for (const row of rows) apart.takeRow(row, row, () => counts[1].push(apart.total().rows))
        counts[0].push(together.total().rows)
        counts[1].push(apart.total().rows)
        expect(counts[0]).toEqual(counts[1])
        expect(counts[0].reduce((sum, each) => sum + each, 0)).toBe(rows.length)
      })
    ))

  test.each([
    [ColumnType.long, 4],
    [ColumnType.longlong, 8],
    [ColumnType.short, 2]
  ] as const)('begin at about every so many of numbers of type %i that count by 1, 2, 3 or 10', (type, bytes) => {
    for (const step of [1, 2, 3, 10]) {
      const rows = Array.from({ length: 3_000 }, (_, at) => rowPacket([int(at * step, bytes)]))
      const found = beginnings(layoutOf([type]), rows, APART).length / rows.length
      expect(found).toBeGreaterThan(0.5 / APART)
      expect(found).toBeLessThan(2 / APART)
    }
  })

  test('begin as often among texts, also long ones with the same beginning or the same end', () => {
    const numbers = Array.from({ length: 5000 }, (_, at) => String(at).padStart(6, '0'))
    const long = 'x'.repeat(100)
    for (const keys of [numbers, numbers.map((each) => long + each), numbers.map((each) => each + long)]) {
      expect(share(keys)).toBeGreaterThan(0.5 / APART)
      expect(share(keys)).toBeLessThan(2 / APART)
    }
  })

  test('begin by all columns of a key', () => {
    const layout = layoutOf([ColumnType.long, VARCHAR, VARCHAR], { keyColumns: 2 })
    const rows = Array.from({ length: 3_000 }, (_, at) => rowPacket([int(7), text(String(at)), text('same')]))
    const found = beginnings(layout, rows, APART).length / rows.length
    expect(found).toBeGreaterThan(0.5 / APART)
    expect(found).toBeLessThan(2 / APART)
  })

  test('begin at every row where each makes one of its own', () => {
    const rows = [0, 1, -1, 2 ** 31 - 1].map((key) => rowPacket([int(key)]))
    expect(beginnings(layoutOf([ColumnType.long]), rows, 1)).toEqual([0, 1, 2, 3])
  })

  test('never begin where none are wanted', () => {
    const rows = Array.from({ length: 3_000 }, (_, at) => rowPacket([int(at)]))
    expect(beginnings(layoutOf([ColumnType.long]), rows, Number.POSITIVE_INFINITY)).toEqual([])
  })
})

describe('rows that a careless checksum takes for the same', () => {
  const hashOf = (...rows: readonly (readonly Cell[])[]) => {
    const loop = new RowLoop(layoutOf((rows[0] ?? []).map(() => VARCHAR)), Number.POSITIVE_INFINITY)
    takeInBlocks(loop, rows.map(rowPacket))
    return loop.total().checksum
  }

  test('NULL and an empty string differ', () => {
    expect(hashOf([NULL])).not.toBe(hashOf([text('')]))
  })

  test('values with the separator of other tools in them differ', () => {
    expect(hashOf([text('a#b'), text('c')])).not.toBe(hashOf([text('a'), text('b#c')]))
  })

  test('a NULL in another column differs', () => {
    expect(hashOf([NULL, text('a')])).not.toBe(hashOf([text('a'), NULL]))
  })

  test('a value swapped between two rows is seen: adding or XORing values would find the same total', () => {
    const before = hashOf([text('1'), text('10')], [text('2'), text('20')])
    expect(hashOf([text('1'), text('20')], [text('2'), text('10')])).not.toBe(before)
  })

  test('the same change to an even number of rows is seen: XORed row hashes of equal rows cancel out', () => {
    const twice = (value: string) => hashOf([text(value)], [text(value)])
    expect(twice('old')).not.toBe(twice('new'))
  })

  test('a value moved to the next row differs', () => {
    expect(hashOf([text('ab')], [text('c')])).not.toBe(hashOf([text('a')], [text('bc')]))
  })
})
