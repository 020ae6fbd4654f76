import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conditionFrom, keyCondition, keysCondition, rangeCondition } from '../../src/sql/range.js'
import { column, textColumn } from '../support/columns.js'
import { holdsFor } from '../support/condition.js'

/** Keys of 1 to 4 columns with so few values that equal parts are common. */
const keyed = fc.integer({ min: 1, max: 4 }).chain((width) => {
  const key = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: width, maxLength: width })
  return fc.record({ row: key, lower: fc.option(key), upper: fc.option(key), keys: fc.array(key, { minLength: 1 }) })
})

function columnsOf(key: readonly number[]) {
  return key.map((_, at) => column(`k${at}`))
}

function rowOf(key: readonly number[]) {
  return Object.fromEntries(key.map((value, at) => [`k${at}`, value]))
}

/** Compares keys as the server orders them: by the first part that differs. */
function compare(left: readonly number[], right: readonly number[]): number {
  return left.map((value, at) => value - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0
}

describe('the condition of a range', () => {
  test('holds for just the keys in it', () =>
    fc.assert(
      fc.property(keyed, ({ row, lower, upper }) => {
        const condition = rangeCondition(columnsOf(row), {
          lower: lower?.map(String) ?? null,
          upper: upper?.map(String) ?? null
        })
        const inside = (lower === null || compare(lower, row) <= 0) && (upper === null || compare(row, upper) < 0)
        expect(condition === null || holdsFor(condition, rowOf(row))).toBe(inside)
      })
    ))

  test('is none for the whole table', () => {
    expect(rangeCondition([column('id')], { lower: null, upper: null })).toBeNull()
  })

  test('of one column compares once for each end', () => {
    expect(rangeCondition([column('id')], { lower: ['1'], upper: ['9'] })).toBe('`id` >= 1 AND `id` < 9')
  })

  test('of several columns bounds the first one for the optimizer', () => {
    expect(rangeCondition([column('a'), column('b')], { lower: ['1', '2'], upper: null })).toBe(
      '`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` >= 2))'
    )
    expect(rangeCondition([column('a'), column('b')], { lower: null, upper: ['1', '2'] })).toBe(
      '`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND `b` < 2))'
    )
  })

  test('writes each value as its column needs it', () => {
    const columns = [textColumn('na`me'), column('raw', { dataType: 'binary' })]
    expect(rangeCondition(columns, { lower: ["O'Hara", { hex: 'ff' }], upper: null })).toBe(
      "`na``me` >= 'O''Hara' AND (`na``me` > 'O''Hara' OR (`na``me` = 'O''Hara' AND `raw` >= X'ff'))"
    )
  })

  test('needs a value for every column', () => {
    expect(() => rangeCondition([column('a'), column('b')], { lower: ['1'], upper: null })).toThrow('too few values')
  })

  test('needs a column', () => {
    expect(() => rangeCondition([], { lower: ['1'], upper: null })).toThrow('a key without columns')
  })
})

describe('the conditions from a key on', () => {
  test('hold for just the keys from there on, each once, and in key order', () =>
    fc.assert(
      fc.property(keyed, ({ keys, row: lower }) => {
        const columns = columnsOf(lower)
        const conditions = columns.map((_, shared) => conditionFrom(columns, lower.map(String), shared)).reverse()
        const selected = conditions.flatMap((condition) =>
          keys.filter((key) => holdsFor(condition, rowOf(key))).sort(compare)
        )
        expect(selected).toEqual(keys.filter((key) => compare(lower, key) <= 0).sort(compare))
      })
    ))

  test('compare no column that they share with more than one value', () => {
    const columns = [column('a'), column('b')]
    expect(conditionFrom(columns, ['1', '2'], 1)).toBe('`a` = 1 AND `b` >= 2')
    expect(conditionFrom(columns, ['1', '2'], 0)).toBe('`a` > 1')
  })
})

describe('the condition of some keys', () => {
  test('holds for just these', () =>
    fc.assert(
      fc.property(keyed, ({ row, keys }) => {
        const condition = keysCondition(
          columnsOf(row),
          keys.map((key) => key.map(String))
        )
        const named = keys.some((key) => compare(key, row) === 0)
        expect(holdsFor(condition, rowOf(row))).toBe(named)
      })
    ))

  test('is one list for a key of one column', () => {
    expect(keysCondition([column('id')], [['1'], ['2']])).toBe('`id` IN (1, 2)')
  })

  test('of one key names every column', () => {
    expect(keyCondition([column('a'), textColumn('b')], ['1', 'x'])).toBe("(`a` = 1 AND `b` = 'x')")
  })
})
