import { onEveryMaster } from '../audit/on-every-master.js'
import type { Master } from '../masters/master.js'

/** What the connection to a master is like. */
export interface Connection {
  /** Seconds from a question to its answer. */
  readonly roundTrip: number
  /** What it carries when the server has nothing to do but to send. */
  readonly linkBytesPerSecond: number
}

/** The shortest of so many is the one that nothing got in the way of. */
const QUESTIONS = 3
const LOADS = 2

/** Enough to outweigh the round trip on a slow link, and too little to be felt by anybody else on it. */
const LOAD_BYTES = 1024 * 1024

/** Opens the sessions that will read, and measures what lies between here and each master. */
export function probe(masters: readonly Master[], sessions: number): Promise<readonly Connection[]> {
  return onEveryMaster(masters, 'measuring the connection', async (master) => {
    await Promise.all(Array.from({ length: sessions }, () => master.ping()))
    const roundTrip = await shortest(QUESTIONS, () => master.ping())
    const load = await shortest(LOADS, () => master.withSession((session) => session.query(LOAD)))
    // Where the round trip is most of it, nothing is known but that the link is not the narrow place.
    return { roundTrip, linkBytesPerSecond: LOAD_BYTES / Math.max(load - roundTrip, load / 10) }
  })
}

const LOAD = `SELECT REPEAT('x', ${LOAD_BYTES}) AS bytes`

/** The shortest time, in seconds, of several. */
async function shortest(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < times; at++) {
    const started = performance.now()
    await work()
    least = Math.min(least, (performance.now() - started) / 1000)
  }
  return least
}
