import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnType } from '../../src/wire/protocol.js'
import { keyBytes, sameValue, splitKey, splitRow, splitTag } from '../../src/wire/row.js'
import { decimalColumn, integerColumn, stringColumn, table } from '../support/arbitraries.js'
import { encoded, int, NULL, rowPacket, text, valueBytes } from '../support/row-packet.js'

const STRING = 0xfd
const anyTable = table(fc.oneof(integerColumn, decimalColumn, stringColumn), 20)

describe('splitting a row', () => {
  test('gives back every value that was encoded', () =>
    fc.assert(
      fc.property(anyTable, ({ columns, rows }) => {
        const types = columns.map((column) => column.type)
        for (const row of rows) expect(splitRow(rowPacket(row), types)).toEqual(row.map(valueBytes))
      })
    ))

  test.each([0, 250, 251, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24])('reads a string of %i bytes', (length) => {
    const value = Buffer.alloc(length, 0xfe)
    const [first, second] = splitRow(rowPacket([text(value), int(5)]), [STRING, ColumnType.long])
    expect(first?.equals(value)).toBe(true)
    expect(second?.readInt32LE(0)).toBe(5)
  })

  test('tells NULL from an empty string', () => {
    expect(splitRow(rowPacket([NULL, text('')]), [STRING, STRING])).toEqual([null, Buffer.alloc(0)])
  })

  test.each([1, 5, 6, 7, 13, 14, 15])('finds a NULL in the last of %i columns', (columns) => {
    const cells = [...Array.from({ length: columns - 1 }, (_, at) => int(at)), NULL]
    const split = splitRow(rowPacket(cells), Array(columns).fill(ColumnType.long))
    expect(split.map((value) => value === null)).toEqual(cells.map((cell) => cell === NULL))
  })

  test('refuses a packet that ends before its last value', () => {
    const packet = rowPacket([int(1), text('hello')])
    expect(() => splitRow(packet.subarray(0, -1), [ColumnType.long, STRING])).toThrow('ends before its last value')
  })
})

describe('the bytes of a key', () => {
  const keyed = fc
    .tuple(fc.array(fc.oneof(integerColumn, decimalColumn, stringColumn), { minLength: 1, maxLength: 4 }), anyTable)
    .chain(([key, rest]) =>
      fc.record({
        key: fc.constant(key),
        cells: fc.tuple(...key.map((column) => column.cell)),
        columns: fc.constant(rest.columns),
        values: fc.constantFrom(
          ...rest.rows,
          rest.columns.map(() => NULL)
        )
      })
    )

  test('are cut into the values of the key again, wherever the packet stands in its buffer', () =>
    fc.assert(
      fc.property(keyed, fc.nat({ max: 20 }), ({ key, cells, columns, values }, start) => {
        const packet = Buffer.concat([Buffer.alloc(start, 0xff), rowPacket([...cells, ...values])])
        const types = [...key, ...columns].map((column) => column.type)
        const bytes = keyBytes(packet, start, types, key.length)
        expect(bytes).toEqual(Buffer.concat(cells.map(encoded)))
        expect(splitKey(bytes, types.slice(0, key.length))).toEqual(cells.map(valueBytes))
      })
    ))

  test('tell keys apart whose values would join to the same text', () => {
    const of = (...values: readonly string[]) =>
      keyBytes(rowPacket(values.map((value) => text(value))), 0, [STRING, STRING], 2)
    expect(of('a', 'bc').equals(of('ab', 'c'))).toBe(false)
  })
})

describe('taking the tag off a row', () => {
  test('leaves the packet that the server would have sent without it', () =>
    fc.assert(
      fc.property(
        anyTable,
        fc.constantFrom<[number, 1 | 2 | 4 | 8]>(
          [ColumnType.tiny, 1],
          [ColumnType.short, 2],
          [ColumnType.long, 4],
          [ColumnType.longlong, 8]
        ),
        fc.nat({ max: 127 }),
        ({ columns, rows }, [type, bytes], tag) => {
          for (const row of rows) {
            const tagged = rowPacket([...row, int(tag, bytes)])
            const types = [...columns.map((column) => column.type), type]
            expect(splitTag(tagged, types)).toEqual({ tag, packet: rowPacket(row) })
          }
        }
      )
    ))

  test('refuses a row that the server matched with no key', () => {
    expect(() => splitTag(rowPacket([int(1), NULL]), [ColumnType.long, ColumnType.long])).toThrow('none of the keys')
  })
})

describe('two rows hold the same value', () => {
  const row = (cell: Parameters<typeof rowPacket>[0][number]) => splitRow(rowPacket([cell]), [STRING])

  test('when the bytes are the same', () => {
    expect(sameValue(row(text('x')), row(text('x')), 0)).toBe(true)
    expect(sameValue(row(text('x')), row(text('X')), 0)).toBe(false)
  })

  test('when both are NULL, and not when one is', () => {
    expect(sameValue(row(NULL), row(NULL), 0)).toBe(true)
    expect(sameValue(row(NULL), row(text('')), 0)).toBe(false)
  })
})
