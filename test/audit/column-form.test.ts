import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnForm } from '../../src/audit/column-form.js'
import type { Column } from '../../src/model/table.js'
import { column, textColumn } from '../support/columns.js'

/** The form of a column that masters have so. */
function form(...columns: readonly Column[]) {
  return columnForm(columns.map((each) => ({ vendor: 'mysql', column: each })))
}

function typed(dataType: string, other: Partial<Column> = {}): Column {
  return column('c', { dataType, ...other })
}

function worded(dataType: string, other: Partial<Column> = {}): Column {
  return textColumn('c', { dataType, columnType: dataType, ...other })
}

function decimal(precision: number, scale: number): Column {
  return typed('decimal', { columnType: `decimal(${precision},${scale})`, precision, scale })
}

const JSON_TYPE = typed('json')
const LONGTEXT = worded('longtext')

describe('columns whose equal values are equal bytes are read as they are', () => {
  test.each<[string, Column, Column]>([
    ['the same integer', typed('int', { columnType: 'int(11)' }), typed('int')],
    ['the same DECIMAL', decimal(10, 2), decimal(10, 2)],
    ['a DECIMAL of more digits before the point', decimal(10, 2), decimal(20, 2)],
    ['FLOAT', typed('float'), typed('float')],
    ['BIT of one width', typed('bit', { columnType: 'bit(8)' }), typed('bit', { columnType: 'bit(8)' })],
    ['a longer VARCHAR', worded('varchar', { columnType: 'varchar(5)' }), worded('varchar')],
    ['another collation', worded('varchar'), worded('varchar', { collation: 'utf8mb4_general_ci' })],
    ['utf8 by its older name', worded('text', { charset: 'utf8' }), worded('text', { charset: 'utf8mb3' })],
    ['VARCHAR and TEXT', worded('varchar'), worded('text')],
    ['ENUM and VARCHAR', worded('enum'), worded('varchar')],
    ['ENUM of other members', worded('enum', { columnType: "enum('n')" }), worded('enum', { columnType: "enum('m')" })],
    ['DATETIME of more fraction digits', typed('datetime'), typed('datetime', { columnType: 'datetime(6)' })],
    ['DATETIME and TIMESTAMP', typed('datetime'), typed('timestamp')],
    ['TIME of more fraction digits', typed('time'), typed('time', { columnType: 'time(6)' })],
    ['VARBINARY and BLOB', typed('varbinary'), typed('longblob')],
    ['GEOMETRY', typed('geometry'), typed('geometry')],
    ['UUID', typed('uuid'), typed('uuid')],
    ['JSON of one vendor', JSON_TYPE, JSON_TYPE],
    ['checked text', LONGTEXT, LONGTEXT]
  ])('%s', (_, left, right) => {
    expect(form(left, right)).toMatchObject({ expressions: ['`c`', '`c`'], json: false })
    expect(form(right, left)).toMatchObject({ expressions: ['`c`', '`c`'], json: false })
  })
})

describe('exact numbers of different types are read as DECIMAL', () => {
  test.each<[string, Column, Column, number]>([
    ['INT and BIGINT', typed('int'), typed('bigint'), 0],
    ['INT and INT UNSIGNED', typed('int'), typed('int', { unsigned: true }), 0],
    ['BIGINT and DECIMAL, with the fraction digits of the latter', typed('bigint'), decimal(20, 4), 4],
    ['DECIMALs, with the most fraction digits', decimal(10, 2), decimal(12, 3), 3],
    ['YEAR and SMALLINT', typed('year'), typed('smallint'), 0]
  ])('%s', (_, left, right, scale) => {
    const cast = `CAST(\`c\` AS DECIMAL(65, ${scale}))`
    expect(form(left, right)).toMatchObject({
      expressions: [cast, cast],
      json: false,
      column: { name: 'c', dataType: 'decimal', scale, unsigned: false }
    })
  })

  test('on every master, for one kind of bytes must come from all', () => {
    expect(form(typed('int'), typed('int'), typed('bigint'))?.expressions).toEqual(
      Array(3).fill('CAST(`c` AS DECIMAL(65, 0))')
    )
  })
})

