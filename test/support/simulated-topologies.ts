import fc from 'fast-check'
import type { SimulatedChannel, SimulatedTopology } from './simulated-replication.js'

type Edge = readonly [follower: number, source: number]

const state = fc.constantFrom<SimulatedChannel['state']>('running', 'running', 'running', 'stuck', 'stopped')

function channels(edges: readonly Edge[]): fc.Arbitrary<readonly SimulatedChannel[]> {
  return fc
    .array(fc.record({ state, pace: fc.integer({ min: 1, max: 4 }) }), {
      minLength: edges.length,
      maxLength: edges.length
    })
    .map((states) =>
      edges.map(([follower, source], at) => ({ follower, source, state: 'running', pace: 1, ...states[at] }))
    )
}

function ring(servers: number): readonly Edge[] {
  return Array.from({ length: servers }, (_, at) => [at, (at + servers - 1) % servers] as const)
}

function everyoneToEveryone(servers: number): readonly Edge[] {
  const all = Array.from({ length: servers }, (_, at) => at)
  return all.flatMap((follower) => all.filter((at) => at !== follower).map((source) => [follower, source] as const))
}

/** Rings and chains either way; with GTIDs any topology, for they keep what comes twice apart; without, all to all if nobody relays. */
export const topology: fc.Arbitrary<SimulatedTopology> = fc.integer({ min: 2, max: 4 }).chain((servers) => {
  const chain = ring(servers).slice(1)
  const any = fc.subarray([...everyoneToEveryone(servers)], { minLength: 1 })
  const made = (edges: fc.Arbitrary<readonly Edge[]>, positions: 'gtid' | 'file', relays: boolean) =>
    edges.chain((each) => channels(each).map((all) => ({ servers, channels: all, positions, relays })))
  return fc.oneof(
    made(any, 'gtid', true),
    made(fc.constantFrom(ring(servers), chain), 'gtid', true),
    made(fc.constantFrom(ring(servers), chain), 'file', true),
    made(fc.constant(everyoneToEveryone(servers)), 'file', false)
  )
})
