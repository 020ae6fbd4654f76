import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { holdsValue, keyOf, rowGuard } from '../../src/sql/guard.js'
import { column, textColumn } from '../support/columns.js'
import { writable, writableTable } from '../support/writable.js'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('the condition that a column holds a value', () => {
  test.each([
    ['int', '5', '`c` <=> 5'],
    ['int', 'NULL', '`c` <=> NULL'],
    ['float', '1.100000023841858e0', '`c` <=> 1.100000023841858e0'],
    ['date', 'NULL', '`c` <=> NULL'],
    ['blob', 'NULL', '`c` IS NULL'],
    ['date', "'0000-00-00'", "`c` <=> '0000-00-00'"],
    ['year', '0000', '`c` + 0 <=> 0000'],
    ['bit', '261', '`c` + 0 <=> 261'],
    ['blob', "X'00ff'", "CAST(`c` AS BINARY) <=> X'00ff'"],
    ['polygon', "X'00'", "CAST(`c` AS BINARY) <=> X'00'"]
  ])('of %s %s', (dataType, literal, expected) => {
    expect(holdsValue(writable(column('c', { dataType })), literal)).toBe(expected)
  })

  test.each([
    ['utf8mb4', "'it''s é'", "CAST(`c` AS BINARY) <=> 'it''s é'"],
    ['utf8mb3', "_utf8mb4 X'0a'", "CAST(`c` AS BINARY) <=> X'0a'"],
    ['latin1', "'plain'", "CAST(`c` AS BINARY) <=> 'plain'"],
    ['latin1', "_latin1 X'e9'", "CAST(`c` AS BINARY) <=> X'e9'"],
    ['latin1', "'é'", "CAST(`c` AS BINARY) <=> CAST(CONVERT('é' USING latin1) AS BINARY)"],
    ['ucs2', "'a'", "CAST(`c` AS BINARY) <=> CAST(CONVERT('a' USING ucs2) AS BINARY)"],
    ['ucs2', "_ucs2 X'0061'", "CAST(`c` AS BINARY) <=> X'0061'"]
  ])('of text in %s: %s', (charset, literal, expected) => {
    expect(holdsValue(writable(textColumn('c', { charset })), literal)).toBe(expected)
  })

  test('takes the hash of a long value', () => {
    const long = `${'x'.repeat(600)}'`
    expect(holdsValue(writable(textColumn('c')), `'${'x'.repeat(600)}'''`)).toBe(
      `SHA2(CAST(\`c\` AS BINARY), 256) <=> '${sha256(Buffer.from(long))}'`
    )
    const bytes = Buffer.alloc(300, 7)
    expect(holdsValue(writable(column('c', { dataType: 'blob' })), `X'${bytes.toString('hex')}'`)).toBe(
      `SHA2(CAST(\`c\` AS BINARY), 256) <=> '${sha256(bytes)}'`
    )
  })

  test('takes an invalid member of an ENUM for the empty text', () => {
    const size = textColumn('c', { dataType: 'enum', columnType: "enum('a')" })
    expect(holdsValue(writable(size), '0')).toBe("CAST(`c` AS BINARY) <=> X''")
  })

  describe('of JSON', () => {
    const json = writable(column('c', { dataType: 'json' }))

    test('is by text where that is how MySQL writes it', () => {
      expect(holdsValue(json, `'{"a,b:": 1}'`)).toBe(`CAST(CONVERT(\`c\` USING utf8mb4) AS BINARY) <=> '{"a,b:": 1}'`)
    })

    test('is also by value where it is in the form between vendors', () => {
      expect(holdsValue(json, `'{"a":1}'`)).toContain(`/*!80000 OR \`c\` <=> CAST('{"a":1}' AS JSON) */`)
    })

    test('never ends the comment that holds it', () => {
      expect(holdsValue(json, `'"*/"'`).match(/\*\//g)).toHaveLength(3)
      expect(holdsValue(json, `'"*/"'`)).toContain("CAST(_utf8mb4 X'222a2f22' AS JSON)")
    })
  })
})

describe('the guard of a row', () => {
  const name = writable(textColumn('name'))
  const table = writableTable(
    [
      writable(column('amount', { dataType: 'decimal' }), { expression: 'CAST(`amount` AS DECIMAL(65, 2))' }),
      name,
      writable(column('id')),
      writable(column('seen'), { compared: false })
    ],
    { key: ['id', 'name'] }
  )
  const image = { amount: '1.50', name: "'x'", id: '5', seen: '9' }

  test('begins with the plain key, and has all that is compared', () => {
    expect(rowGuard(table, image)).toBe(
      "`id` = 5 AND `name` = 'x' AND CAST(`amount` AS DECIMAL(65, 2)) <=> 1.50 AND CAST(`name` AS BINARY) <=> 'x'"
    )
  })

  test('can be of the key alone', () => {
    expect(keyOf(table, image)).toBe("`id` = 5 AND `name` = 'x'")
  })

  test('uses the names of this master', () => {
    const renamed = writableTable([writable(column('id'), { name: 'ID', expression: '`ID`' })])
    expect(rowGuard(renamed, { id: '1' })).toBe('`ID` = 1')
  })

  test('refuses an image without one of the columns, also one that objects have by nature', () => {
    expect(() => rowGuard(table, { id: '5', name: "'x'" })).toThrow('lacks the column amount')
    expect(() => keyOf(writableTable([writable(column('constructor'))]), {})).toThrow('lacks the column constructor')
  })
})
