import { describe, expect, test } from 'vitest'
import { type AuditTable, planTable, readingOn, type TablePlan } from '../../src/audit/table-plan.js'
import type { AuditConfig, TableConfig } from '../../src/model/config.js'
import { MmauditError } from '../../src/model/errors.js'
import type { Column, TableSchema } from '../../src/model/table.js'
import { column, onMasters, schema, textColumn, uniqueKey } from '../support/columns.js'

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
  confirmTimeout: 10,
  silenceTimeout: 30,
  maxLoad: [],
  maxLag: null,
  pauseFile: null,
  runTime: null,
  maxDivergences: null,
  evidence: 'off',
  evidenceWindow: 86_400,
  evidenceSince: null
}

/** The plan for a table that has these shapes on masters a, b, c; those that lack it come last. */
function plan(shapes: readonly (TableSchema | null)[], config: Partial<AuditConfig> = {}): TablePlan {
  const present = onMasters(shapes.filter((each) => each !== null))
  const absent = shapes.flatMap((each, at) => (each === null ? ['abc'.charAt(at)] : []))
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
      reason: 'does not exist on b, c, or the account there may not see it',
      drift: []
    })
  })

  test('fails with the drift between those that have it', () => {
    expect(plan([withColumns(ID, NAME), withColumns(ID), null])).toMatchObject({
      kind: 'fail',
      drift: [{ aspect: 'column', name: 'name', masters: { a: 'varchar(50)', b: null } }]
    })
  })
})

describe('a table whose definitions differ', () => {
  const WIDER = { ...PRICE, columnType: 'decimal(12,3)', scale: 3 }

  /** The plan for a table that has these columns on a and b. */
  const drifted = (left: readonly Column[], right: readonly Column[], config: Partial<AuditConfig> = {}) => {
    const planned = plan([withColumns(...left), withColumns(...right)], config)
    if (planned.kind !== 'compare') throw new Error(planned.reason)
    return planned.table
  }

  test('is compared, and its drift is listed', () => {
    const table = drifted([ID, NAME, PRICE], [ID, NAME, WIDER])
    expect(names(table.tableColumns)).toEqual(['id', 'name', 'price'])
    expect(table.drift).toEqual([
      { aspect: 'type', name: 'price', masters: { a: 'decimal(10,2)', b: 'decimal(12,3)' } }
    ])
    expect(table.notes).toEqual([])
  })

  test('fails under strictSchema, and names every drift', () => {
    const planned = plan([withColumns(ID, NAME, PRICE), withColumns(ID, WIDER)], { strictSchema: true })
    expect(planned).toMatchObject({
      kind: 'fail',
      ref: REF,
      reason:
        'the definitions differ: column name: varchar(50) on a, absent on b; ' +
        'column price: type decimal(10,2) on a, decimal(12,3) on b',
      drift: [{ aspect: 'column' }, { aspect: 'type' }]
    })
  })

  test('is compared under strictSchema when nothing differs', () => {
    expect(compared(withColumns(ID, NAME), { strictSchema: true }).drift).toEqual([])
  })

  test('has each master read what is alike on all of them', () => {
    const table = drifted([ID, PRICE], [ID, WIDER])
    expect(['a', 'b'].map((master) => readingOn(table, master).expressions)).toEqual([
      ['`id`', 'CAST(`price` AS DECIMAL(65, 3))'],
      ['`id`', 'CAST(`price` AS DECIMAL(65, 3))']
    ])
    expect(table.columns.map(({ scale }) => scale)).toEqual([null, 3])
  })

  test.each<[string, readonly Column[], readonly Column[], string]>([
    ['b lacks', [ID, NAME], [ID], 'column name was not compared: varchar(50) on a, absent on b'],
    ['a lacks', [ID], [ID, PRICE], 'column price was not compared: absent on a, decimal(10,2) on b'],
    [
      'has types that do not compare',
      [ID, NAME],
      [ID, column('name')],
      'column name was not compared: varchar(50) on a, int on b'
    ]
  ])('leaves out a column that %s, and says so', (_, left, right, note) => {
    const table = drifted(left, right)
    expect(names(table.columns)).toEqual(['id'])
    expect(table.notes).toEqual([note])
  })

  test('says nothing of a column that was to be ignored anyway', () => {
    expect(drifted([ID, NAME], [ID], { ignoreColumns: ['NAME'] }).notes).toEqual([])
  })

  test('is no other table for the order or the case of its columns', () => {
    const table = drifted([ID, NAME, PRICE], [ID, PRICE, { ...NAME, name: 'NAME' }])
    expect(names(table.tableColumns)).toEqual(['id', 'name', 'price'])
    expect(readingOn(table, 'b').expressions).toEqual(['`id`', '`price`', '`NAME`'])
    expect(table.drift.map(({ aspect }) => aspect)).toEqual(['order'])
  })

  test('marks the JSON that masters write differently, where it arrives', () => {
    const document = column('doc', { dataType: 'json' })
    const checked = textColumn('doc', { dataType: 'longtext' })
    expect(drifted([ID, document, PRICE], [ID, checked, PRICE])).toMatchObject({ json: [2] })
    expect(drifted([ID, document, PRICE], [ID, document, PRICE]).json).toEqual([])
  })

  test('does not compare when a row came to be, which is each server’s own', () => {
    const period = ['ROW START', 'ROW END'].map((generated, at) => column(`period_${at}`, { generated }))
    const table = drifted([ID, ...period], [ID, ...period])
    expect(names(table.columns)).toEqual(['id'])
    expect(table.notes).toEqual([])
  })
})