describe('other types that hold the same values in different bytes', () => {
  test('FLOAT and DOUBLE are read as DOUBLE', () => {
    expect(form(typed('float'), typed('double'))).toMatchObject({
      expressions: ['CAST(`c` AS DOUBLE)', 'CAST(`c` AS DOUBLE)'],
      column: { dataType: 'double' }
    })
  })

  test('DATE and DATETIME are read as DATETIME', () => {
    expect(form(typed('date'), typed('datetime'))).toMatchObject({
      expressions: ['CAST(`c` AS DATETIME(6))', 'CAST(`c` AS DATETIME(6))'],
      column: { dataType: 'datetime' }
    })
  })

  test.each<[string, Column, Column]>([
    ['latin1 and utf8mb4', worded('varchar', { charset: 'latin1' }), worded('varchar')],
    ['utf8mb3 and utf8mb4', worded('text', { charset: 'utf8mb3' }), worded('text')],
    ['ENUM in gbk and VARCHAR', worded('enum', { charset: 'gbk' }), worded('varchar')]
  ])('texts of different character sets are converted: %s', (_, left, right) => {
    expect(form(left, right)).toMatchObject({
      expressions: ['CONVERT(`c` USING utf8mb4)', 'CONVERT(`c` USING utf8mb4)'],
      json: false,
      column: { charset: 'utf8mb4' }
    })
  })

  test.each<[string, readonly Column[]]>([
    ['MySQL first', [JSON_TYPE, LONGTEXT]],
    ['MariaDB first', [LONGTEXT, JSON_TYPE]],
    ['both twice', [JSON_TYPE, LONGTEXT, JSON_TYPE, LONGTEXT]]
  ])('JSON of both vendors is read as text and brought into one form here: %s', (_, columns) => {
    const expressions = columns.map(() => '`c`')
    expect(form(...columns)).toMatchObject({ expressions, json: true, column: { dataType: 'json', charset: null } })
  })
})

test.each<[string, Column, Column]>([
  ['a number and a text', typed('int'), worded('varchar')],
  ['an exact number and DOUBLE', decimal(10, 2), typed('double')],
  ['BITs of different widths', typed('bit', { columnType: 'bit(1)' }), typed('bit', { columnType: 'bit(8)' })],
  ['BIT and TINYINT', typed('bit'), typed('tinyint')],
  ['text and bytes', worded('text'), typed('blob')],
  ['a day and a time of day', typed('date'), typed('time')],
  ['a year and a day', typed('year'), typed('date')],
  ['JSON and a text that cannot hold all of it', JSON_TYPE, worded('text')],
  ['GEOMETRY and bytes', typed('geometry'), typed('longblob')],
  ['UUID and CHAR', typed('uuid'), worded('char')]
])('there is no form for %s', (_, left, right) => {
  expect(form(left, right)).toBeNull()
  expect(form(right, left)).toBeNull()
  expect(form(left, left, right)).toBeNull()
})

test('every master reads the column by its own name of it', () => {
  const [left, right] = [typed('int'), typed('bigint')].map((each, at) => ({
    ...each,
    name: ['na`me', 'NA`ME'][at] ?? ''
  }))
  const columns = [left, right].flatMap((each) => (each === undefined ? [] : [each]))
  expect(form(...columns)?.expressions).toEqual([
    'CAST(`na``me` AS DECIMAL(65, 0))',
    'CAST(`NA``ME` AS DECIMAL(65, 0))'
  ])
})

describe('whatever columns masters have', () => {
  const anyColumn = fc.oneof(
    fc
      .tuple(fc.constantFrom('tinyint', 'int', 'bigint', 'year', 'float', 'double'), fc.boolean())
      .map(([dataType, unsigned]) => typed(dataType, { unsigned })),
    fc.integer({ min: 0, max: 30 }).map((scale) => decimal(65, scale)),
    fc
      .constantFrom('date', 'datetime', 'timestamp', 'time', 'json', 'blob', 'bit', 'geometry')
      .map((type) => typed(type)),
    fc
      .tuple(
        fc.constantFrom('char', 'text', 'longtext', 'enum'),
        fc.constantFrom('utf8', 'utf8mb3', 'utf8mb4', 'latin1')
      )
      .map(([dataType, charset]) => worded(dataType, { charset }))
  )
  const columns = fc.array(anyColumn, { minLength: 2, maxLength: 4 })

  test('their order does not decide whether and how they are read', () =>
    fc.assert(
      fc.property(columns, (all) => {
        const [forth, back] = [form(...all), form(...all.toReversed())]
        expect(back?.expressions).toEqual(forth?.expressions.toReversed())
        expect(back?.json).toBe(forth?.json)
        expect(back?.column.dataType === 'json').toBe(forth?.column.dataType === 'json')
      })
    ))

  test('every master reads one expression, and but for JSON all the same', () =>
    fc.assert(
      fc.property(columns, (all) => {
        const expressions = form(...all)?.expressions
        fc.pre(expressions !== undefined)
        expect(expressions).toHaveLength(all.length)
        if (!form(...all)?.json) expect(new Set(expressions).size).toBe(1)
      })
    ))

  test('the form is that of what arrives: read so again, it stays', () =>
    fc.assert(
      fc.property(columns, (all) => {
        const once = form(...all)?.column
        fc.pre(once !== undefined)
        expect(form(once, once)).toMatchObject({ expressions: ['`c`', '`c`'], column: once })
      })
    ))
})
