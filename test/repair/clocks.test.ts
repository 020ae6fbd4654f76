import { describe, expect, test } from 'vitest'
import { type ClockReading, clockProblem, judgeClocks } from '../../src/repair/decide/clocks.js'
import { column } from '../support/columns.js'

/** A master whose clock is `ahead` ms ahead of ours, asked at `at` with a round trip of `trip` ms. */
function reading(master: string, ahead: number, trip = 2, at = 0, other: Partial<ClockReading> = {}): ClockReading {
  const clock = at + trip / 2 + ahead
  return { master, clock, before: at, after: at + trip, zone: 'SYSTEM (UTC)', offsets: '0 0 0', ...other }
}

describe('clocks', () => {
  test.each<[string, readonly ClockReading[], string | null]>([
    ['that agree', [reading('a', 0), reading('b', 0, 2, 5000), reading('c', 0)], null],
    ['nearer than a second', [reading('a', 0), reading('b', 900)], null],
    [
      'further apart',
      [reading('a', 100), reading('b', -4900), reading('c', 0)],
      'the clock of a is at least 5.0 seconds ahead of that of b'
    ],
    ['that a long round trip may excuse', [reading('a', 0, 1500), reading('b', 1500, 1500)], null],
    [
      'that no round trip excuses',
      [reading('a', 0, 1500), reading('b', -60_000, 1500)],
      'the clock of a is at least 58.5 seconds ahead of that of b'
    ]
  ])('%s', (_, readings, skew) => {
    expect(judgeClocks(readings)).toEqual({ skew, zones: null })
  })
})

describe('time zones', () => {
  const berlin = { zone: 'Europe/Berlin', offsets: '60 60 120' }
  const lagos = { zone: '+01:00', offsets: '60 60 60' }

  test('differ when they do in summer only', () => {
    expect(judgeClocks([reading('a', 0, 2, 0, berlin), reading('b', 0, 2, 0, lagos)]).zones).toBe(
      'the time zones of the masters differ: Europe/Berlin on a, +01:00 on b'
    )
  })

  test('do not differ in their names', () => {
    const named = reading('b', 0, 2, 0, { zone: 'SYSTEM (CET)', offsets: berlin.offsets })
    expect(judgeClocks([reading('a', 0, 2, 0, berlin), named]).zones).toBeNull()
  })

  test.each([
    ['date', 'zones'],
    ['datetime', 'zones'],
    ['time', 'zones'],
    ['timestamp', null]
  ])('are a problem of %s: %s', (dataType, problem) => {
    expect(clockProblem(column('at', { dataType }), { skew: null, zones: 'zones' })).toBe(problem)
    expect(clockProblem(column('at', { dataType }), { skew: 'skew', zones: null })).toBe('skew')
  })
})
