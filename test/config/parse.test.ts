import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duration } from '../../src/config/parse.js'

const day = duration({ least: 0, most: 86_400, whole: false, unit: 'seconds' })

test.each([
  ['500ms', 0.5],
  ['30s', 30],
  ['5m', 300],
  ['5 min', 300],
  ['2h', 7200],
  ['1.5H', 5400],
  ['.5s', 0.5],
  ['0.1ms', 0.0001],
  [' 7 ', 7],
  ['0', 0],
  ['0.25', 0.25]
])('%s is %d seconds', (text, value) => {
  expect(day(text)).toEqual({ value })
})

test.each(['', 's', '5x', '5 s s', '-5s', '1e3s', '25h', '1h30m', 'two hours', 'Infinity'])('%j is no time', (text) => {
  expect(day(text)).toHaveProperty('problem')
})

test('a plain number and one of seconds are the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400 }), (seconds) => {
      expect(day(`${seconds}s`)).toEqual(day(String(seconds)))
      expect(day(`${seconds * 1000}ms`)).toEqual({ value: seconds })
    })
  )
})
