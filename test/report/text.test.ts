import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ellipsize, widthOf, wrap } from '../../src/report/layout.js'
import { compact, duration, groupedDecimal, subtractDecimals } from '../../src/report/numbers.js'
import { showTogether } from '../../src/report/shown-value.js'
import { visible } from '../../src/report/text.js'
import { numRuns } from './runs.js'

test('data cannot command a terminal', () => {
  expect(visible('a\x1b[31mb\r\n\x07\x7f\u009b2J\u202eabc\u200b')).toBe('a␛[31mb␍␊␇␡<U+009B>2J<U+202E>abc<U+200B>')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }),
    { numRuns }
  )
})

test('nothing is wider than it may be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 2, maxLength: 3 }),
      fc.integer({ min: 4, max: 30 }),
      (values, width) => {
        for (const shown of showTogether(values, width)) expect(widthOf(shown)).toBeLessThanOrEqual(width)
        expect(widthOf(ellipsize(visible(values.join('')), width))).toBeLessThanOrEqual(width)
      }
    ),
    { numRuns }
  )
})

test('long values are shortened around the first difference', () => {
  const [left, right] = showTogether(
    [`${'x'.repeat(50)}LEFT${'y'.repeat(50)}`, `${'x'.repeat(50)}RIGHT${'y'.repeat(50)}`],
    20
  )
  expect(left).toBe('…xxxxxxLEFTyyyyyyyy…')
  expect(right).toBe('…xxxxxxRIGHTyyyyyyy…')
})

test.each([0, 1, 4095, 4096, 4097, 8192, 10_000])('their first difference is found after %d characters', (equal) => {
  const same = 'x'.repeat(equal)
  const [left = '', right = ''] = showTogether([`${same}L${'y'.repeat(9000)}`, `${same}R${'y'.repeat(9000)}`], 20)
  expect(left.indexOf('L')).toBe(Math.min(equal, 7))
  expect(right).toBe(left.replace('L', 'R'))
  expect(showTogether([same, `${same}R`], 20).map((shown) => shown.endsWith('R'))).toEqual([false, true])
})

test('values that differ never look alike', () => {
  expect(showTogether([null, 'NULL', '', ' a', { hex: 'ff' }, '0xFF'], 20)).toEqual([
    'NULL',
    "'NULL'",
    "''",
    "' a'",
    '0xFF',
    "'0xFF'"
  ])
  expect(showTogether(['a\nb', 'a␊b'], 20)).toEqual(['a␊b', 'a<U+240A>b'])
  expect(showTogether(['1', '1'], 20)).toEqual(['1', '1'])
})

test('prose is wrapped', () => {
  expect(wrap('one two three four', 10, '  ')).toEqual(['  one two', '  three', '  four'])
})

test('numbers read well', () => {
  expect(['1234567.890', '-1234', '12', '-0.50'].map(groupedDecimal)).toEqual([
    '1,234,567.890',
    '-1,234',
    '12',
    '-0.50'
  ])
  expect(subtractDecimals('999989000.00', '999990000.00')).toBe('-1000.00')
  expect(subtractDecimals('0.1', '12345678901234567890.25')).toBe('-12345678901234567890.15')
  expect([840, 29_900, 42_000, 125_000, 3_720_000].map(duration)).toEqual([
    '0.8 s',
    '29.9 s',
    '42 s',
    '2 min 5 s',
    '1 h 2 min'
  ])
  expect([834, 83_400, 1_234_567].map(compact)).toEqual(['834', '83.4 k', '1.2 M'])
})
