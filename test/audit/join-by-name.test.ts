import { describe, expect, test } from 'vitest'
import { joinByName } from '../../src/audit/join-by-name.js'
import { column, schema } from '../support/columns.js'

function tables(...names: readonly (readonly [master: string, table: string])[]) {
  return names.map(([master, table]) => ({
    master,
    vendor: 'mysql' as const,
    increment: 2,
    schema: schema([column('id')], { ref: { database: 'shop', table } })
  }))
}

function joined(schemas: ReturnType<typeof tables>, foldCase: boolean) {
  return joinByName(schemas, foldCase).map(({ name, schemas: found }) => [
    name,
    found.map(({ master }) => master).join()
  ])
}

describe('tables are joined', () => {
  test('by their exact names where every server tells case apart', () => {
    expect(joined(tables(['a', 'Items'], ['b', 'items']), false)).toEqual([
      ['shop.Items', 'a'],
      ['shop.items', 'b']
    ])
  })

  test('whatever their case where one server does not', () => {
    expect(joined(tables(['a', 'Items'], ['b', 'items']), true)).toEqual([['shop.Items', 'a,b']])
  })

  test('but never two tables of one master', () => {
    expect(joined(tables(['a', 'Items'], ['a', 'items'], ['b', 'items']), true)).toEqual([
      ['shop.Items', 'a'],
      ['shop.items', 'a,b']
    ])
  })
})
