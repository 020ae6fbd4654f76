import { describe, expect, test } from 'vitest'
import { Throttle } from '../../src/audit/throttle.js'
import { isRunTimeOver } from '../../src/model/errors.js'
import type { WaitReason } from '../../src/model/events.js'

const BUSY: WaitReason = { kind: 'Threads_running', master: 'a', text: 'Threads_running is 31 on a, more than 25' }
const LAGS: WaitReason = { kind: 'lag', master: 'b', text: 'b lags 9 s behind a, more than 5 s' }

/** A throttle in a time of its own; `seen` is what each further look finds, nothing at the end. */
function start(seen: readonly (readonly WaitReason[])[], runTime: number | null = null) {
  const clock = { now: 0, looks: 0 }
  const told: (readonly string[])[] = []
  const throttle = new Throttle({
    look: async () => seen[clock.looks++] ?? [],
    runTime,
    onWaiting: (reasons) => told.push(reasons.map(({ text }) => text)),
    signal: undefined,
    now: () => clock.now,
    sleep: async (milliseconds) => {
      clock.now += milliseconds
    }
  })
  return { throttle, clock, told }
}

describe('while nothing is over its limit', () => {
  test('lanes share one look, and it is good for half a second', async () => {
    const { throttle, clock, told } = start([])
    await Promise.all([throttle.pass(), throttle.pass(), throttle.ease()])
    clock.now = 499
    await throttle.pass()
    expect(clock.looks).toBe(1)
    clock.now = 500
    await throttle.pass()
    expect([clock.looks, told]).toEqual([2, []])
    expect(throttle.throttled).toEqual({ seconds: 0, reasons: {} })
  })
})

describe('while something is', () => {
  test('everybody waits, the time is put down to the reasons, and each change is told once', async () => {
    const { throttle, clock, told } = start([[BUSY], [BUSY], [BUSY, LAGS], [LAGS]])
    await Promise.all([throttle.pass(), throttle.pass(), throttle.ease()])
    expect(clock.looks).toBe(5)
    expect(told).toEqual([[BUSY.text], [BUSY.text, LAGS.text], [LAGS.text], []])
    expect(throttle.throttled).toEqual({ seconds: 2, reasons: { Threads_running: 1.5, lag: 1 } })
  })

  test('the same reason with another figure is no change', async () => {
    const { throttle, told } = start([[BUSY], [{ ...BUSY, text: 'Threads_running is 40 on a, more than 25' }]])
    await throttle.pass()
    expect(told).toEqual([[BUSY.text], []])
  })
})

describe('when the run time is over', () => {
  test('nothing is begun any more, and what was begun may be finished, within bounds', async () => {
    const { throttle, clock } = start([], 10)
    await throttle.pass()
    clock.now = 10_000
    await expect(throttle.pass()).rejects.toSatisfy(isRunTimeOver)
    await throttle.ease()
    clock.now = 40_000
    await expect(throttle.ease()).rejects.toSatisfy(isRunTimeOver)
  })

  test('whoever waits then waits no longer', async () => {
    const { throttle, clock, told } = start(new Array(100).fill([BUSY]), 1.2)
    await expect(throttle.ease()).rejects.toSatisfy(isRunTimeOver)
    expect(clock.now).toBe(1200)
    expect(throttle.throttled).toEqual({ seconds: 1.2, reasons: { Threads_running: 1.2 } })
    expect(told.at(-1)).toEqual([])
  })
})
