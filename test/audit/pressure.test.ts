import { expect, test } from 'vitest'
import { lagOf, overLoaded } from '../../src/audit/pressure.js'

test.each([
  [{ secondsBehind: 7, delay: 0 }, 7],
  [{ secondsBehind: null, delay: 0 }, null],
  [{ secondsBehind: 3600, delay: 3600 }, 0],
  [{ secondsBehind: 3607, delay: 3600 }, 7],
  [{ secondsBehind: 12, delay: 3600 }, 0]
])('a channel as %j lags %s s: what it is held back on purpose is no lag', (channel, lag) => {
  expect(lagOf(channel)).toBe(lag)
})

test('a variable is over its limit above it, in any spelling, and not where it is unknown', () => {
  const limits = [{ variable: 'THREADS_Running', most: 25 }]
  const over = (value: string) => overLoaded('a', limits, new Map([['threads_running', value]])).map(({ text }) => text)
  expect(over('25')).toEqual([])
  expect(over('26')).toEqual(['THREADS_Running is 26 on a, more than 25'])
  expect(overLoaded('a', limits, new Map())).toEqual([])
})
