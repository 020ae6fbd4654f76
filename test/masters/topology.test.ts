import { describe, expect, test } from 'vitest'
import type { Channel } from '../../src/masters/replication.js'
import { type Break, delayOf, type Node, whyNotFollowing } from '../../src/masters/topology.js'

function channel(sourceServerId: number, other: Partial<Channel> = {}): Channel {
  return {
    name: '',
    sourceServerId,
    receiver: 'running',
    applierRunning: true,
    error: null,
    downtime: null,
    byFile: false,
    applied: { file: 'bin.000001', offset: 4 },
    secondsBehind: 0,
    delay: 0,
    ...other
  }
}

/** Masters a, b, c, … with the server ids 1, 2, 3, … */
function masters(...channels: readonly (readonly Channel[])[]): readonly Node[] {
  return channels.map((each, at) => ({
    name: 'abcd'.charAt(at),
    serverId: at + 1,
    relays: true,
    group: null,
    channels: each
  }))
}

/** Why the writes of `source` do not get to `follower`. */
function why(nodes: readonly Node[], follower: string, source: string): string | null {
  return breakOf(nodes, follower, source)?.reason ?? null
}

function breakOf(nodes: readonly Node[], follower: string, source: string): Break | null {
  const [to, from] = [follower, source].map((name) => nodes.find((node) => node.name === name))
  if (to === undefined || from === undefined) throw new Error('no such master')
  return whyNotFollowing(nodes, to, from)
}

test('a channel that stands still is told from one that does not exist', () => {
  expect(breakOf(masters([], [channel(1, STOPPED)]), 'b', 'a')).toMatchObject({ kind: 'stopped' })
  expect(breakOf(masters([], [channel(1)]), 'a', 'b')).toMatchObject({ kind: 'apart' })
  expect(breakOf(masters([channel(2)], [channel(3, STOPPED)], []), 'a', 'c')).toMatchObject({ kind: 'stopped' })
})

/** As `STOP REPLICA` leaves it. */
const STOPPED = { receiver: 'stopped', applierRunning: false } as const
const UNKNOWN_TIME = ' (the server does not tell since when)'

describe('a pair', () => {
  test('that replicates both ways follows both ways', () => {
    const nodes = masters([channel(2)], [channel(1)])
    expect(why(nodes, 'a', 'b')).toBeNull()
    expect(why(nodes, 'b', 'a')).toBeNull()
  })

  test('with one side stopped still follows the other way', () => {
    const nodes = masters([channel(2)], [channel(1, STOPPED)])
    expect(why(nodes, 'a', 'b')).toBeNull()
    expect(why(nodes, 'b', 'a')).toBe(`on b, the replication applier has stopped${UNKNOWN_TIME}`)
  })

  test('without any channel says so', () => {
    expect(why(masters([], [channel(1)]), 'a', 'b')).toBe('a does not replicate from any server')
  })

  const sinceNoon = { since: 'failed', at: '2026-01-02 12:00:00' } as const

  test.each<[string, Partial<Channel>, string]>([
    [
      'an applier that failed',
      { applierRunning: false, error: '1062 Duplicate entry', downtime: sinceNoon },
      'the replication applier has stopped since 2026-01-02 12:00:00 UTC: 1062 Duplicate entry'
    ],
    [
      'an applier that somebody stopped',
      { ...STOPPED, downtime: { since: 'applied', at: '2026-01-02 12:00:00' } },
      'the replication applier has stopped since some time after 2026-01-02 12:00:00 UTC, when it applied its last transaction'
    ],
    [
      'a receiver that gave up',
      { receiver: 'stopped', error: '1236 no such binlog', downtime: sinceNoon },
      'the replication receiver has stopped since 2026-01-02 12:00:00 UTC: 1236 no such binlog'
    ],
    [
      'a receiver that tries in vain',
      { receiver: 'failing', error: '1045 Access denied', downtime: { since: 'heard', at: '2026-01-02 12:00:00' } },
      'the replication receiver is not connected to its source since some time after 2026-01-02 12:00:00 UTC, when it last heard from it: 1045 Access denied'
    ],
    ['a channel of which nothing is known', STOPPED, `the replication applier has stopped${UNKNOWN_TIME}`]
  ])('is told of %s', (_, state, expected) => {
    expect(why(masters([], [channel(1, state)]), 'b', 'a')).toBe(`on b, ${expected}`)
  })

  test('may follow while a receiver connects, and nothing is wrong yet', () => {
    expect(why(masters([channel(2)], [channel(1, { receiver: 'connecting' })]), 'b', 'a')).toBeNull()
  })
})

