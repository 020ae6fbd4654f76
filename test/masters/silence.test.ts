import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isConnectionLost, isPassing } from '../../src/masters/server-errors.js'
import { listening, WentSilent } from '../../src/masters/silence.js'

const SECONDS = 30

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A connection, what the server says of it, and a statement on it that ends when it is told to. */
function lineThatSays(...answers: readonly (string | null | Error)[]) {
  const line = {
    bytes: 0,
    asked: 0,
    cuts: 0,
    heard: () => line.bytes,
    whyNotExecuting: async () => {
      const answer = answers[line.asked++] ?? null
      if (answer instanceof Error) throw answer
      return answer
    },
    cut: () => {
      line.cuts++
    }
  }
  let [end, fail]: [(rows: string) => void, (error: Error) => void] = [() => {}, () => {}]
  const statement = new Promise<string>((resolve, reject) => {
    ;[end, fail] = [resolve, reject]
  })
  const outcome = listening(line, SECONDS, () => statement).catch((error: unknown) => error)
  return { line, end: (rows: string) => end(rows), fail: (error: Error) => fail(error), outcome }
}

function seconds(count: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(count * 1000)
}

describe('listening', () => {
  it('does not ask while something is heard, however slowly', async () => {
    const { line, end, outcome } = lineThatSays('gone')
    for (let n = 0; n < 100; n++) {
      await seconds(SECONDS - 8)
      line.bytes++
    }
    end('rows')
    expect(await outcome).toBe('rows')
    expect(line.asked).toBe(0)
  })

  it('asks after the time of silence, and waits on for as long as the server executes', async () => {
    const { line, end, outcome } = lineThatSays(null, null, null)
    await seconds(SECONDS - 1)
    expect(line.asked).toBe(0)
    await seconds(1)
    expect(line.asked).toBe(1)
    await seconds(2 * SECONDS)
    expect(line.asked).toBe(3)
    end('rows')
    expect(await outcome).toBe('rows')
    expect(line.cuts).toBe(0)
  })

  it('cuts the connection when the server is not executing, and counts it as lost', async () => {
    const { line, outcome } = lineThatSays(null, 'the server does not know the connection any more')
    await seconds(2 * SECONDS)
    const error = await outcome
    expect(error).toBeInstanceOf(WentSilent)
    expect((error as Error).message).toBe(
      'nothing was heard for 30 s, and the server does not know the connection any more'
    )
    expect([isConnectionLost(error), isPassing(error)]).toEqual([true, true])
    expect(line.cuts).toBe(1)
    await seconds(10 * SECONDS)
    expect(line.asked, 'no more is asked of a connection that was cut').toBe(2)
  })

  it('cuts the connection when the server cannot be asked', async () => {
    const { line, outcome } = lineThatSays(new Error('connect ETIMEDOUT'))
    await seconds(SECONDS)
    expect(((await outcome) as Error).message).toBe('nothing was heard for 30 s, and connect ETIMEDOUT')
    expect(line.cuts).toBe(1)
  })

  it('believes what it hears while the server is asked more than the answer', async () => {
    const { line, end, outcome } = lineThatSays('the server has no statement under way on it')
    const ask = line.whyNotExecuting
    line.whyNotExecuting = () => {
      line.bytes += 100
      return ask()
    }
    await seconds(SECONDS)
    expect([line.asked, line.cuts]).toEqual([1, 0])
    end('rows')
    expect(await outcome).toBe('rows')
  })

  it('lets go of the connection with the statement, whatever came of it', async () => {
    const good = lineThatSays('gone')
    good.end('rows')
    const bad = lineThatSays('gone')
    bad.fail(new Error('Query execution was interrupted'))
    expect([await good.outcome, ((await bad.outcome) as Error).message]).toEqual([
      'rows',
      'Query execution was interrupted'
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not kept waiting by a statement that ends while the server is asked', async () => {
    const { line, end, outcome } = lineThatSays()
    let answer: (why: string) => void = () => {}
    line.whyNotExecuting = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    await seconds(SECONDS)
    end('rows')
    expect(await outcome).toBe('rows')
    answer('the server has no statement under way on it')
    await seconds(0)
    expect(line.cuts).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
