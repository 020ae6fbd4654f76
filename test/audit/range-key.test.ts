import { describe, expect, test } from 'vitest'
import { chooseKey } from '../../src/audit/range-key.js'
import type { Column, TableSchema } from '../../src/model/table.js'
import { column, onMasters, schema, textColumn, uniqueKey } from '../support/columns.js'

const ID = column('id', { dataType: 'bigint' })
const NAME = textColumn('name')
const NO_KEY = { columns: [], indexNames: [] }

function chosen(...shapes: readonly TableSchema[]) {
  return chooseKey(onMasters(shapes))
}

function withKeys(...uniqueKeys: TableSchema['uniqueKeys']): TableSchema {
  return schema([ID, NAME, column('code')], { uniqueKeys })
}

/** Two masters that have this key column so. */
function keyedBy(left: Column, right: Column) {
  return chosen(...[left, right].map((each) => schema([each], { uniqueKeys: [uniqueKey('PRIMARY', [each.name])] })))
}

describe('the key by which a table is cut', () => {
  const wide = uniqueKey('PRIMARY', ['id', 'name'])

  test('is the primary key, even if another is shorter', () => {
    const shape = withKeys(uniqueKey('by_code', ['code']), wide)
    expect(chosen(shape, shape)).toEqual({ columns: ['id', 'name'], indexNames: ['PRIMARY', 'PRIMARY'] })
  })

  test('is else the unique key with the fewest columns', () => {
    const shape = withKeys(uniqueKey('wide', ['id', 'name']), uniqueKey('narrow', ['code']))
    expect(chosen(shape, shape).columns).toEqual(['code'])
  })

  test('may have another name on every master', () => {
    expect(chosen(withKeys(uniqueKey('PRIMARY', ['id'])), withKeys(uniqueKey('by_id', ['id'])))).toEqual({
      columns: ['id'],
      indexNames: ['PRIMARY', 'by_id']
    })
  })

  test('may have its columns in another case', () => {
    const shouted = schema([{ ...ID, name: 'ID' }], { uniqueKeys: [uniqueKey('PRIMARY', ['ID'])] })
    expect(chosen(withKeys(uniqueKey('PRIMARY', ['id'])), shouted).columns).toEqual(['id'])
  })

  test('is one that all have, before a primary key that not all have', () => {
    const byCode = uniqueKey('by_code', ['code'])
    expect(chosen(withKeys(uniqueKey('PRIMARY', ['id']), byCode), withKeys(byCode)).columns).toEqual(['code'])
  })

  test('is the whole one, where another of the same columns is not', () => {
    const prefixed = uniqueKey('by_start', ['id', 'name'], { prefix: true })
    expect(chosen(withKeys(wide), withKeys(prefixed, uniqueKey('whole', ['id', 'name']))).indexNames).toEqual([
      'PRIMARY',
      'whole'
    ])
  })

  test.each([
    ['has no key', []],
    ['has other columns in it', [uniqueKey('PRIMARY', ['name'])]],
    ['has its columns in another order', [uniqueKey('PRIMARY', ['name', 'id'])]],
    ['has only a prefix in it', [uniqueKey('PRIMARY', ['id', 'name'], { prefix: true })]],
    ['may have NULL in it', [uniqueKey('PRIMARY', ['id', 'name'], { nullable: true })]]
  ])('is none when any master %s', (_, keys) => {
    expect(chosen(withKeys(wide), withKeys(...keys))).toEqual(NO_KEY)
    expect(chosen(withKeys(...keys), withKeys(wide))).toEqual(NO_KEY)
    expect(chosen(withKeys(wide), withKeys(wide), withKeys(...keys))).toEqual(NO_KEY)
  })
})

describe('a key column must be ordered alike everywhere', () => {
  const text = (collation: string) => textColumn('k', { collation })
  const enumeration = (columnType: string) => textColumn('k', { dataType: 'enum', columnType })

  test.each<[string, Column, Column]>([
    ['integers of different size', column('k'), column('k', { dataType: 'bigint' })],
    ['signed and unsigned', column('k'), column('k', { unsigned: true })],
    ['integers and DECIMAL', column('k'), column('k', { dataType: 'decimal', scale: 2 })],
    ['one collation by its two names', text('utf8_general_ci'), text('utf8mb3_general_ci')],
    ['texts of different length', text('utf8mb4_bin'), textColumn('k', { dataType: 'char', collation: 'utf8mb4_bin' })],
    ['the same ENUM', enumeration("enum('n','m')"), enumeration("enum('n','m')")],
    ['the same bytes', column('k', { dataType: 'binary' }), column('k', { dataType: 'binary' })]
  ])('as are %s', (_, left, right) => {
    expect(keyedBy(left, right)).toEqual({ columns: ['k'], indexNames: ['PRIMARY', 'PRIMARY'] })
  })

  test.each<[string, Column, Column]>([
    ['other collations', text('utf8mb4_bin'), text('utf8mb4_general_ci')],
    ['an ENUM with its members in another order', enumeration("enum('n','m')"), enumeration("enum('m','n')")],
    ['ENUM and text', enumeration("enum('n','m')"), text('utf8mb4_bin')],
    ['numbers and text', column('k'), text('utf8mb4_bin')],
    ['text and bytes', text('utf8mb4_bin'), column('k', { dataType: 'varbinary' })],
    ['DATE and DATETIME', column('k', { dataType: 'date' }), column('k', { dataType: 'datetime' })],
    ['FLOAT and DOUBLE', column('k', { dataType: 'float' }), column('k', { dataType: 'double' })]
  ])('as are not %s', (_, left, right) => {
    expect(keyedBy(left, right)).toEqual(NO_KEY)
  })

  test('or another key is used', () => {
    const keys = [uniqueKey('PRIMARY', ['name']), uniqueKey('by_id', ['id'])]
    const [left, right] = ['utf8mb4_bin', 'utf8mb4_general_ci'].map((collation) =>
      schema([{ ...NAME, collation }, ID], { uniqueKeys: keys })
    )
    const shapes = [left, right].flatMap((each) => (each === undefined ? [] : [each]))
    expect(chosen(...shapes)).toEqual({ columns: ['id'], indexNames: ['by_id', 'by_id'] })
  })
})
