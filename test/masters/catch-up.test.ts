import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CatchUp, isPending } from '../../src/masters/catch-up.js'
import { SimulatedReplication } from '../support/simulated-replication.js'
import { topology } from '../support/simulated-topologies.js'

/** For thousands of cases, or a busy machine. */
const TIME_MS = 120_000

test(
  'who is not said to be waited for has all that was anywhere, and that can come at all',
  () =>
    fc.assert(
      fc.asyncProperty(
        topology,
        fc.integer(),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 0, max: 300 }),
        async (each, seed, writes, backlog) => {
          const world = new SimulatedReplication(each, 24, writes, seed)
          await world.sleep(backlog)
          const before = world.histories()
          const { obstacles } = await new CatchUp(world.masters, world).upTo(world.now() + 1_000)
          const after = world.histories()
          world.drain()
          const inTheEnd = world.histories()
          const pending = new Set(obstacles.filter(isPending).map(({ follower }) => follower))
          for (const [server, master] of world.masters.entries()) {
            if (pending.has(master.name)) continue
            for (const [origin, have] of (after[server] ?? []).entries()) {
              const anywhere = Math.max(...before.map((history) => history[origin] ?? 0))
              expect(have).toBeGreaterThanOrEqual(Math.min(anywhere, inTheEnd[server]?.[origin] ?? 0))
            }
          }
        }
      )
    ),
  TIME_MS
)

test('a wait in which nothing was written is told from others', async () => {
  const pair = {
    servers: 2,
    positions: 'gtid',
    relays: true,
    channels: [
      { follower: 0, source: 1, state: 'running', pace: 1 },
      { follower: 1, source: 0, state: 'running', pace: 1 }
    ]
  } as const
  const quiet = new SimulatedReplication(pair, 24, 0, 1)
  const still = new CatchUp(quiet.masters, quiet)
  const { marks } = await still.upTo(quiet.now() + 1_000)
  await quiet.sleep(100)
  expect(await still.stoodStill(marks)).toBe(true)

  const busy = new SimulatedReplication(pair, 24, 1_000, 1)
  const moving = new CatchUp(busy.masters, busy)
  const wait = await moving.upTo(busy.now() + 1_000)
  await busy.sleep(100)
  expect(await moving.stoodStill(wait.marks)).toBe(false)
})
