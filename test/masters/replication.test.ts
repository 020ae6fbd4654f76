import { describe, expect, test } from 'vitest'
import { type Break, type Channel, type Node, whyNotFollowing } from '../../src/masters/replication.js'

function channel(sourceServerId: number, other: Partial<Channel> = {}): Channel {
  return {
    name: '',
    sourceServerId,
    receiverRunning: true,
    applierRunning: true,
    error: null,
    applied: { file: 'bin.000001', offset: 4 },
    secondsBehind: 0,
    delay: 0,
    ...other
  }
}

/** Masters a, b, c, … with the server ids 1, 2, 3, … */
function masters(...channels: readonly (readonly Channel[])[]): readonly Node[] {
  return channels.map((each, at) => ({ name: 'abcd'.charAt(at), serverId: at + 1, channels: each }))
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

const STOPPED = { receiverRunning: false, applierRunning: false }

describe('a pair', () => {
  test('that replicates both ways follows both ways', () => {
    const nodes = masters([channel(2)], [channel(1)])
    expect(why(nodes, 'a', 'b')).toBeNull()
    expect(why(nodes, 'b', 'a')).toBeNull()
  })

  test('with one side stopped still follows the other way', () => {
    const nodes = masters([channel(2)], [channel(1, STOPPED)])
    expect(why(nodes, 'a', 'b')).toBeNull()
    expect(why(nodes, 'b', 'a')).toBe('on b, the replication applier has stopped')
  })

  test('without any channel says so', () => {
    expect(why(masters([], [channel(1)]), 'a', 'b')).toBe('a does not replicate from any server')
  })

  test('is told the error of an applier in the words of the server', () => {
    const failed = channel(1, { applierRunning: false, error: 'Duplicate entry' })
    expect(why(masters([], [failed]), 'b', 'a')).toBe('on b, the replication applier has stopped: Duplicate entry')
  })

  test('is told when only the receiver has stopped', () => {
    const failed = channel(1, { receiverRunning: false, error: 'cannot connect' })
    expect(why(masters([], [failed]), 'b', 'a')).toBe('on b, the replication receiver has stopped: cannot connect')
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
    expect(why(ring(STOPPED), follower, source)).toBe('on b, the replication applier has stopped')
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

describe('a server that is not among the masters', () => {
  test('may relay the writes', () => {
    expect(why(masters([channel(9)], [channel(9)]), 'b', 'a')).toBeNull()
  })

  test('relays nothing over a channel that has stopped', () => {
    expect(why(masters([channel(9)], [channel(9, STOPPED)]), 'b', 'a')).toContain('on b')
  })
})