describe('a table whose name differs in case', () => {
  test('is told as the first master spells it, and read as each does', () => {
    const shapes = ['Items', 'items'].map((table) => ({ ...withColumns(ID), ref: { database: 'shop', table } }))
    const planned = plan(shapes)
    if (planned.kind !== 'compare') throw new Error(planned.reason)
    expect(planned.table.ref.table).toBe('Items')
    expect(['a', 'b'].map((master) => readingOn(planned.table, master).ref.table)).toEqual(['Items', 'items'])
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
  ])('is missing when %s: the table is compared without one', (_, keys) => {
    const table = compared(withKeys(...keys))
    expect(table.keyColumns).toEqual([])
    expect(names(table.tableColumns)).toEqual(['id', 'name', 'price'])
    expect(readingOn(table, 'a')).toMatchObject({ keyColumns: [], expressions: ['`id`', '`price`', '`name`'] })
  })

  test.each([
    ['is missing', []],
    ['has other columns', [uniqueKey('PRIMARY', ['name'])]],
    ['has its columns in another order', [uniqueKey('PRIMARY', ['name', 'id'])]],
    ['covers a prefix', [uniqueKey('PRIMARY', ['id', 'name'], { prefix: true })]],
    ['may be NULL', [uniqueKey('PRIMARY', ['id', 'name'], { nullable: true })]]
  ])('must be on every master: not one that %s elsewhere', (_, keys) => {
    const shapes = [withKeys(uniqueKey('PRIMARY', ['id', 'name'])), withKeys(...keys)]
    expect(plan(shapes)).toMatchObject({ kind: 'compare', table: { keyColumns: [] } })
    expect(plan(shapes.toReversed())).toMatchObject({ kind: 'compare', table: { keyColumns: [] } })
  })

  test.each<[string, Column]>([['an ENUM', textColumn('size', { dataType: 'enum', columnType: "enum('n','m')" })]])(
    'may hold %s: literals are written so that the server finds them in the order of its index',
    (_, size) => {
      const shape = schema([size, ID], { uniqueKeys: [uniqueKey('PRIMARY', ['size', 'id'])] })
      expect(names(compared(shape).keyColumns)).toEqual(['size', 'id'])
    }
  )

  test('is read by the index that holds it on each master', () => {
    const planned = plan([withKeys(uniqueKey('PRIMARY', ['id'])), withKeys(uniqueKey('by_id', ['id']))])
    if (planned.kind !== 'compare') throw new Error(planned.reason)
    expect(['a', 'b'].map((master) => readingOn(planned.table, master).indexName)).toEqual(['PRIMARY', 'by_id'])
  })

  test('is written as the type that each master has it in', () => {
    const planned = plan([schema([ID]), schema([{ ...ID, name: 'ID', dataType: 'int' }])])
    if (planned.kind !== 'compare') throw new Error(planned.reason)
    const columns = ['a', 'b'].map((master) => readingOn(planned.table, master).keyColumns)
    expect(columns.flat()).toMatchObject([
      { name: 'id', dataType: 'bigint' },
      { name: 'ID', dataType: 'int' }
    ])
  })

  test('is one that all have, before a primary key that not all have', () => {
    const everywhere = uniqueKey('by_name', ['name'])
    const planned = plan([withKeys(uniqueKey('PRIMARY', ['id']), everywhere), withKeys(everywhere)])
    if (planned.kind !== 'compare') throw new Error(planned.reason)
    expect(readingOn(planned.table, 'b').indexName).toBe('by_name')
  })
})

test('a master that no reading was planned for is a mistake', () => {
  expect(() => readingOn(compared(withColumns(ID)), 'c')).toThrow('no reading of shop.items was planned on c')
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
  })

  test('takes its condition for every table where it has none of its own', () => {
    const tables = [settings('shop.items', { where: 'id > 1' })]
    expect(readingOn(compared(withColumns(ID), { tables, where: 'id > 9' }), 'b').where).toBe('id > 1')
    expect(readingOn(compared(withColumns(ID), { where: 'id > 9' }), 'b').where).toBe('id > 9')
  })

  test.each<[string, Column, boolean]>([
    ['text', textColumn('id'), true],
    ['ENUM', textColumn('id', { dataType: 'enum', columnType: "enum('n')" }), true],
    ['FLOAT, for -0 is 0', column('id', { dataType: 'float' }), true],
    ['DOUBLE', column('id', { dataType: 'double' }), true],
    ['bytes', column('id', { dataType: 'binary' }), false],
    ['numbers', ID, false],
    ['DECIMAL', column('id', { dataType: 'decimal' }), false]
  ])('different bytes may be one key of %s', (_, key, loose) => {
    expect(compared(withColumns(key)).looseKey).toBe(loose)
  })

  test('does not ask which key a row has for texts outside of the key', () => {
    expect(compared(withColumns(ID, NAME)).looseKey).toBe(false)
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
