import { describe, expect, test } from 'vitest'
import { type AuditTable, planTable, readingOn, type TablePlan } from '../../src/audit/table-plan.js'
import type { AuditConfig, TableConfig } from '../../src/model/config.js'
import { MmauditError } from '../../src/model/errors.js'
import type { Column, TableSchema } from '../../src/model/table.js'
import { column, schema, textColumn, uniqueKey } from '../support/columns.js'

const REF = { database: 'shop', table: 'items' }
const ID = column('id', { dataType: 'bigint' })
const NAME = textColumn('name', { columnType: 'varchar(50)' })
const PRICE = column('price', { dataType: 'decimal', columnType: 'decimal(10,2)', scale: 2 })

const CONFIG: AuditConfig = {
  masters: [],
  include: [],
  includeOrigin: 'config',
  exclude: [],
  tables: [],
  ignoreColumns: [],
  where: null,
  strictSchema: false,
  checksum: 'xxhash',
  chunkRows: null,
  chunkTime: 0.5,
  concurrency: 2,
  confirm: true,
  confirmTimeout: 10
}

/** The plan for a table that has these shapes on masters a, b, c. */
function plan(shapes: readonly (TableSchema | null)[], config: Partial<AuditConfig> = {}): TablePlan {
  const masters = shapes.map((each, at) => ({ master: 'abc'.charAt(at), schema: each }))
  const present = masters.flatMap(({ master, schema: shape }) =>
    shape === null ? [] : [{ master, schema: shape, vendor: 'mysql' as const, increment: 2 }]
  )
  const absent = masters.flatMap(({ master, schema: shape }) => (shape === null ? [master] : []))
  return planTable(present, absent, { ...CONFIG, ...config })
}

/** The plan for a table that is the same on two masters. */
function compared(shape: TableSchema, config: Partial<AuditConfig> = {}): AuditTable {
  const planned = plan([shape, shape], config)
  if (planned.kind !== 'compare') throw new Error(planned.reason)
  return planned.table
}

function withColumns(...columns: readonly Column[]): TableSchema {
  return schema(columns, { uniqueKeys: [uniqueKey('PRIMARY', ['id'])] })
}

function withKeys(...uniqueKeys: TableSchema['uniqueKeys']): TableSchema {
  return schema([ID, NAME, PRICE], { uniqueKeys })
}

function settings(pattern: string, other: Partial<TableConfig>): TableConfig {
  return { pattern, identity: null, ignoreColumns: [], where: null, ...other }
}

function names(columns: readonly Column[]): readonly string[] {
  return columns.map((each) => each.name)
}

describe('a table that is not on every master', () => {
  test('fails and says where it is not', () => {
    expect(plan([withColumns(ID), null, null])).toEqual({
      kind: 'fail',
      ref: REF,
      reason: 'does not exist on b, c, or the account there may not see it'
    })
  })
})

describe('a table whose shape differs', () => {
  const drift = (left: Column | null, right: Column | null) => {
    const [a, b] = [left, right].map((each) => withColumns(...(each === null ? [ID] : [ID, each])))
    const planned = plan([a ?? null, b ?? null])
    return planned.kind === 'fail' ? planned.reason : planned.kind
  }

  test.each<[string, Column | null, Column | null, string]>([
    ['a column that b lacks', NAME, null, 'column name is varchar(50) utf8mb4_bin on a and absent on b'],
    ['a column that a lacks', null, PRICE, 'column price is absent on a and decimal(10,2) on b'],
    [
      'another type',
      PRICE,
      { ...PRICE, columnType: 'decimal(12,2)' },
      'column price is decimal(10,2) on a and decimal(12,2) on b'
    ],
    [
      'another collation',
      NAME,
      { ...NAME, collation: 'utf8mb4_general_ci' },
      'column name is varchar(50) utf8mb4_bin on a and varchar(50) utf8mb4_general_ci on b'
    ],
    [
      'utf8mb3 beside utf8mb4',
      { ...NAME, collation: 'utf8_general_ci' },
      { ...NAME, collation: 'utf8mb4_general_ci' },
      'column name is varchar(50) utf8mb3_general_ci on a and varchar(50) utf8mb4_general_ci on b'
    ],
    [
      'another order of the members of an ENUM',
      textColumn('size', { dataType: 'enum', columnType: "enum('n','m')" }),
      textColumn('size', { dataType: 'enum', columnType: "enum('m','n')" }),
      "column size is enum('n','m') utf8mb4_bin on a and enum('m','n') utf8mb4_bin on b"
    ],
    [
      'another sign',
      column('n', { columnType: 'int(10) unsigned' }),
      column('n', { columnType: 'int(11)' }),
      'column n is int unsigned on a and int on b'
    ],
    [
      'another width under ZEROFILL, which is printed',
      column('n', { columnType: 'int(5) unsigned zerofill' }),
      column('n', { columnType: 'int(6) unsigned zerofill' }),
      'column n is int(5) unsigned zerofill on a and int(6) unsigned zerofill on b'
    ]
  ])('fails for %s', (_, left, right, reason) => {
    expect(drift(left, right)).toBe(reason)
  })

  test.each<[string, Partial<Column>, Partial<Column>]>([
    ['the display width of an integer', { columnType: 'bigint(20) unsigned' }, { columnType: 'bigint unsigned' }],
    ['the display width of a TINYINT', { columnType: 'tinyint(1)' }, { columnType: 'tinyint(4)' }],
    ['the display width of a YEAR', { columnType: 'year(4)' }, { columnType: 'year' }],
    ['the name of utf8mb3', { collation: 'utf8_general_ci' }, { collation: 'utf8mb3_general_ci' }],
    ['a default', { defaultValue: '0' }, { defaultValue: '1' }]
  ])('is compared in spite of %s', (_, left, right) => {
    expect(drift(column('n', left), column('n', right))).toBe('compare')
  })

  test('is compared in spite of the order of its columns', () => {
    expect(plan([withColumns(ID, NAME, PRICE), withColumns(ID, PRICE, NAME)]).kind).toBe('compare')
  })

  test('is compared when the column that differs is ignored', () => {
    expect(plan([withColumns(ID, NAME), withColumns(ID)], { ignoreColumns: ['name'] }).kind).toBe('compare')
  })

  test('fails for the third master as for the second', () => {
    expect(plan([withColumns(ID, NAME), withColumns(ID, NAME), withColumns(ID)])).toMatchObject({
      kind: 'fail',
      reason: 'column name is varchar(50) utf8mb4_bin on a and absent on c'
    })
  })
})