describe('a ring of three', () => {
  const ring = (other: Partial<Channel> = {}) => masters([channel(3)], [channel(1, other)], [channel(2)])

  test('carries writes all the way round', () => {
    const nodes = ring()
    for (const follower of 'abc') {
      for (const source of 'abc') if (source !== follower) expect(why(nodes, follower, source)).toBeNull()
    }
  })

  test.each([
    ['b', 'a'],
    ['b', 'c'],
    ['c', 'a']
  ])('stopped on b keeps from %s the writes of %s', (follower, source) => {
    expect(why(ring(STOPPED), follower, source)).toBe(`on b, the replication applier has stopped${UNKNOWN_TIME}`)
  })

  test.each([
    ['a', 'b'],
    ['a', 'c'],
    ['c', 'b']
  ])('stopped on b still brings %s the writes of %s', (follower, source) => {
    expect(why(ring(STOPPED), follower, source)).toBeNull()
  })
})

describe('several channels', () => {
  test('need only one that leads there', () => {
    expect(why(masters([], [channel(3), channel(1)], [channel(2)]), 'b', 'a')).toBeNull()
  })

  test('may lead there round a channel that has stopped', () => {
    const nodes = masters([channel(2)], [channel(1, STOPPED), channel(3)], [channel(1)])
    expect(why(nodes, 'b', 'a')).toBeNull()
  })

  test('of servers that only follow each other do not lead there', () => {
    expect(why(masters([], [channel(3)], [channel(2)]), 'b', 'a')).toBe('b does not receive the writes of a')
  })
})

describe('a server that does not pass on what it applies', () => {
  test('leads nowhere but from itself', () => {
    const nodes = masters([channel(2)], [channel(1, STOPPED), channel(3)], [channel(1)])
    const deaf = nodes.map((node) => ({ ...node, relays: node.name !== 'c' }))
    expect(why(deaf, 'b', 'a')).toContain('on b, the replication applier has stopped')
    expect(why(deaf, 'b', 'c')).toBeNull()
  })
})

describe('members of one group', () => {
  const group = (nodes: readonly Node[], members: string) =>
    nodes.map((node) => ({ ...node, group: members.includes(node.name) ? 'g' : null }))

  test('hear of each other without a channel', () => {
    const nodes = group(masters([], [], []), 'ab')
    expect(why(nodes, 'a', 'b')).toBeNull()
    expect(why(nodes, 'b', 'a')).toBeNull()
    expect(why(nodes, 'c', 'a')).toBe('c does not replicate from any server')
    expect(why(nodes, 'a', 'c')).toBe('a does not receive the writes of c')
  })

  test('are one source to a server beside them, and one follower', () => {
    const nodes = group(masters([channel(3)], [], [channel(1, { delay: 5 })]), 'ab')
    expect(why(nodes, 'c', 'b')).toBeNull()
    expect(why(nodes, 'b', 'c')).toBeNull()
    const [, b, c] = nodes
    if (b === undefined || c === undefined) throw new Error('no such master')
    expect(delayOf(nodes, c, b).seconds).toBe(5)
  })
})

describe('a server that is not among the masters', () => {
  test('may relay the writes', () => {
    expect(why(masters([channel(9)], [channel(9)]), 'b', 'a')).toBeNull()
  })

  test('relays nothing over a channel that has stopped', () => {
    expect(why(masters([channel(9)], [channel(9, STOPPED)]), 'b', 'a')).toContain('on b')
  })
})

describe('the delay between two servers', () => {
  function delay(nodes: readonly Node[], follower: string, source: string) {
    const [to, from] = [follower, source].map((name) => nodes.find((node) => node.name === name))
    if (to === undefined || from === undefined) throw new Error('no such master')
    return delayOf(nodes, to, from)
  }

  test('is that of the channel between them', () => {
    const nodes = masters([channel(2)], [channel(1, { delay: 60 })])
    expect(delay(nodes, 'b', 'a')).toEqual({
      seconds: 60,
      reason: 'b applies the writes of a 60 s late, on purpose'
    })
    expect(delay(nodes, 'a', 'b').seconds).toBe(0)
  })

  test('adds up along a chain, and the longest is named', () => {
    const chain = masters([], [channel(1, { delay: 60 })], [channel(2)], [channel(3, { delay: 5 })])
    expect(delay(chain, 'd', 'a')).toEqual({
      seconds: 65,
      reason: 'b applies the writes of a 60 s late, on purpose'
    })
    expect(delay(chain, 'd', 'b').seconds).toBe(5)
  })

  test('is that of the shortest of several ways that run', () => {
    const direct = channel(1, { delay: 60 })
    const nodes = (other: Partial<Channel>) => masters([], [channel(1)], [direct, channel(2, { delay: 5, ...other })])
    expect(delay(nodes({}), 'c', 'a').seconds).toBe(5)
    expect(delay(nodes(STOPPED), 'c', 'a').seconds).toBe(60)
  })

  test('is none where a server that is not known may relay', () => {
    expect(delay(masters([], [channel(9), channel(1, { delay: 60 })]), 'b', 'a').seconds).toBe(0)
    expect(delay(masters([], [channel(9, { delay: 7 })]), 'b', 'a').reason).toBe(
      'b applies the writes of server 9 7 s late, on purpose'
    )
  })
})
