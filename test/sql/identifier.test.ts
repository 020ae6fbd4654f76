import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identifier, identifiers, tableIdentifier } from '../../src/sql/identifier.js'

test.each([
  ['id', '`id`'],
  ['order', '`order`'],
  ['a.b', '`a.b`'],
  ['ta`ble', '`ta``ble`'],
  ['``', '``````'],
  ['it\'s \\ "fine"', '`it\'s \\ "fine"`']
])('the name %s is quoted', (name, expected) => {
  expect(identifier(name)).toBe(expected)
})

test('a quoted name ends where it should, whatever is in it', () =>
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      const quoted = identifier(name)
      expect(quoted).toMatch(/^`([^`]|``)*`$/)
      expect(quoted.slice(1, -1).replaceAll('``', '`')).toBe(name)
    })
  ))

test('database and table are quoted apart', () => {
  expect(tableIdentifier({ database: 'my.db', table: 'or`der' })).toBe('`my.db`.`or``der`')
})

test('names are listed with commas', () => {
  expect(identifiers(['a', 'b`c'])).toBe('`a`, `b``c`')
})
