import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confirm } from '../../src/audit/confirm.js'
import type { Suspect } from '../../src/audit/scan.js'
import { CatchUp } from '../../src/masters/catch-up.js'
import { SimulatedReplication, type SimulatedTopology } from '../support/simulated-replication.js'
import { topology } from '../support/simulated-topologies.js'

const KEYS = 24
/** For thousands of cases, or a busy machine. */
const TIME_MS = 120_000
/** Planted rows lie beyond those that are written to. */
const PLANTED = [1_000, 1_001, 1_002]

const scenario = fc.record({
  topology,
  seed: fc.integer(),
  writes: fc.integer({ min: 0, max: 80 }),
  backlog: fc.integer({ min: 0, max: 200 }),
  planted: fc.uniqueArray(fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(...PLANTED)), { maxLength: 4 })
})

/** Writes for a while, tampers with rows, reads all rows, and confirms what differs. */
async function run({
  topology,
  seed,
  writes,
  backlog,
  planted
}: typeof scenario extends fc.Arbitrary<infer T> ? T : never) {
  const world = new SimulatedReplication(topology, KEYS, writes, seed)
  await world.sleep(backlog)
  for (const [server, key] of planted) world.plant(server % topology.servers, key)
  const keys = [...Array.from({ length: KEYS }, (_, key) => key), ...PLANTED]
  const first = await world.read(keys)
  const suspects: readonly Suspect[] = keys
    .map((key, at) => ({ key: [String(key)], seen: first.map((rows) => rows[at] ?? null) }))
    .filter(({ seen }) => new Set(seen).size > 1)
  const catchUp = new CatchUp(world.masters, world)
  const confirmed = await confirm(suspects, {
    masters: world.masters.map(({ name }) => name),
    // A ring of four takes more than a second to hand the slowest of these backlogs round.
    patience: 5_000,
    now: () => world.now(),
    sleep: (milliseconds) => world.sleep(milliseconds),
    fetch: (each) => world.fetch(each),
    catchUp: (deadline) => catchUp.upTo(deadline),
    stoodStill: (marks) => catchUp.stoodStill(marks)
  })
  const held = (rows: readonly (readonly (bigint | null)[])[], key: number) =>
    rows.map((each) => each[keys.indexOf(key)])
  world.drain()
  const last = await world.read(keys)
  return {
    differing: new Set(confirmed.differing.map(({ key }) => Number(key[0]))),
    unsettled: new Set(confirmed.unsettled.map(([key]) => Number(key))),
    differFirst: (key: number) => new Set(held(first, key)).size > 1,
    differInTheEnd: (key: number) => new Set(held(last, key)).size > 1,
    keys
  }
}

describe('whatever way masters replicate, and whatever lags, stands still or is written meanwhile', () => {
  test(
    'no row differs that agrees once everything has arrived',
    () =>
      fc.assert(
        fc.asyncProperty(scenario, async (each) => {
          const { differing, differInTheEnd } = await run(each)
          expect([...differing].filter((key) => !differInTheEnd(key))).toEqual([])
        })
      ),
    TIME_MS
  )

  test(
    'what differs in the end is found, or is unsettled because some applier is stuck',
    () =>
      fc.assert(
        fc.asyncProperty(scenario, async (each) => {
          const { differing, unsettled, differFirst, differInTheEnd, keys } = await run(each)
          const wrong = keys.filter((key) => differFirst(key) && differInTheEnd(key))
          expect(wrong.filter((key) => !differing.has(key) && !unsettled.has(key))).toEqual([])
          if (each.topology.channels.some((channel) => channel.state === 'stuck')) return
          expect(wrong.filter((key) => !differing.has(key))).toEqual([])
          expect([...unsettled]).toEqual([])
        })
      ),
    TIME_MS
  )

  test(
    'what was tampered with is found, however much is stuck elsewhere',
    () =>
      fc.assert(
        fc.asyncProperty(scenario, async (each) => {
          const { differing } = await run(each)
          const clear = Array.from({ length: each.topology.servers }, (_, at) => at).filter(
            (at) => !waitsForStuck(each.topology, at)
          )
          const held = (server: number, key: number) =>
            each.planted.findLast((planted) => planted[0] % each.topology.servers === server && planted[1] === key)
          const wrong = PLANTED.filter((key) => new Set(clear.map((server) => held(server, key))).size > 1)
          expect(wrong.filter((key) => !differing.has(key))).toEqual([])
        })
      ),
    TIME_MS
  )
})

/** Whether anything that has yet to come to a server, by whatever way, comes over a stuck channel. */
function waitsForStuck({ channels, relays }: SimulatedTopology, server: number, seen = new Set<number>()): boolean {
  seen.add(server)
  return channels
    .filter(({ follower, state }) => follower === server && state !== 'stopped')
    .some(
      ({ source, state }) =>
        state === 'stuck' ||
        (relays && !seen.has(source) && waitsForStuck({ channels, relays } as SimulatedTopology, source, seen))
    )
}
