import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnType } from '../../src/wire/protocol.js'
import { isExactNumeric, Sums, sumText } from '../../src/wire/sums.js'
import { type ArbitraryColumn, decimalColumn, integerColumn, stringColumn, table } from '../support/arbitraries.js'
import { column } from '../support/columns.js'
import { type Cell, int, rowPacket, text } from '../support/row-packet.js'

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

function sumsOf(columns: readonly ArbitraryColumn[], rows: readonly (readonly Cell[])[], summed: readonly number[]) {
  const sums = new Sums(
    columns.map((each) => each.type),
    columns.map((each) => each.unsigned),
    summed
  )
  for (const row of rows) sums.add(rowPacket(row), 0)
  return sums.take()
}

function numbers(columns: readonly ArbitraryColumn[]): readonly number[] {
  return columns.flatMap((each, at) => (each.type === 0xfd ? [] : [at]))
}

describe('sums', () => {
  test('of any numbers, with NULLs and strings between them, are exact', () =>
    fc.assert(
      fc.property(table(fc.oneof(integerColumn, decimalColumn, stringColumn), 12), ({ columns, rows }) => {
        const summed = numbers(columns)
        expect(sumsOf(columns, rows, summed)).toEqual(naiveSums(rows, summed))
      })
    ))

  test.each([0, 250, 251, 65_535, 65_536, 2 ** 24])('pass over a string of %i bytes before a number', (length) => {
    const sums = new Sums([0xfd, ColumnType.long], [false, false], [1])
    sums.add(rowPacket([text(Buffer.alloc(length, 0xfe)), int(5)]), 0)
    expect(sums.take()).toEqual([5n])
  })

  test('come in the order that was asked for', () => {
    const columns = [ColumnType.long, ColumnType.long].map((type) => ({ type, unsigned: false }))
    const sums = new Sums(
      columns.map((each) => each.type),
      [false, false],
      [1, 0]
    )
    sums.add(rowPacket([int(1), int(2)]), 0)
    expect(sums.take()).toEqual([2n, 1n])
  })

  test('read the row where it starts in its buffer', () => {
    const sums = new Sums([ColumnType.tiny], [false], [0])
    sums.add(Buffer.concat([Buffer.alloc(7, 0xff), rowPacket([int(-3, 1)])]), 7)
    expect(sums.take()).toEqual([-3n])
  })

  test('begin anew after they were told', () => {
    const sums = new Sums([ColumnType.long], [false], [0])
    sums.add(rowPacket([int(2)]), 0)
    expect(sums.take()).toEqual([2n])
    sums.add(rowPacket([int(3)]), 0)
    expect(sums.take()).toEqual([3n])
  })

  test('of no columns are none', () => {
    const sums = new Sums([0xfd], [false], [])
    sums.add(rowPacket([text('x')]), 0)
    expect(sums.take()).toEqual([])
  })

  test.each([
    ['BIGINT UNSIGNED', ColumnType.longlong, true, int(2n ** 64n - 1n, 8), 2n ** 64n - 1n],
    ['BIGINT', ColumnType.longlong, false, int(-(2n ** 63n), 8), -(2n ** 63n)],
    ['the longest DECIMAL summed in a double', ColumnType.newdecimal, false, text('999999999999999'), 10n ** 15n - 1n],
    ['a DECIMAL just longer', ColumnType.newdecimal, false, text('-999999999999999'), 1n - 10n ** 15n]
  ])('of many of the largest %s lose nothing', (_, type, unsigned, cell, value) => {
    const sums = new Sums([type], [unsigned], [0])
    const packet = rowPacket([cell])
    for (let row = 0; row < 10_000; row++) sums.add(packet, 0)
    expect(sums.take()).toEqual([value * 10_000n])
  })
})

describe('the text of a sum', () => {
  test.each<[bigint, number, string]>([
    [1230n, 2, '12.30'],
    [-1230n, 2, '-12.30'],
    [5n, 2, '0.05'],
    [-5n, 2, '-0.05'],
    [0n, 2, '0.00'],
    [7n, 0, '7'],
    [-7n, 0, '-7'],
    [10n ** 64n, 30, `1${'0'.repeat(34)}.${'0'.repeat(30)}`]
  ])('%d with scale %i is %s', (sum, scale, expected) => {
    expect(sumText(sum, scale)).toBe(expected)
  })

  test('holds the sum and exactly the digits of the scale', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 70n), max: 10n ** 70n }), fc.integer({ min: 1, max: 30 }), (sum, scale) => {
        const printed = sumText(sum, scale)
        expect(printed).toMatch(new RegExp(`^-?\\d+\\.\\d{${scale}}$`))
        expect(BigInt(printed.replace('.', ''))).toBe(sum)
      })
    ))
})

test.each([
  ['tinyint', true],
  ['bigint', true],
  ['decimal', true],
  ['year', false],
  ['float', false],
  ['double', false],
  ['bit', false],
  ['varchar', false]
])('%s adds up exactly: %s', (dataType, exact) => {
  expect(isExactNumeric(column('x', { dataType }))).toBe(exact)
})
