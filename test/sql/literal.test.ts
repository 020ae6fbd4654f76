import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SqlValue } from '../../src/model/value.js'
import { literal, text } from '../../src/sql/literal.js'
import { column, textColumn } from '../support/columns.js'

describe('literals', () => {
  test.each<[string, string, SqlValue, string]>([
    ['int', 'null', null, 'NULL'],
    ['int', 'digits', '-42', '-42'],
    ['int', 'leading zeros of ZEROFILL', '00042', '00042'],
    ['bigint', 'all digits of the largest', '18446744073709551615', '18446744073709551615'],
    ['decimal', 'a fraction', '-12.30', '-12.30'],
    ['year', 'four digits', '0000', '0000'],
    ['double', 'an exponent', '-1.5e-300', '-1.5e-300'],
    ['double', 'negative zero', '-0', '-0'],
    ['datetime', 'a time', '2024-02-29 13:05:09.120', "'2024-02-29 13:05:09.120'"],
    ['time', 'a negative time', '-838:59:59', "'-838:59:59'"],
    ['binary', 'bytes', { hex: '00ff' }, "X'00ff'"],
    ['varbinary', 'no bytes', { hex: '' }, "X''"],
    ['bit', 'a number, for BIT compares as one', { hex: '0105' }, "(X'0105' + 0)"]
  ])('of %s: %s', (dataType, _, value, expected) => {
    expect(literal(column('c', { dataType }), value)).toBe(expected)
  })

  test.each([
    ['plain', "'plain'"],
    ["O'Hara", "'O''Hara'"],
    ["''", "''''''"],
    ['C:\\', "'C:\\'"],
    ['a\\', "'a\\'"],
    ["\\' OR 1=1 -- ", "'\\'' OR 1=1 -- '"],
    ['"', "'\"'"],
    ['12', "'12'"],
    ['', "''"]
  ])('of text: %s', (value, expected) => {
    expect(literal(textColumn('c'), value)).toBe(expected)
  })

  test('of text that is not valid name its character set', () => {
    expect(literal(textColumn('c', { charset: 'gbk' }), { hex: 'ff' })).toBe("_gbk X'ff'")
  })

  test('of text read back to the text, whatever is in it', () =>
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(text(value)).toMatch(/^'([^']|'')*'$/)
        expect(text(value).slice(1, -1).replaceAll("''", "'")).toBe(value)
      })
    ))
})

describe('refused is', () => {
  test.each([
    ['int', '1 OR 1=1'],
    ['int', ''],
    ['int', '1e3'],
    ['int', '--1'],
    ['int', '1\n2'],
    ['decimal', '.5'],
    ['decimal', '1.'],
    ['double', 'NaN'],
    ['double', '1e'],
    ['float', 'Infinity'],
    ['year', "'2024'"]
  ])('for %s: %j', (dataType, value) => {
    expect(() => literal(column('c', { dataType }), value)).toThrow('not a number: the value of column c')
  })

  test.each(['0', 'xy', "00' OR '", '0 0'])('as hexadecimal: %s', (hex) => {
    expect(() => literal(column('c', { dataType: 'blob' }), { hex })).toThrow('not hexadecimal')
  })
})
