import { describe, expect, test } from 'vitest'
import { driftText, type SchemaOf, schemaDrift } from '../../src/audit/schema-drift.js'
import type { SchemaDifference } from '../../src/model/report.js'
import type { Column, TableSchema } from '../../src/model/table.js'
import { column, onMasters, schema, textColumn, uniqueKey } from '../support/columns.js'

const ID = column('id')
const NAME = textColumn('name', { columnType: 'varchar(50)' })
const PRICE = column('price', { dataType: 'decimal', columnType: 'decimal(10,2)', scale: 2 })

function drift(...shapes: readonly TableSchema[]): readonly SchemaDifference[] {
  return schemaDrift(onMasters(shapes))
}

/** The drift between a table that has this column so on a, and so on b. */
function columnDrift(left: Partial<Column>, right: Partial<Column>, other: Partial<SchemaOf> = {}) {
  const shapes = [left, right].map((each) => schema([ID, { ...NAME, ...each }]))
  return schemaDrift(onMasters(shapes, other))
}

function across(...schemas: readonly SchemaOf[]): readonly SchemaOf[] {
  return schemas.map((each, at) => ({ ...each, vendor: at === 0 ? 'mysql' : 'mariadb' }))
}

describe('definitions differ in', () => {
  test('a column that one master lacks, which is told once', () => {
    const expected = { aspect: 'column', name: 'name', masters: { a: 'varchar(50)', b: null } }
    expect(drift(schema([ID, NAME]), schema([ID]))).toEqual([expected])
  })

  test('a column that the first master lacks', () => {
    const expected = { aspect: 'column', name: 'name', masters: { a: null, b: 'varchar(50)' } }
    expect(drift(schema([ID]), schema([ID, NAME]))).toEqual([expected])
  })

  test.each<[SchemaDifference['aspect'], Partial<Column>, Partial<Column>, string | null, string | null]>([
    ['type', { columnType: 'varchar(50)' }, { columnType: 'varchar(60)' }, 'varchar(50)', 'varchar(60)'],
    ['type', { columnType: 'int(10) unsigned' }, { columnType: 'int(11)' }, 'int unsigned', 'int'],
    [
      'type',
      { columnType: 'int(5) zerofill' },
      { columnType: 'int(6) zerofill' },
      'int(5) zerofill',
      'int(6) zerofill'
    ],
    ['type', { columnType: "enum('n','m')" }, { columnType: "enum('m','n')" }, "enum('n','m')", "enum('m','n')"],
    ['type', { columnType: 'datetime(3)' }, { columnType: 'datetime' }, 'datetime(3)', 'datetime'],
    ['type', { columnType: 'bit(1)' }, { columnType: 'bit(8)' }, 'bit(1)', 'bit(8)'],
    ['nullability', { nullable: true }, { nullable: false }, 'NULL', 'NOT NULL'],
    ['charset', { charset: 'latin1' }, { charset: 'utf8mb4' }, 'latin1', 'utf8mb4'],
    ['charset', { charset: 'utf8' }, { charset: 'utf8mb4' }, 'utf8mb3', 'utf8mb4'],
    [
      'collation',
      { collation: 'utf8mb4_bin' },
      { collation: 'utf8mb4_general_ci' },
      'utf8mb4_bin',
      'utf8mb4_general_ci'
    ],
    ['generated', { generated: '`id` + 1' }, { generated: '`id` + 2' }, '`id` + 1', '`id` + 2'],
    ['generated', { generated: null }, { generated: '`id` + 2' }, null, '`id` + 2']
  ])('%s: %o, %o', (aspect, left, right, a, b) => {
    expect(columnDrift(left, right)).toEqual([{ aspect, name: 'name', masters: { a, b } }])
  })

  test('the order of the columns', () => {
    expect(drift(schema([ID, NAME, PRICE]), schema([ID, PRICE, NAME]))).toEqual([
      { aspect: 'order', name: null, masters: { a: 'id, name, price', b: 'id, price, name' } }
    ])
  })

  test('an index that one master lacks', () => {
    const keys = [uniqueKey('PRIMARY', ['id']), uniqueKey('by_name', ['name', 'id'])]
    expect(drift(schema([ID, NAME], { uniqueKeys: keys }), schema([ID, NAME]))).toEqual([
      { aspect: 'index', name: 'by_name', masters: { a: '(name, id)', b: null } }
    ])
  })

  test('the columns of an index', () => {
    const [left, right] = [['id'], ['id', 'name']].map((columns) => [uniqueKey('PRIMARY', columns)])
    expect(
      drift(schema([ID, NAME], { uniqueKeys: left ?? [] }), schema([ID, NAME], { uniqueKeys: right ?? [] }))
    ).toEqual([{ aspect: 'index', name: 'PRIMARY', masters: { a: '(id)', b: '(id, name)' } }])
  })

  test('the engine', () => {
    expect(drift(schema([ID]), schema([ID], { engine: 'MyISAM' }))).toEqual([
      { aspect: 'engine', name: null, masters: { a: 'InnoDB', b: 'MyISAM' } }
    ])
  })

  test('what only the third master has otherwise', () => {
    expect(drift(schema([ID, NAME]), schema([ID, NAME]), schema([ID]))).toEqual([
      { aspect: 'column', name: 'name', masters: { a: 'varchar(50)', b: 'varchar(50)', c: null } }
    ])
  })
})

