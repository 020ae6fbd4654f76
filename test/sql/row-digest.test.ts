import { describe, expect, test } from 'vitest'
import { rowNumber } from '../../src/sql/row-digest.js'
import { column, textColumn } from '../support/columns.js'

const ID = { expression: '`id`', column: column('id') }
const NAME = { expression: '`name`', column: textColumn('name') }

describe('the number of a row', () => {
  test('is made of its key alone where there is nothing else', () => {
    expect(rowNumber([ID], 1, 'crc32c')).toMatch(
      /^\(\(\(\(`id` \* \d+\)\) % 8796093022151\) \* \(\(\(\(\(`id` \* \d+\)\) >> 22\) & 1048575\) \| 1048576\)\)$/
    )
  })

  test('takes the bytes of a text twice, by different checksums', () => {
    expect(rowNumber([ID, NAME], 1, 'crc32c')).toMatch(/\(CRC32\(`name`\) \* \d+\).* \^ .*\(CRC32C\(`name`\) \* \d+\)/)
    expect(rowNumber([ID, NAME], 1, 'reversed')).toContain('CRC32(REVERSE(CAST(`name` AS BINARY)))')
  })

  test('looks for NULL in all columns but the key, and only where there is one', () => {
    const sql = rowNumber([ID, NAME], 1, 'crc32c')
    expect(sql).toMatch(/^COALESCE\(/)
    expect(sql).toMatch(/COALESCE\(\(CRC32\(`name`\) \* \d+\), \d+\)/)
    expect(sql).not.toContain('COALESCE((`id`')
  })

  test.each([
    ['int', '(`v` * '],
    ['year', '(`v` * '],
    ['bigint', '((`v` & 4294967295) * '],
    ['date', '((`v` + 0) * '],
    ['float', 'CRC32(CAST(`v` AS DOUBLE))'],
    ['decimal', 'CRC32(`v`)'],
    ['bit', 'CRC32(`v`)'],
    ['json', 'CRC32(`v`)']
  ])('takes %s as %s', (dataType, word) => {
    expect(rowNumber([ID, { expression: '`v`', column: column('v', { dataType }) }], 1, 'reversed')).toContain(word)
  })

  test('has products that stay below 2^63, whatever the words of 32 bits', () => {
    const columns = Array.from({ length: 200 }, (_, at) => ({ expression: `c${at}`, column: column(`c${at}`) }))
    const factors = [...rowNumber(columns, 1, 'crc32c').matchAll(/c\d+ \* (\d+)/g)].map(([, digits]) =>
      BigInt(digits ?? 0)
    )
    expect(factors.length).toBeGreaterThan(200)
    for (const factor of factors) {
      expect(factor % 2n).toBe(1n)
      expect(factor * (2n ** 32n - 1n)).toBeLessThan(2n ** 63n)
      expect(factor).toBeGreaterThan(2n ** 30n)
    }
    expect(new Set(factors).size).toBe(200)
  })

  test('has the same constants in every run', () => {
    expect(rowNumber([ID], 1, 'crc32c')).toContain('`id` * 1896895517')
  })

  test('is no deep tree: servers with little stack refuse those', () => {
    const columns = Array.from({ length: 1_000 }, (_, at) => ({ expression: `c${at}`, column: column(`c${at}`) }))
    let [depth, deepest] = [0, 0]
    for (const letter of rowNumber(columns, 1, 'crc32c')) {
      if (letter === '(') deepest = Math.max(deepest, ++depth)
      if (letter === ')') depth--
    }
    expect(deepest).toBeLessThan(30)
  })
})
