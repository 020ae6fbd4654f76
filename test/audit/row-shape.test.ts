import { describe, expect, test } from 'vitest'
import { RowShape } from '../../src/audit/row-shape.js'
import type { ResultColumn } from '../../src/masters/row-stream.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { auditTable, column, textColumn } from '../support/columns.js'
import { int, NULL, rowPacket, text } from '../support/row-packet.js'

const NAME = textColumn('name')
const ID = column('id')
const COUNT = column('count', { nullable: true })
/** `CREATE TABLE (name, id, count)` with a key of `id` and `name`, read key first. */
const TABLE = auditTable([ID, NAME, COUNT], { keyColumns: [ID, NAME], tableColumns: [NAME, ID, COUNT], summed: [0, 2] })

function wire(name: string, type: number): ResultColumn {
  return { name, type, unsigned: false, zerofill: false, displayLength: 11, decimals: 0 }
}

const COLUMNS = [wire('id', ColumnType.long), wire('name', 0xfd), wire('count', ColumnType.long)]
const PACKET = rowPacket([int(7), text('Ann'), NULL])

describe('the shape of a row', () => {
  const shape = new RowShape(TABLE, COLUMNS)

  test('prints its values in the order of the table, not in that of reading', () => {
    expect(Object.entries(shape.values(shape.split(PACKET)))).toEqual([
      ['name', 'Ann'],
      ['id', '7'],
      ['count', null]
    ])
  })

  test('prints its key in the order of the key', () => {
    expect(shape.key(shape.keyBytes(PACKET, 0))).toEqual(['7', 'Ann'])
  })

  test('tells where its key and its numbers are', () => {
    expect(shape.layout).toEqual({
      types: [ColumnType.long, 0xfd, ColumnType.long],
      unsigned: [false, false, false],
      keyColumns: 2,
      summed: [0, 2]
    })
  })

  test('leaves out a tag behind the columns of the table', () => {
    expect(new RowShape(TABLE, [...COLUMNS, wire('tag', ColumnType.longlong)]).types).toEqual(shape.types)
  })

  test('refuses a result with too few columns', () => {
    const narrow = new RowShape(TABLE, COLUMNS.slice(0, 1))
    expect(() => narrow.values(narrow.split(rowPacket([int(7)])))).toThrow('fewer columns')
  })
})

describe('the exact values of a row', () => {
  const exact = (charset: string, bytes: Buffer) => {
    const name = textColumn('name', { charset })
    const shape = new RowShape(auditTable([name]), [wire('name', 0xfd)])
    return shape.exact([bytes]).name
  }

  test.each([
    ['utf8mb4', 'é', 'é'],
    ['latin1', 'plain', 'plain'],
    ['latin1', 'é', { hex: 'c3a9' }],
    ['sjis', 'a~', { hex: '617e' }],
    ['sjis', 'a\\', { hex: '615c' }],
    ['latin1', '\n', { hex: '0a' }],
    ['ucs2', 'ab', { hex: '6162' }],
    ['latin1', '', '']
  ])('of %s: %j', (charset, text, expected) => {
    expect(exact(charset, Buffer.from(text))).toEqual(expected)
  })

  test('are bytes where UTF-8 is not valid', () => {
    expect(exact('utf8mb4', Buffer.from('c3', 'hex'))).toEqual({ hex: 'c3' })
  })

  test('are as printed for all else, in the order of the table', () => {
    const shape = new RowShape(TABLE, COLUMNS)
    expect(Object.entries(shape.exact(shape.split(PACKET)))).toEqual([
      ['name', 'Ann'],
      ['id', '7'],
      ['count', null]
    ])
  })
})
