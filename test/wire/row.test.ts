import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnType } from '../../src/wire/protocol.js'
import { keyBytes, replaceValues, splitKey, splitRow, splitTag } from '../../src/wire/row.js'
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

describe('putting other values into a row', () => {
  const replacements = anyTable.chain(({ columns, rows }) =>
    fc.record({
      types: fc.constant(columns.map((column) => column.type)),
      row: fc.constantFrom(
        ...rows,
        columns.map(() => NULL)
      ),
      values: fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 10 }),
          fc.integer({ min: 245, max: 260 }).map((length) => Buffer.alloc(length, 0xfb))
        ),
        { minLength: columns.length, maxLength: columns.length }
      ),
      chosen: fc.subarray(columns.map((_, at) => at))
    })
  )

  test('changes those and leaves every other, and NULL, as it was', () =>
    fc.assert(
      fc.property(replacements, ({ types, row, values, chosen }) => {
        const replaced = new Map(
          chosen.filter((at) => row[at]?.kind === 'text').map((at) => [at, Buffer.from(values[at] ?? [])])
        )
        const expected = row.map((cell, at) => replaced.get(at) ?? valueBytes(cell))
        expect(splitRow(replaceValues(rowPacket(row), types, replaced), types)).toEqual(expected)
      })
    ))

  test('gives the packet of the row that has them, however the server wrote the length before', () => {
    const types = [ColumnType.long, STRING, STRING]
    const replaced = new Map([[1, Buffer.from('{}')]])
    for (const before of ['', '{ }', 'x'.repeat(300), 'x'.repeat(70_000)]) {
      const packet = rowPacket([int(1), text(before), text('end')])
      expect(replaceValues(packet, types, replaced)).toEqual(rowPacket([int(1), text('{}'), text('end')]))
    }
  })

  test('writes one length in one way, for rows are compared by their bytes', () => {
    const value = Buffer.alloc(300, 0x61)
    const written = [text(''), text('x'.repeat(300)), text('x'.repeat(70_000))].map((before) =>
      replaceValues(rowPacket([before]), [STRING], new Map([[0, value]])).toString('hex')
    )
    expect(new Set(written).size).toBe(1)
  })

  test('does not fill in a NULL', () => {
    const packet = rowPacket([NULL, text('x')])
    expect(replaceValues(packet, [STRING, STRING], new Map([[0, Buffer.from('y')]]))).toEqual(packet)
  })
})
