import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isExactNumeric, sumText } from '../../src/wire/sums.js'
import { column } from '../support/columns.js'

describe('the text of a sum', () => {
  test.each<[bigint, number, string]>([
    [1230n, 2, '12.30'],
    [-1230n, 2, '-12.30'],
    [5n, 2, '0.05'],
    [-5n, 2, '-0.05'],
    [0n, 2, '0.00'],
    [7n, 0, '7'],
    [-7n, 0, '-7'],
    [10n ** 64n, 30, `1${'0'.repeat(34)}.${'0'.repeat(30)}`]
  ])('%d with scale %i is %s', (sum, scale, expected) => {
    expect(sumText(sum, scale)).toBe(expected)
  })

  test('holds the sum and exactly the digits of the scale', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 70n), max: 10n ** 70n }), fc.integer({ min: 1, max: 30 }), (sum, scale) => {
        const printed = sumText(sum, scale)
        expect(printed).toMatch(new RegExp(`^-?\\d+\\.\\d{${scale}}$`))
        expect(BigInt(printed.replace('.', ''))).toBe(sum)
      })
    ))
})

test.each([
  ['tinyint', true],
  ['bigint', true],
  ['decimal', true],
  ['year', false],
  ['float', false],
  ['double', false],
  ['bit', false],
  ['varchar', false]
])('%s adds up exactly: %s', (dataType, exact) => {
  expect(isExactNumeric(column('x', { dataType }))).toBe(exact)
})
