import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SqlValue } from '../../src/model/value.js'
import { exactLiteral } from '../../src/sql/exact-literal.js'
import { column, textColumn } from '../support/columns.js'

describe('exact literals', () => {
  test.each<[string, string, SqlValue, string]>([
    ['int', 'NULL', null, 'NULL'],
    ['int', 'digits', '-42', '-42'],
    ['int', 'ZEROFILL', '00042', '42'],
    ['int', 'zeros', '000', '0'],
    ['bigint', 'the largest', '18446744073709551615', '18446744073709551615'],
    ['decimal', 'a fraction', '-12.30', '-12.30'],
    ['decimal', 'ZEROFILL', '0000.50', '0.50'],
    ['year', 'zero', '0000', '0000'],
    ['double', 'an integer', '5', '5e0'],
    ['double', 'negative zero', '-0', '-0e0'],
    ['double', 'the least', '5e-324', '5e-324'],
    ['double', 'the largest', '1.7976931348623157e308', '1.7976931348623157e308'],
    ['float', 'all digits of its double', '1.1', '1.100000023841858e0'],
    ['float', 'the largest', '3.4028235e38', '3.4028234663852886e38'],
    ['float', 'negative zero', '-0', '-0e0'],
    ['bit', 'a number', { hex: '0105' }, '261'],
    ['bit', '64 bits', { hex: 'ffffffffffffffff' }, '18446744073709551615'],
    ['datetime', 'a time', '2024-02-29 13:05:09.120', "'2024-02-29 13:05:09.120'"],
    ['date', 'zero', '0000-00-00', "'0000-00-00'"],
    ['time', 'a negative time', '-838:59:59', "'-838:59:59'"],
    ['uuid', 'text', '123e4567-e89b-12d3-a456-426614174000', "'123e4567-e89b-12d3-a456-426614174000'"],
    ['blob', 'bytes', { hex: '00FF' }, "X'00ff'"],
    ['point', 'no bytes', { hex: '' }, "X''"],
    ['json', 'without escapes', '{"a": 1}', `'{"a": 1}'`],
    ['json', 'with escapes', '"\\n"', "_utf8mb4 X'225c6e22'"]
  ])('of %s: %s', (dataType, _, value, expected) => {
    expect(exactLiteral(column('c', { dataType }), value)).toBe(expected)
  })

  test.each([
    ['plain', "'plain'"],
    ['', "''"],
    [' spaces  ', "' spaces  '"],
    ["O'Hara", "'O''Hara'"],
    ['Müller 字 😀', "'Müller 字 😀'"],
    ['; -- */ `', "'; -- */ `'"],
    ['C:\\', "_utf8mb4 X'433a5c'"],
    ['a\nDELIMITER x', "_utf8mb4 X'610a44454c494d495445522078'"],
    ['\r', "_utf8mb4 X'0d'"],
    ['\0', "_utf8mb4 X'00'"],
    ['\u0085', "_utf8mb4 X'c285'"],
    ['\u202eabc', "_utf8mb4 X'e280ae616263'"],
    ['\ufeff', "_utf8mb4 X'efbbbf'"]
  ])('of the text %j', (value, expected) => {
    expect(exactLiteral(textColumn('c'), value)).toBe(expected)
  })

  test('of text in other character sets bring their bytes', () => {
    expect(exactLiteral(textColumn('c', { charset: 'latin1' }), { hex: 'e9' })).toBe("_latin1 X'e9'")
    expect(exactLiteral(textColumn('c', { charset: 'latin1' }), 'plain')).toBe("'plain'")
  })

  describe('of ENUM', () => {
    const size = textColumn('c', { dataType: 'enum', columnType: "enum('s','it''s','tab\t')" })

    test('are the text of the member, which masters may number differently', () => {
      expect(exactLiteral(size, "it's")).toBe("'it''s'")
      expect(exactLiteral(size, 'tab\t')).toBe("_utf8mb4 X'74616209'")
    })

    test('are 0 for an invalid value, also of an ENUM of bytes', () => {
      expect(exactLiteral(size, '')).toBe('0')
      expect(exactLiteral({ ...size, charset: null }, { hex: '' })).toBe('0')
    })

    test('are the empty text where that is a member', () => {
      expect(exactLiteral({ ...size, columnType: "enum('a','')" }, '')).toBe("''")
    })
  })

  test.each(['1; DROP TABLE x', '', '0x10', '1e5', "1'"])('of a number refuse %j', (value) => {
    expect(() => exactLiteral(column('c'), value)).toThrow('not a number')
  })

  test('of bytes refuse what is not hexadecimal', () => {
    expect(() => exactLiteral(column('c', { dataType: 'blob' }), { hex: "00' OR '" })).toThrow('not hexadecimal')
  })

  test('are one line, without backslash, and end where they should', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (value) => {
        expect(exactLiteral(textColumn('c'), value)).toMatch(/^('([^'\\\p{Cc}]|'')*'|_utf8mb4 X'[0-9a-f]*')$/u)
      })
    )
  })

  test('are equal for equal texts only', () => {
    const awkward = fc.string({ unit: fc.constantFrom("'", '\\', 'a', '\n', 'X', '_', '0'), maxLength: 4 })
    fc.assert(
      fc.property(awkward, awkward, (left, right) => {
        const [one, other] = [left, right].map((value) => exactLiteral(textColumn('c'), value))
        expect(one === other).toBe(left === right)
      })
    )
  })
})
