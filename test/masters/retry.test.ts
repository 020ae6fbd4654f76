import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { backOff, GaveUp, PATIENCE_MS, retrying } from '../../src/masters/retry.js'
import { MmauditError } from '../../src/model/errors.js'
import { FakeClock } from '../support/fake-clock.js'

const passing = new Error('Lost connection')
const lasting = new Error('Unknown column')

/** Fails so often, each time after `took` milliseconds, and then succeeds. */
function failing(times: number, error: Error, clock: FakeClock, took = 0) {
  let attempts = 0
  return {
    get attempts() {
      return attempts
    },
    async attempt() {
      clock.pass(took)
      if (++attempts <= times) throw error
      return 'rows'
    }
  }
}

function start(clock: FakeClock, milliseconds = PATIENCE_MS, chance = () => 1) {
  return { who: 'master b', mayPass: (error: unknown) => error === passing, milliseconds, clock, chance }
}

describe('retrying', () => {
  it('begins again until it succeeds, each time after a longer wait', async () => {
    const clock = new FakeClock()
    const work = failing(5, passing, clock)
    await expect(retrying(() => work.attempt(), start(clock))).resolves.toBe('rows')
    expect(clock.waits).toEqual([200, 400, 800, 1600, 3000])
  })

  it('throws at once, and as it is, what will not pass', async () => {
    const clock = new FakeClock()
    const work = failing(1, lasting, clock)
    await expect(retrying(() => work.attempt(), start(clock))).rejects.toBe(lasting)
    expect(work.attempts).toBe(1)
  })

  it('throws as it is what comes after trouble that passed', async () => {
    const clock = new FakeClock()
    const errors = [passing, lasting]
    const attempt = () => Promise.reject(errors.shift())
    await expect(retrying(attempt, start(clock))).rejects.toBe(lasting)
  })

  it('says whose trouble it was, how often it was tried, and for how long', async () => {
    const clock = new FakeClock()
    const work = failing(Number.POSITIVE_INFINITY, passing, clock)
    const error = await retrying(() => work.attempt(), start(clock)).catch((caught) => caught)
    expect(error).toBeInstanceOf(GaveUp)
    expect(error.cause).toBe(passing)
    expect(error.message).toBe('master b: Lost connection (tried 8 times in 12 s)')
    expect(error.during('reading a chunk')).toBe('master b: reading a chunk: Lost connection (tried 8 times in 12 s)')
  })

  it('tells a single attempt without counting', async () => {
    const clock = new FakeClock()
    const work = failing(1, passing, clock)
    const error = await retrying(() => work.attempt(), start(clock, 0)).catch((caught) => caught)
    expect(error.message).toBe('master b: Lost connection')
    expect(clock.waits).toEqual([])
  })

  it('keeps the words and the hint of an error for people', async () => {
    const clock = new FakeClock()
    const login = new MmauditError('incomplete', 'master b (h:3306): cannot connect', { hint: 'check the port' })
    const patience = { ...start(clock), mayPass: () => true }
    const error = await retrying(() => Promise.reject(login), patience).catch((caught) => caught)
    expect(error.during('reading a chunk')).toBe(
      'master b (h:3306): cannot connect (reading a chunk, tried 8 times in 12 s)'
    )
    expect(error.hint).toBe('check the port')
  })

  test('no attempt begins after the patience, counted from the first failure; and one that is late is awaited', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 20_000 }),
        fc.nat({ max: 15_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (patience, took, chance) => {
          const clock = new FakeClock()
          const begun: number[] = []
          const attempt = async () => {
            begun.push(clock.now())
            clock.pass(took)
            throw passing
          }
          await expect(
            retrying(
              attempt,
              start(clock, patience, () => chance)
            )
          ).rejects.toThrow(GaveUp)
          expect(begun.slice(1).every((moment) => moment <= took + patience)).toBe(true)
          // It did not give up while another attempt would still have been in time.
          expect(clock.now() + backOff(begun.length, chance)).toBeGreaterThan(took + patience)
        }
      )
    )
  })
})

test('waits grow to a limit, and chance takes at most a quarter off', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
      const [wait, next, longest] = [backOff(failures, chance), backOff(failures + 1, chance), backOff(failures, 1)]
      expect(next).toBeGreaterThanOrEqual(wait)
      expect(longest).toBeLessThanOrEqual(3_000)
      expect(wait).toBeGreaterThanOrEqual(longest * 0.75)
      expect(wait).toBeLessThanOrEqual(longest)
    })
  )
})