describe('the key that rows are read by', () => {
  test('is the primary key, even if another is shorter', () => {
    const table = compared(withKeys(uniqueKey('by_name', ['name']), uniqueKey('PRIMARY', ['id', 'name'])))
    expect(readingOn(table, 'a').indexName).toBe('PRIMARY')
    expect(names(table.keyColumns)).toEqual(['id', 'name'])
  })

  test('is else the unique key with the fewest columns', () => {
    const table = compared(withKeys(uniqueKey('wide', ['id', 'name']), uniqueKey('narrow', ['name'])))
    expect(readingOn(table, 'b').indexName).toBe('narrow')
  })

  test('has its columns in the order of the key', () => {
    expect(names(compared(withKeys(uniqueKey('PRIMARY', ['price', 'id']))).keyColumns)).toEqual(['price', 'id'])
  })

  test.each([
    ['there is none', []],
    ['its columns may be NULL', [uniqueKey('by_name', ['name'], { nullable: true })]],
    ['it covers a prefix only', [uniqueKey('PRIMARY', ['name'], { prefix: true })]]
  ])('is missing when %s: the table is skipped', (_, keys) => {
    expect(plan([withKeys(...keys), withKeys(...keys)])).toEqual({
      kind: 'skip',
      ref: REF,
      reason: 'no primary key, and no unique key without NULLs'
    })
  })

  test.each([
    ['is missing', []],
    ['has another name', [uniqueKey('other', ['id'])]],
    ['has other columns', [uniqueKey('PRIMARY', ['name'])]],
    ['has its columns in another order', [uniqueKey('PRIMARY', ['name', 'id'])]],
    ['covers a prefix', [uniqueKey('PRIMARY', ['id', 'name'], { prefix: true })]],
    ['may be NULL', [uniqueKey('PRIMARY', ['id', 'name'], { nullable: true })]]
  ])('must be on every master: not one that %s elsewhere', (_, keys) => {
    expect(plan([withKeys(uniqueKey('PRIMARY', ['id', 'name'])), withKeys(...keys)]).kind).toBe('skip')
  })

  test.each<[string, Column]>([
    ['an ENUM', textColumn('size', { dataType: 'enum', columnType: "enum('n','m')" })],
    ['a SET', textColumn('size', { dataType: 'set', columnType: "set('n','m')" })]
  ])('may hold %s: literals are written so that the server finds them in the order of its index', (_, size) => {
    const shape = schema([size, ID], { uniqueKeys: [uniqueKey('PRIMARY', ['size', 'id'])] })
    expect(names(compared(shape).keyColumns)).toEqual(['size', 'id'])
  })

  test('must be whole on the first master too', () => {
    const [prefixed, whole] = [true, false].map((prefix) => withKeys(uniqueKey('PRIMARY', ['id', 'name'], { prefix })))
    expect(plan([prefixed ?? null, whole ?? null]).kind).toBe('skip')
  })

  test('is one that all have, before a primary key that not all have', () => {
    const everywhere = uniqueKey('by_name', ['name'])
    const planned = plan([withKeys(uniqueKey('PRIMARY', ['id']), everywhere), withKeys(everywhere)])
    expect(planned).toMatchObject({ kind: 'compare', table: { indexName: 'by_name' } })
  })
})

