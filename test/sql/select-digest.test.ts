import { describe, expect, test } from 'vitest'
import { WHOLE_TABLE } from '../../src/model/range.js'
import { rowNumber } from '../../src/sql/row-digest.js'
import type { TableReading } from '../../src/sql/select.js'
import { selectDigest } from '../../src/sql/select-digest.js'
import { column, textColumn } from '../support/columns.js'

const ID = column('id')
const AMOUNT = column('amount', { dataType: 'decimal', scale: 2, precision: 10 })
const READING: TableReading = {
  ref: { database: 'shop', table: 'items' },
  indexName: 'PRIMARY',
  keyColumns: [ID],
  expressions: ['`id`', '`amount`'],
  where: null
}
const DIGESTED = { columns: [ID, AMOUNT], summed: [0, 1], second: 'crc32c' } as const

describe('the digest of a range', () => {
  test('is one text of count, sums and checksum', () => {
    const row = rowNumber(
      [
        { expression: '`id`', column: ID },
        { expression: '`amount`', column: AMOUNT }
      ],
      1,
      'crc32c'
    )
    expect(selectDigest(READING, DIGESTED, { lower: ['5'], upper: ['9'] })).toEqual({
      sql:
        `SELECT CAST(CONCAT_WS(' ', COUNT(*), COALESCE(SUM(\`id\`), 0), COALESCE(SUM(\`amount\`), 0), BIT_XOR(${row})) AS BINARY) AS d ` +
        'FROM `shop`.`items` FORCE INDEX (`PRIMARY`) WHERE (`id` >= CAST(CAST(? AS CHAR) AS SIGNED) AND `id` < CAST(CAST(? AS CHAR) AS SIGNED))',
      parameters: ['5', '9'],
      repeats: true
    })
  })

  test('has the same text for ranges that are open, with bounds that no value passes', () => {
    const inner = selectDigest(READING, DIGESTED, { lower: ['5'], upper: ['9'] })
    const whole = selectDigest(READING, DIGESTED, WHOLE_TABLE)
    expect(whole).toEqual({ ...inner, parameters: [String(-(2 ** 31)), String(2 ** 32)] })
  })

  test('has open ends where a whole number of 64 bits is the key', () => {
    const big = column('id', { dataType: 'bigint', unsigned: true })
    const reading = { ...READING, keyColumns: [big] }
    const { sql, parameters } = selectDigest(reading, DIGESTED, { lower: ['18446744073709551615'], upper: null })
    expect(sql).toMatch(/WHERE \(`id` >= CAST\(CAST\(\? AS CHAR\) AS UNSIGNED\)\)$/)
    expect(parameters).toEqual(['18446744073709551615'])
  })

  test('has its values bound in the order of their places', () => {
    const reading = { ...READING, keyColumns: [column('a'), column('b')] }
    const { sql, parameters } = selectDigest(reading, DIGESTED, { lower: ['1', '2'], upper: ['3', '4'] })
    expect(sql.match(/\?/g)).toHaveLength(8)
    expect(parameters).toEqual(['1', '1', '1', '2', '3', '3', '3', '4'])
  })

  test('has literals where a part of the key is not a whole number, which then repeats for no other range', () => {
    const reading = { ...READING, keyColumns: [ID, textColumn('name')], where: "note = '?'" }
    const { sql, parameters, repeats } = selectDigest(reading, DIGESTED, { lower: ['1', "O'Hara"], upper: null })
    expect(sql).toContain("`name` >= 'O''Hara'")
    expect(sql).toContain("AND (note = '?')")
    expect([parameters, repeats]).toEqual([[], false])
  })
})
