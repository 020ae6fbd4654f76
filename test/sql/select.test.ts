import { describe, expect, test } from 'vitest'
import { WHOLE_TABLE } from '../../src/model/range.js'
import { countKeys, selectBound, selectKeys, selectRange, type TableReading } from '../../src/sql/select.js'
import { column, textColumn } from '../support/columns.js'

const A = column('a')
const B = textColumn('b')

function reading(other: Partial<TableReading> = {}): TableReading {
  return {
    ref: { database: 'shop', table: 'items' },
    indexName: 'PRIMARY',
    keyColumns: [A, B],
    expressions: ['`a`', '`b`', '`v`'],
    where: null,
    ...other
  }
}

const SOURCE = 'FROM `shop`.`items` FORCE INDEX (`PRIMARY`)'

describe('reading a range', () => {
  test('goes through the key, in key order', () => {
    expect(selectRange(reading(), WHOLE_TABLE)).toBe(`SELECT \`a\`, \`b\`, \`v\` ${SOURCE} ORDER BY \`a\`, \`b\``)
  })

  test("cannot be widened by an OR in the user's own condition", () => {
    const table = reading({ keyColumns: [A], where: 'v = 1 OR v = 2' })
    expect(selectRange(table, { lower: ['1'], upper: null })).toContain('WHERE (`a` >= 1) AND (v = 1 OR v = 2) ORDER')
  })

  test("keeps the user's own condition without bounds", () => {
    expect(selectRange(reading({ where: 'v = 1' }), WHOLE_TABLE)).toContain(' WHERE (v = 1) ORDER')
  })
})

test('keys are counted whether their rows are compared or not', () => {
  const table = reading({ keyColumns: [A], where: 'v = 1' })
  expect(countKeys(table, { lower: null, upper: ['9'] })).toBe(
    `SELECT COUNT(*) AS \`keys\` ${SOURCE} WHERE (\`a\` < 9)`
  )
})

describe('looking for a bound', () => {
  test('reads one key behind as many others', () => {
    expect(selectBound(reading({ keyColumns: [A] }), { lower: ['5'], upper: ['9'] }, 100)).toBe(
      `SELECT \`a\` ${SOURCE} WHERE (\`a\` >= 5 AND \`a\` < 9) ORDER BY \`a\` LIMIT 1 OFFSET 100`
    )
  })
})

describe('reading keys', () => {
  const keys = [
    ['1', 'x'],
    ['2', 'y']
  ]

  test('reads just their rows', () => {
    expect(selectKeys(reading({ keyColumns: [A] }), [['1'], ['2']], false)).toBe(
      `SELECT \`a\`, \`b\`, \`v\` ${SOURCE} WHERE (\`a\` IN (1, 2))`
    )
  })

  test("cannot be widened by the user's own condition", () => {
    const where = 'v = 1 OR v = 2'
    expect(selectKeys(reading({ where }), keys, false)).toContain(
      "WHERE ((`a` = 1 AND `b` = 'x') OR (`a` = 2 AND `b` = 'y')) AND (v = 1 OR v = 2)"
    )
  })

  test('can tell which key the server takes a row to have', () => {
    expect(selectKeys(reading(), keys, true)).toContain(
      "`v`, CAST(CASE WHEN (`a` = 1 AND `b` = 'x') THEN 0 WHEN (`a` = 2 AND `b` = 'y') THEN 1 END AS SIGNED) FROM"
    )
  })
})
