import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import pLimit from 'p-limit'
import { describe, expect, test } from 'vitest'
import { mapInOrder } from '../../src/audit/map-in-order.js'
import { collect } from '../support/collect.js'

/** Counts how many are between start and end at once. */
class Gauge {
  current = 0
  most = 0

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.most = Math.max(this.most, ++this.current)
    try {
      return await work()
    } finally {
      this.current--
    }
  }
}

/** Some turns of the event loop: a delay that costs no time. */
async function turns(count = 0): Promise<void> {
  for (let at = 0; at < count; at++) await turn()
}

async function* counted(items: readonly number[], onRead: () => void = () => {}) {
  for (const item of items) {
    onRead()
    yield item
  }
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at)
}

const delays = fc.array(fc.nat({ max: 6 }), { maxLength: 12 })
const bound = fc.integer({ min: 1, max: 5 })

describe('mapping in order', () => {
  test('keeps the order, whatever takes long', () =>
    fc.assert(
      fc.asyncProperty(delays, bound, bound, async (waits, concurrency, ahead) => {
        const mapped = mapInOrder(counted(upTo(waits.length)), pLimit(concurrency), ahead, async (item) => {
          await turns(waits[item])
          return item * 10
        })
        expect(await collect(mapped)).toEqual(upTo(waits.length).map((item) => item * 10))
      })
    ))

  test('does no more at once than the limit allows', () =>
    fc.assert(
      fc.asyncProperty(delays, bound, bound, async (waits, concurrency, ahead) => {
        const gauge = new Gauge()
        const work = (item: number) => gauge.during(() => turns(waits[item]))
        await collect(mapInOrder(counted(upTo(waits.length)), pLimit(concurrency), ahead, work))
        expect(gauge.most).toBeLessThanOrEqual(concurrency)
      })
    ))

  test('reads the source no further ahead of the consumer than allowed', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), bound, async (count, ahead) => {
        let read = 0
        let consumed = 0
        const source = counted(upTo(count), () => {
          expect(++read - consumed).toBeLessThanOrEqual(ahead)
        })
        for await (const _ of mapInOrder(source, pLimit(10), ahead, async (item) => item)) consumed++
        expect(consumed).toBe(count)
      })
    ))

  test('uses all lanes at once', async () => {
    const gauge = new Gauge()
    await collect(mapInOrder(counted(upTo(12)), pLimit(3), 12, () => gauge.during(() => sleep(2))))
    expect(gauge.most).toBe(3)
  })

  test('of nothing is nothing', async () => {
    expect(await collect(mapInOrder(counted([]), pLimit(1), 1, async (item) => item))).toEqual([])
  })
})

describe('an error', () => {
  test('comes in the turn of its item, after the results before it', async () => {
    const seen: number[] = []
    const mapped = mapInOrder(counted(upTo(5)), pLimit(5), 5, async (item) => {
      if (item === 2) throw new Error('item 2')
      await sleep(2)
      return item
    })
    const reading = (async () => {
      for await (const item of mapped) seen.push(item)
    })()
    await expect(reading).rejects.toThrow('item 2')
    expect(seen).toEqual([0, 1])
  })

  test('is thrown only after the work under way has ended', async () => {
    const gauge = new Gauge()
    const mapped = mapInOrder(counted(upTo(4)), pLimit(4), 4, (item) =>
      gauge.during(async () => {
        await sleep(item * 3)
        if (item === 0) throw new Error('item 0')
      })
    )
    await expect(collect(mapped)).rejects.toThrow('item 0')
    expect(gauge.current).toBe(0)
  })

  test('keeps what was not begun from being begun', async () => {
    const begun: number[] = []
    const mapped = mapInOrder(counted(upTo(6)), pLimit(1), 6, async (item) => {
      begun.push(item)
      await sleep(1)
      if (item === 1) throw new Error('item 1')
    })
    await expect(collect(mapped)).rejects.toThrow('item 1')
    expect(begun).not.toContain(5)
  })

  test('of the source is thrown only after the work under way has ended', async () => {
    const gauge = new Gauge()
    async function* broken() {
      yield 1
      throw new Error('source')
    }
    const mapped = mapInOrder(broken(), pLimit(2), 5, () => gauge.during(() => sleep(5)))
    await expect(collect(mapped)).rejects.toThrow('source')
    expect(gauge.current).toBe(0)
  })
})

describe('a consumer that stops early', () => {
  test('ends the source and waits for the work under way', async () => {
    const gauge = new Gauge()
    let ended = false
    async function* endless() {
      try {
        for (let item = 0; ; item++) yield item
      } finally {
        ended = true
      }
    }
    for await (const _ of mapInOrder(endless(), pLimit(2), 4, () => gauge.during(() => sleep(2)))) break
    expect(ended).toBe(true)
    expect(gauge.current).toBe(0)
  })

  test('hears nothing of work that fails after that', async () => {
    const mapped = mapInOrder(counted(upTo(3)), pLimit(3), 2, async (item) => {
      await sleep(item)
      if (item > 0) throw new Error('too late')
      return item
    })
    for await (const item of mapped) {
      expect(item).toBe(0)
      break
    }
  })
})