describe('the auto-increment counter', () => {
  const shapes = ['7', '9'].map((nextId) => schema([ID], { nextId }))

  test('differs where no master has a lane of its own', () => {
    expect(schemaDrift(onMasters(shapes, { increment: 1 }))).toEqual([
      { aspect: 'auto-increment', name: null, masters: { a: '7', b: '9' } }
    ])
  })

  test('is each master’s own where any has a lane', () => {
    const [first, second] = onMasters(shapes, { increment: 1 })
    const schemas = [first, second].flatMap((each, at) => (each === undefined ? [] : [{ ...each, increment: at + 1 }]))
    expect(schemaDrift(schemas)).toEqual([])
  })
})

describe('definitions are alike in spite of', () => {
  test.each<[string, Partial<Column>, Partial<Column>]>([
    ['the display width of an integer', { columnType: 'bigint(20) unsigned' }, { columnType: 'bigint unsigned' }],
    ['the display width of a TINYINT', { columnType: 'tinyint(1)' }, { columnType: 'tinyint' }],
    ['the display width of a YEAR', { columnType: 'year(4)' }, { columnType: 'year' }],
    ['compression', { columnType: 'text /*M!100301 COMPRESSED*/' }, { columnType: 'text' }],
    ['the older name of utf8mb3', { charset: 'utf8' }, { charset: 'utf8mb3' }],
    ['the older name of its collations', { collation: 'utf8_general_ci' }, { collation: 'utf8mb3_general_ci' }],
    ['the case of a name', { name: 'name' }, { name: 'NAME' }],
    ['a default, which is written by now', { defaultValue: '0' }, { defaultValue: '1' }]
  ])('%s', (_, left, right) => {
    expect(columnDrift(left, right)).toEqual([])
  })

  test('the case of the columns of an index', () => {
    const [left, right] = ['name', 'NAME'].map((name) =>
      schema([ID, { ...NAME, name }], { uniqueKeys: [uniqueKey('u', [name])] })
    )
    expect(schemaDrift(onMasters([left, right].flatMap((each) => (each === undefined ? [] : [each]))))).toEqual([])
  })

  test('how another vendor prints an expression, which is generated all the same', () => {
    const shapes = ['`id` + 1', '(`id` + 1)'].map((generated) => schema([ID, { ...NAME, generated }]))
    expect(schemaDrift(across(...onMasters(shapes)))).toEqual([])
  })

  test('nothing, but another vendor does not hide that a column is generated on one side', () => {
    const shapes = [null, '`id` + 1'].map((generated) => schema([ID, { ...NAME, generated }]))
    expect(schemaDrift(across(...onMasters(shapes)))).toEqual([
      { aspect: 'generated', name: 'name', masters: { a: null, b: 'generated' } }
    ])
  })

  test('a column that not all have, as far as the order goes', () => {
    const aspects = drift(schema([ID, NAME, PRICE]), schema([ID, PRICE])).map(({ aspect }) => aspect)
    expect(aspects).toEqual(['column'])
  })

  test('estimates and the size of rows', () => {
    expect(drift(schema([ID]), schema([ID], { estimatedRows: 5, averageRowBytes: 6 }))).toEqual([])
  })
})

test('drift is listed in the order of the columns, then order, indexes, engine and counter', () => {
  const left = schema([ID, NAME, PRICE], { nextId: '1' })
  const right = schema([PRICE, { ...NAME, columnType: 'text', nullable: true }, column('more'), ID], {
    uniqueKeys: [],
    engine: 'Aria',
    nextId: '2'
  })
  const found = schemaDrift(onMasters([left, right], { increment: 1 }))
  expect(found.map(({ aspect, name }) => `${aspect} ${name}`)).toEqual([
    'type name',
    'nullability name',
    'column more',
    'order null',
    'index PRIMARY',
    'engine null',
    'auto-increment null'
  ])
})

test('drift tells a column as the first master that has it spells it', () => {
  const shapes = [schema([ID]), schema([ID, { ...NAME, name: 'Name' }]), schema([ID, { ...NAME, name: 'NAME' }])]
  expect(drift(...shapes).map(({ name }) => name)).toEqual(['Name'])
})

test('one master alone has no drift', () => {
  expect(drift(schema([ID, NAME]))).toEqual([])
})

test.each<[SchemaDifference, string]>([
  [
    { aspect: 'type', name: 'price', masters: { a: 'decimal(10,2)', b: 'decimal(12,2)' } },
    'column price: type decimal(10,2) on a, decimal(12,2) on b'
  ],
  [{ aspect: 'column', name: 'name', masters: { a: 'text', b: null } }, 'column name: text on a, absent on b'],
  [{ aspect: 'index', name: 'by_name', masters: { a: null, b: '(name)' } }, 'index by_name: absent on a, (name) on b'],
  [{ aspect: 'engine', name: null, masters: { a: 'InnoDB', b: 'Aria' } }, 'engine: InnoDB on a, Aria on b'],
  [{ aspect: 'order', name: null, masters: { a: 'id, n', b: 'n, id' } }, 'order: id, n on a, n, id on b']
])('drift is told in one line: %#', (difference, expected) => {
  expect(driftText(difference)).toBe(expected)
})
