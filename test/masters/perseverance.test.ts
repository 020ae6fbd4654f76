import { describe, expect, it } from 'vitest'
import { Perseverance } from '../../src/masters/perseverance.js'
import { PATIENCE_MS } from '../../src/masters/retry.js'
import { MmauditError } from '../../src/model/errors.js'
import { FakeClock } from '../support/fake-clock.js'

const LOST = Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' })
const UNREACHABLE = new MmauditError('incomplete', 'master b (h:3306): cannot connect: connect ETIMEDOUT', {
  cause: Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' })
})
const LOGIN_MS = 10_000

/** A server that answers when it is up, and else takes its time to fail. */
function server(error: Error, took = 0) {
  const clock = new FakeClock()
  const perseverance = new Perseverance('master b', clock)
  const state = { isUp: false, attempts: 0 }
  const read = () =>
    perseverance.trying(async () => {
      state.attempts++
      if (state.isUp) return 'rows'
      clock.pass(took)
      throw error
    })
  return { clock, state, read }
}

describe('trying', () => {
  it('tries once only after trouble that did not pass, and at once', async () => {
    const { clock, state, read } = server(LOST)
    await expect(read()).rejects.toThrow(/^master b: Connection lost \(tried \d+ times in \d+ s\)$/)
    expect(clock.now()).toBeLessThanOrEqual(PATIENCE_MS)
    const [before, slept] = [state.attempts, clock.waits.length]
    await expect(read()).rejects.toThrow(/^master b: Connection lost$/)
    expect([state.attempts - before, clock.waits.length - slept]).toEqual([1, 0])
  })

  it('has its whole patience again after a success', async () => {
    const { state, read } = server(LOST)
    await expect(read()).rejects.toThrow('tried')
    state.isUp = true
    await expect(read()).resolves.toBe('rows')
    state.isUp = false
    await expect(read()).rejects.toThrow('tried')
  })

  it('leaves a server that cannot be logged in to alone for as long as that took', async () => {
    const { clock, state, read } = server(UNREACHABLE, LOGIN_MS)
    await expect(read()).rejects.toThrow('cannot connect: connect ETIMEDOUT (tried')
    const before = state.attempts
    clock.pass(LOGIN_MS - 1)
    await expect(read()).rejects.toThrow(/cannot connect: connect ETIMEDOUT$/)
    expect(state.attempts).toBe(before)
    clock.pass(1)
    state.isUp = true
    await expect(read()).resolves.toBe('rows')
  })

  it('is not wearied by what will not pass', async () => {
    const wrong = Object.assign(new Error('Unknown column'), { errno: 1054 })
    const { state, read } = server(wrong)
    for (let n = 0; n < 3; n++) await expect(read()).rejects.toBe(wrong)
    expect(state.attempts).toBe(3)
    state.isUp = true
    await expect(read()).resolves.toBe('rows')
  })
})
