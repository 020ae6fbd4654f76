import { expect, test } from 'vitest'
import { gatedClock } from '../../src/audit/gated-clock.js'

/** Real time, which is moved by hand, and a gate that several may wait at. */
function start() {
  let now = 1_000
  let open: () => void = () => {}
  let closed: Promise<void> = Promise.resolve()
  const clock = gatedClock(
    { ease: () => closed },
    {
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds
      }
    }
  )
  return {
    clock,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    close: () => {
      closed = new Promise((resolve) => {
        open = () => resolve()
      })
    },
    open: () => open()
  }
}

/** Lets those who wait come as far as they can. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('is the clock it goes by while the gate is open', async () => {
  const { clock, pass } = start()
  await clock.sleep(20)
  pass(5)
  expect(clock.now()).toBe(1_025)
})

test('stands still while anybody waits at the gate, and goes on from there', async () => {
  const { clock, pass, close, open } = start()
  close()
  const first = clock.sleep(20)
  await settled()
  pass(10_000)
  const second = clock.sleep(30)
  await settled()
  pass(10_000)
  expect(clock.now()).toBe(1_020)
  open()
  await Promise.all([first, second])
  pass(7)
  expect(clock.now()).toBe(1_027)
})

test('goes on after an end that comes while it stands', async () => {
  let now = 0
  const clock = gatedClock(
    { ease: () => Promise.reject(new Error('the run time was over')) },
    {
      now: () => now,
      sleep: async () => {
        now += 1
      }
    }
  )
  await expect(clock.sleep(1)).rejects.toThrow('the run time was over')
  now += 5
  expect(clock.now()).toBe(6)
})