describe('reading', () => {
  const BLOB = column('photo', { dataType: 'blob' })
  const COUNT = column('count')

  test('takes the key first, then the numbers to add up, and reports in the order of the table', () => {
    const table = compared(withColumns(BLOB, PRICE, ID, NAME, COUNT))
    expect(names(table.columns)).toEqual(['id', 'price', 'count', 'photo', 'name'])
    expect(names(table.tableColumns)).toEqual(['photo', 'price', 'id', 'name', 'count'])
  })

  test('adds up the exact numbers, those of the key too', () => {
    const table = compared(withColumns(BLOB, PRICE, ID, NAME, COUNT))
    expect(table.summed.map((at) => table.columns[at]?.name)).toEqual(['id', 'price', 'count'])
  })

  test.each([
    ['every table', { ignoreColumns: ['name'] }],
    ['this table', { tables: [settings('shop.it*', { ignoreColumns: ['name'] })] }]
  ])('leaves out columns that are ignored in %s', (_, config) => {
    const table = compared(withColumns(ID, NAME, PRICE), config)
    expect(names(table.columns)).toEqual(['id', 'price'])
    expect(names(table.tableColumns)).toEqual(['id', 'price'])
  })

  test('leaves out what all matching settings ignore together', () => {
    const tables = [settings('shop.*', { ignoreColumns: ['name'] }), settings('*.items', { ignoreColumns: ['price'] })]
    expect(names(compared(withColumns(ID, NAME, PRICE), { tables }).columns)).toEqual(['id'])
  })

  test('keeps key columns although they are ignored', () => {
    expect(names(compared(withColumns(ID, NAME), { ignoreColumns: ['id'] }).columns)).toEqual(['id', 'name'])
  })

  test('takes nothing from settings of another table', () => {
    const tables = [settings('shop.orders', { ignoreColumns: ['name'], where: 'x', identity: ['name'] })]
    const table = compared(withColumns(ID, NAME), { tables })
    expect(table.identity).toBeNull()
    expect(readingOn(table, 'a').where).toBeNull()
  })

  test('takes its condition from the first settings that have one', () => {
    const tables = [settings('shop.*', {}), settings('*', { where: 'id > 1' }), settings('*', { where: 'id > 2' })]
    expect(readingOn(compared(withColumns(ID), { tables }), 'a').where).toBe('id > 1')
    expect(readingOn(compared(withColumns(ID), { tables, where: 'id > 9' }), 'b').where).toBe('id > 9')
  })

  test.each<[string, Column, boolean]>([
    ['text', textColumn('id'), true],
    ['bytes', column('id', { dataType: 'binary' }), false],
    ['numbers', ID, false]
  ])('a key of %s may have two spellings: %#', (_, key, collated) => {
    expect(compared(withColumns(key)).collatedKey).toBe(collated)
  })

  test('expects as much as the largest estimate', () => {
    const [small, large] = [100, 900].map((rows) => schema([ID], { estimatedRows: rows, averageRowBytes: 1000 - rows }))
    const planned = plan([small ?? null, large ?? null])
    expect(planned).toMatchObject({ table: { estimatedRows: 900, averageRowBytes: 900 } })
  })
})

describe('unique keys besides the key', () => {
  const keys = [uniqueKey('PRIMARY', ['id']), uniqueKey('by_name', ['name', 'price'], { nullable: true })]

  test('are evidence, even if their columns may be NULL', () => {
    expect(compared(withKeys(...keys)).alternateKeys).toEqual([['name', 'price']])
  })

  test('are none when a column of theirs is ignored', () => {
    expect(compared(withKeys(...keys), { ignoreColumns: ['price'] }).alternateKeys).toEqual([])
  })

  test.each([
    ['of the same columns as the key', ['id', 'name']],
    ['of the same columns in another order', ['name', 'id']],
    ['of a part of them', ['name']]
  ])('are none within the key, for they are the same wherever it is: %s', (_, columns) => {
    const within = uniqueKey('within', columns)
    expect(compared(withKeys(uniqueKey('PRIMARY', ['id', 'name']), within)).alternateKeys).toEqual([])
  })

  test('are evidence when they share only some columns with the key', () => {
    const shared = uniqueKey('shared', ['id', 'price'])
    expect(compared(withKeys(uniqueKey('PRIMARY', ['id', 'name']), shared)).alternateKeys).toEqual([['id', 'price']])
  })

  test('are none when they cover a prefix', () => {
    const prefix = uniqueKey('by_start', ['name'], { prefix: true })
    expect(compared(withKeys(uniqueKey('PRIMARY', ['id']), prefix)).alternateKeys).toEqual([])
  })
})

describe('the identity', () => {
  test('is that of the first settings that name one', () => {
    const tables = [settings('shop.*', { identity: ['name'] }), settings('*', { identity: ['price'] })]
    expect(compared(withColumns(ID, NAME, PRICE), { tables }).identity).toEqual(['name'])
  })

  test.each([
    ['is not in the table', 'email', []],
    ['is ignored', 'name', ['name']]
  ])('must not name a column that %s', (_, name, ignoreColumns) => {
    const tables = [settings('shop.items', { identity: ['id', name] })]
    const action = () => compared(withColumns(ID, NAME), { tables, ignoreColumns })
    expect(action).toThrow(MmauditError)
    expect(action).toThrow(
      expect.objectContaining({
        code: 'config',
        message: `tables.shop.items.identity: there is no compared column ${name}`,
        hint: 'columns of the table: id, name'
      })
    )
  })
})
