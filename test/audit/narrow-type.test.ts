import { describe, expect, test } from 'vitest'
import { narrowedColumns } from '../../src/audit/narrow-type.js'
import type { SchemaDifference } from '../../src/model/report.js'
import type { RowValues, SqlValue } from '../../src/model/value.js'

const TYPES: SchemaDifference = { aspect: 'type', name: 'v', masters: { a: 'narrow', b: 'wide' } }

function causes(a: SqlValue, b: SqlValue, drift: readonly SchemaDifference[] = [TYPES]) {
  return narrowedColumns(['v'], { a: { v: a }, b: { v: b } }, drift)
}

function typed(a: string, b: string): readonly SchemaDifference[] {
  return [{ ...TYPES, masters: { a, b } }]
}

describe('a value that looks cut to a narrower type is told', () => {
  test.each<[string, SqlValue, SqlValue]>([
    ['a number rounded to fewer fraction digits', '12.35', '12.3456'],
    ['a number rounded to none', '13', '12.9'],
    ['a fraction with zeros at its end', '12.30', '12.31'],
    ['a number stopped at the limit of a TINYINT', '127', '300'],
    ['at the limit of an unsigned INT', '4294967295', '4294967300'],
    ['at the limit of a BIGINT', '9223372036854775807', '18446744073709551615'],
    ['at a negative limit', '-32768', '-40000']
  ])('%s', (_, a, b) => {
    expect(causes(a, b)).toEqual(['v looks cut to its narrower type on a (narrow)'])
  })

  test.each<[string, string, SqlValue, string, SqlValue]>([
    ['a text that ends where its type does', 'varchar(3)', 'abc', 'varchar(9)', 'abcdef'],
    ['counted in characters', 'char(2)', '😀é', 'text', '😀éx'],
    ['bytes that end where their type does', 'varbinary(2)', { hex: '00ff' }, 'blob', { hex: '00ff01' }],
    ['a time without its fraction', 'datetime', '2026-01-01 10:00:00', 'datetime(3)', '2026-01-01 10:00:00.123']
  ])('%s', (_, typeA, a, typeB, b) => {
    expect(causes(a, b, typed(typeA, typeB))).toEqual([`v looks cut to its narrower type on a (${typeA})`])
  })

  test('on the master that holds it', () => {
    const drift = { ...TYPES, masters: { a: 'text', b: 'varchar(3)' } }
    expect(causes('abcdef', 'abc', [drift])).toEqual(['v looks cut to its narrower type on b (varchar(3))'])
  })

  test('for each such column, whatever the case in which drift names it', () => {
    const row = (x: string, y: string): RowValues => ({ x, y })
    const drift = ['X', 'y'].map((name) => ({ ...TYPES, name }))
    expect(narrowedColumns(['x', 'y'], { a: row('1', '2'), b: row('1.5', '2.5') }, drift)).toEqual([
      'x looks cut to its narrower type on a (narrow)',
      'y looks cut to its narrower type on a (narrow)'
    ])
  })

  test('for one of three masters', () => {
    const rows = { a: { v: 'abcdef' }, b: null, c: { v: 'abc' } }
    const drift = { ...TYPES, masters: { a: 'text', b: 'text', c: 'varchar(3)' } }
    expect(narrowedColumns(['v'], rows, [drift])).toEqual(['v looks cut to its narrower type on c (varchar(3))'])
  })
})

describe('nothing is told of', () => {
  test.each<[string, string, SqlValue, string, SqlValue]>([
    ['a text that is shorter than its type', 'varchar(10)', 'ab', 'varchar(20)', 'abc'],
    ['the longer type', 'varchar(50)', 'ab', 'varchar(10)', 'abc'],
    ['an empty text', 'varchar(10)', '', 'varchar(20)', 'abc']
  ])('%s', (_, typeA, a, typeB, b) => {
    expect(causes(a, b, typed(typeA, typeB))).toEqual([])
  })

  test.each<[string, SqlValue, SqlValue]>([
    ['texts that are just different', 'abc', 'abd'],
    ['numbers that are just different', '12', '13'],
    ['numbers far apart', '12', '14.5'],
    ['a number that is no limit', '126', '300'],
    ['a limit above the other', '127', '5'],
    ['a number that begins like another', '12', '123'],
    ['bytes that are just different', { hex: '00ff' }, { hex: '00fe01' }],
    ['NULL', null, 'abc'],
    ['bytes beside text', { hex: '61' }, 'abc']
  ])('%s', (_, a, b) => {
    expect(causes(a, b)).toEqual([])
  })

  test('columns of one type everywhere', () => {
    expect(causes('abc', 'abcdef', [])).toEqual([])
    expect(causes('abc', 'abcdef', [{ ...TYPES, aspect: 'collation' }])).toEqual([])
    expect(causes('abc', 'abcdef', [{ ...TYPES, name: 'other' }])).toEqual([])
  })

  test('columns that do not differ', () => {
    expect(narrowedColumns([], { a: { v: 'abc' }, b: { v: 'abcdef' } }, [TYPES])).toEqual([])
  })

  test('a row that only one master has', () => {
    expect(narrowedColumns(['v'], { a: { v: 'abc' }, b: null }, [TYPES])).toEqual([])
  })
})
