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
    ['bit', 'a number, for BIT compares as one', { hex: '0105' }, '261']
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

  describe('of ENUM are the number of the member, by which servers order it', () => {
    const size = column('c', {
      dataType: 'enum',
      columnType: `enum('n','m','it''s','','a,b','"','m)','N')`,
      charset: 'utf8mb4',
      collation: 'utf8mb4_bin'
    })

    test.each([
      ['n', '1'],
      ['m', '2'],
      ["it's", '3'],
      ['', '4'],
      ['a,b', '5'],
      ['"', '6'],
      ['m)', '7'],
      ['N', '8']
    ])('%j', (value, expected) => {
      expect(literal(size, value)).toBe(expected)
    })

    test('and 0 for the empty text that stands for a value which is no member', () => {
      expect(literal({ ...size, columnType: "enum('n','m')" }, '')).toBe('0')
    })

    // Both vendors escape the backslash, newline, CR and NUL in COLUMN_TYPE with a backslash, in every sql_mode, and double the quote.
    test.each([
      ["enum('n','a\\\\b')", 'a\\b'],
      ["enum('n','a\\nb')", 'a\nb'],
      ["enum('n','a\\rb')", 'a\rb'],
      ["enum('n','a\\0b')", 'a\0b'],
      ["enum('n','\\\\n')", '\\n'],
      ["enum('n','\\\\')", '\\'],
      ["enum('n','\\\\''')", "\\'"]
    ])('as COLUMN_TYPE writes it: %s', (columnType, value) => {
      expect(literal({ ...size, columnType }, value)).toBe('2')
    })

    test('but NULL for NULL', () => {
      expect(literal(size, null)).toBe('NULL')
    })
  })

  describe('of SET are the sum of the bits of the members', () => {
    const tags = column('c', { dataType: 'set', columnType: "set('red','it''s','(','blue')", charset: 'utf8mb4' })

    test.each([
      ['', '0'],
      ['red', '1'],
      ["it's", '2'],
      ['red,(', '5'],
      ["red,it's,(,blue", '15']
    ])('%j', (value, expected) => {
      expect(literal(tags, value)).toBe(expected)
    })

    test('whose names are read as COLUMN_TYPE writes them', () => {
      expect(literal({ ...tags, columnType: "set('n','p\\\\q')" }, 'n,p\\q')).toBe('3')
    })

    test('to the last of 64 members', () => {
      const members = Array.from({ length: 64 }, (_, at) => `m${at}`)
      const wide = { ...tags, columnType: `set(${members.map(text).join(',')})` }
      expect(literal(wide, 'm63')).toBe(String(2n ** 63n))
      expect(literal(wide, members.join(','))).toBe(String(2n ** 64n - 1n))
    })
  })

  test('of FLOAT carry all digits of the number, for servers compare it in double precision', () => {
    expect(literal(column('c', { dataType: 'float' }), '0.1')).toBe('0.10000000149011612')
  })

  test('of FLOAT are just the number that nine digits name', () =>
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const digits = literal(column('c', { dataType: 'float' }), value.toPrecision(9))
        expect(Number(digits) === value).toBe(true)
        expect(digits).toMatch(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/)
      })
    ))

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

  test.each([
    ['enum', 'x'],
    ['enum', 'N'],
    ['set', 'x'],
    ['set', 'n,x'],
    ['set', 'n,']
  ])('no member of its %s, rather than written as 0: %j', (dataType, value) => {
    const columnType = `${dataType}('n','m')`
    expect(() => literal(column('c', { dataType, columnType }), value)).toThrow(`no member of c (${columnType}) is`)
  })

  test.each(['0', 'xy', "00' OR '", '0 0'])('as hexadecimal: %s', (hex) => {
    expect(() => literal(column('c', { dataType: 'blob' }), { hex })).toThrow('not hexadecimal')
  })
})
