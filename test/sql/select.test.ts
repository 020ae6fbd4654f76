import { describe, expect, test } from 'vitest'
import { WHOLE_TABLE } from '../../src/model/range.js'
import {
  countKeys,
  selectBound,
  selectFrom,
  selectFromText,
  selectKeys,
  selectRange,
  selectRangeText,
  type TableReading
} from '../../src/sql/select.js'
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

describe('reading from a key on', () => {
  test('takes a statement for each column of the key, and no more rows than wanted', () => {
    const [first, second, ...others] = selectFrom(reading(), ['1', 'x'])
    expect(first?.(9).sql).toBe(
      `SELECT \`a\`, \`b\`, \`v\` ${SOURCE} WHERE (\`a\` = 1 AND \`b\` >= 'x') ORDER BY \`a\`, \`b\` LIMIT 9`
    )
    expect(second?.(4).sql).toBe(`SELECT \`a\`, \`b\`, \`v\` ${SOURCE} WHERE (\`a\` > 1) ORDER BY \`a\`, \`b\` LIMIT 4`)
    expect(others).toEqual([])
  })

  test('takes one without a condition from the beginning on', () => {
    expect(selectFrom(reading(), null).map((statement) => statement(3).sql)).toEqual([
      `SELECT \`a\`, \`b\`, \`v\` ${SOURCE} ORDER BY \`a\`, \`b\` LIMIT 3`
    ])
  })

  test('binds only the values that a statement compares', () => {
    const table = reading({ keyColumns: [A, column('c')] })
    expect(selectFrom(table, ['1', '2']).map((statement) => statement(3).parameters)).toEqual([['1', '2'], ['1']])
  })

  test('reads by the same statements as those that are shown to the server beforehand', () => {
    expect(selectFromText(reading(), ['1', 'x'], 3)).toEqual(
      selectFrom(reading(), ['1', 'x']).map((statement) => statement(3).sql)
    )
  })
})

describe('reading a range', () => {
  test('goes through the key, in key order', () => {
    expect(selectRangeText(reading(), WHOLE_TABLE)).toBe(`SELECT \`a\`, \`b\`, \`v\` ${SOURCE} ORDER BY \`a\`, \`b\``)
  })

  test("cannot be widened by an OR in the user's own condition", () => {
    const table = reading({ keyColumns: [A], where: 'v = 1 OR v = 2' })
    expect(selectRangeText(table, { lower: ['1'], upper: null })).toContain(
      'WHERE (`a` >= 1) AND (v = 1 OR v = 2) ORDER'
    )
  })

  test("keeps the user's own condition without bounds", () => {
    expect(selectRangeText(reading({ where: 'v = 1' }), WHOLE_TABLE)).toContain(' WHERE (v = 1) ORDER')
  })

  test('has the same text for all ranges of whole numbers, with their bounds beside it', () => {
    const table = reading({ keyColumns: [A], where: 'v = 1' })
    const { sql, ...others } = selectRange(table, { lower: ['-5'], upper: ['9'] })
    expect(sql).toBe(
      `SELECT \`a\`, \`b\`, \`v\` ${SOURCE} WHERE (\`a\` >= CAST(CAST(? AS CHAR) AS SIGNED) ` +
        'AND `a` < CAST(CAST(? AS CHAR) AS SIGNED)) AND (v = 1) ORDER BY `a`'
    )
    expect(others).toEqual({ parameters: ['-5', '9'], repeats: true })
    expect(selectRange(table, WHOLE_TABLE).sql).toBe(sql)
  })

  test('has the bounds of other keys in its text', () => {
    const range = { lower: ['1', 'x'], upper: null }
    expect(selectRange(reading(), range)).toEqual({
      sql: selectRangeText(reading(), range),
      parameters: [],
      repeats: false
    })
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
