import { describe, expect, test } from 'vitest'
import { brokenConnections, connectionsOf, outOfOrder } from '../../src/failover/connections.js'
import { answerOf, notApplied, stoppedAppliers } from '../../src/failover/judge.js'
import type { Subject } from '../../src/failover/lacking.js'
import { sharedLanes } from '../../src/failover/lanes.js'
import { lostServer } from '../../src/failover/lost-server.js'
import { pendingOf } from '../../src/failover/pending.js'
import { SeenGtids } from '../../src/failover/seen-gtids.js'
import { goOnBehind, stepOverStatements } from '../../src/failover/step-over.js'
import type { MasterConfig } from '../../src/model/config.js'
import type { FailoverReason } from '../../src/model/failover.js'
import { gtidSet, gtidSetText, parseGtidSet } from '../../src/model/gtid-set.js'
import { channel, state } from './states.js'

const RETURNED: Subject = { kind: 'returned', master: 'a', source: 'aa' }
const MYSQL = { vendor: 'mysql', replica: 'REPLICA' } as const

const reason = (id: FailoverReason['id']): FailoverReason => ({ id, masters: [], text: '' })

test('the answer is no for any reason, unknown for what could not be seen, and else yes', () => {
  expect(answerOf([])).toBe('yes')
  expect(answerOf([reason('could-not-look'), reason('not-applied')])).toBe('unknown')
  expect(answerOf([reason('could-not-look'), reason('lanes')])).toBe('no')
})

describe('the ways between masters', () => {
  const a = state('a', 'aa:1-5', { channels: [channel(3)] })
  const b = state('b', 'aa:1-3,bb:1', { channels: [channel(1)] })
  const c = state('c', 'aa:1-3,bb:1', { channels: [channel(2)] })

  test('are those of its channels, in a ring one each way', () => {
    const ways = connectionsOf([a, b, c], ['a', 'b', 'c'], RETURNED)
    expect(ways.map(({ follower, source }) => `${source.master} to ${follower.master}`)).toEqual(['c to a', 'a to b'])
  })

  test('are all there could be where nothing is set up', () => {
    const ways = connectionsOf([{ ...a, channels: [] }, b, c], ['a'], RETURNED)
    expect(ways.map(({ source }) => source.master)).toEqual(['b', 'c'])
  })

  test('are broken where a source has removed what is needed', () => {
    const ways = connectionsOf([a, b, c], ['a', 'b'], RETURNED)
    const earliest = new Map([
      ['a', parseGtidSet('aa:1-4')],
      ['c', parseGtidSet('aa:1-3')]
    ])
    expect(brokenConnections(ways, earliest)).toMatchObject([{ id: 'purged', masters: ['b', 'a'] }])
    expect(brokenConnections(ways, earliest)[0]?.text).toContain('(aa:4)')
  })

  test('are broken where the file of a position is gone', () => {
    const gone = { ...b, channels: [channel(1, { byFile: true, applied: { file: 'binlog.000009', offset: 4 } })] }
    const ways = connectionsOf([a, gone, c], ['b'], RETURNED)
    expect(brokenConnections(ways, new Map())).toMatchObject([{ id: 'position-gone', masters: ['b', 'a'] }])
  })
})

test('numbers that come late in their domain stop a strict MariaDB', () => {
  const strict = state('a', '', { vendor: 'mariadb', strict: true, has: gtidSet([['0-1', [0n, 57n]]]) })
  const late = new Map([['a', new Map([['0-2', 52n]])]])
  expect(outOfOrder([strict], late)).toMatchObject([{ id: 'out-of-order', masters: ['a'] }])
  expect(outOfOrder([strict], new Map([['a', new Map([['0-2', 58n]])]]))).toEqual([])
  expect(outOfOrder([strict], new Map([['a', new Map([['1-2', 3n]])]]))).toEqual([])
  expect(outOfOrder([{ ...strict, strict: false }], late)).toEqual([])
})

test.each([
  [2, 1, 2, 2, false],
  [2, 1, 2, 1, true],
  [1, 1, 1, 1, true],
  [4, 1, 2, 2, false],
  [4, 3, 2, 1, true],
  [3, 1, 2, 2, true],
  [2, 5, 2, 1, true]
])('lanes of width %i from %i and of width %i from %i meet: %s', (width, from, otherWidth, otherFrom, meet) => {
  const own = { master: 'a', increment: width, offset: from, readOnly: false }
  const other = { master: 'b', increment: otherWidth, offset: otherFrom, readOnly: false }
  expect(sharedLanes([own, other], 'a').length > 0).toBe(meet)
  expect(sharedLanes([own, { ...other, readOnly: true }], 'a')).toEqual([])
})

test('an applier that was stopped on purpose is none that has failed', () => {
  const failed = channel(2, { applierRunning: false, error: '1062 Duplicate entry' })
  const states = [
    state('a', '', { channels: [failed] }),
    state('b', '', { channels: [channel(1, { applierRunning: false })] })
  ]
  expect(stoppedAppliers(states)).toMatchObject([{ id: 'applier-stopped', masters: ['a'] }])
})

test('what is received and not applied is told, of a lost master only its own', () => {
  const pending = parseGtidSet('aa:4-5,bb:9')
  const b = state('b', 'aa:1-3', { pending, channels: [channel(1, { applierRunning: false, error: '1032 gone' })] })
  const found = pendingOf([b], { kind: 'lost', master: 'a', source: 'aa' })
  expect(found).toEqual([{ master: 'b', which: 'aa:4-5', stopped: '1032 gone' }])
  expect(notApplied(found)[0]?.text).toContain('start the applier first: 1032 gone')
})

test('a channel that does not number what it receives is behind by its positions, unless it is idle', () => {
  const behind = channel(1, { received: { file: 'binlog.000002', offset: 9 }, isIdle: false })
  const told = (each: typeof behind) => pendingOf([state('b', '', { channels: [each] })], RETURNED)
  expect(told(behind)).toMatchObject([{ which: 'binlog.000001:100 to binlog.000002:9' }])
  expect(told({ ...behind, isIdle: true })).toEqual([])
})

describe('the lost server', () => {
  const lost = { name: 'a', host: '10.0.0.1', port: 3306 } as MasterConfig
  const nothing = { serverId: null, uuid: null }
  const from = (id: number, host = '10.0.0.9') =>
    state('b', '', { channels: [channel(id, { sourceHost: host, sourceUuid: `u${id}` })] })

  test('is the one source of the survivors that is none of them', () => {
    expect(lostServer([from(7), state('c', '', { channels: [channel(2)] })], lost, nothing, 'gtid')).toBe('u7')
    expect(lostServer([from(7)], lost, nothing, 'position')).toBe('7')
  })

  test('is known by its address among several, or by what the user says', () => {
    const states = [from(7), from(8, '10.0.0.1')]
    expect(lostServer(states, lost, nothing, 'gtid')).toBe('u8')
    expect(lostServer([from(7), from(8)], lost, { serverId: 7, uuid: null }, 'gtid')).toBe('u7')
    expect(lostServer([state('b', '')], lost, { serverId: null, uuid: 'ABC' }, 'gtid')).toBe('abc')
  })

  test('is asked for where nothing tells', () => {
    expect(() => lostServer([from(7), from(8)], lost, nothing, 'gtid')).toThrow('several servers (7, 8)')
    expect(() => lostServer([state('b', '')], lost, nothing, 'gtid')).toThrow('no survivor has a channel')
  })
})

test('MySQL may log numbers in another order; of MariaDB the last one stands for all', () => {
  const mysql = new SeenGtids('mysql', parseGtidSet('aa:1-4'))
  for (const gtid of ['aa:1', 'aa:2', 'aa:4']) mysql.add(gtid)
  expect(mysql.isDone).toBe(false)
  expect(gtidSetText(mysql.lacking)).toBe('aa:3')
  mysql.add('aa:3')
  expect(mysql.isDone).toBe(true)
  const mariadb = new SeenGtids('mariadb', gtidSet([['0-1', [3n, 9n]]]))
  mariadb.add('0-1-5')
  expect(mariadb.isDone).toBe(false)
  mariadb.add('0-1-9')
  expect(mariadb.isDone).toBe(true)
})

test('transactions are stepped over one by one, by the position of their domain, or by a position behind them', () => {
  expect(stepOverStatements(state('b', ''), parseGtidSet('aa:7')).map(({ statement }) => statement)).toEqual([
    "SET GTID_NEXT = 'aa:7'",
    'BEGIN',
    'COMMIT',
    "SET GTID_NEXT = 'AUTOMATIC'"
  ])
  expect(stepOverStatements(state('b', ''), parseGtidSet('aa:1-999'))).toEqual([])
  const slavePosition = [
    { domain: 1, serverId: 1, sequence: 3n },
    { domain: 3, serverId: 3, sequence: 8n }
  ]
  const mariadb = state('b', '', { vendor: 'mariadb', strict: true, slavePosition, channels: [channel(1)] })
  expect(stepOverStatements(mariadb, gtidSet([['1-1', [4n, 6n]]])).map(({ statement }) => statement)).toEqual([
    'STOP SLAVE',
    'SET GLOBAL gtid_strict_mode = 0',
    "SET GLOBAL gtid_slave_pos = '1-1-6,3-3-8'",
    'SET GLOBAL gtid_strict_mode = 1'
  ])
  const source = state('a', '', { end: { file: 'binlog.000002', offset: 77 } })
  const statements = goOnBehind(MYSQL, state('b', '', { channels: [channel(1)] }), source)
  expect(statements.at(-1)?.statement).toBe(
    "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE = 'binlog.000002', SOURCE_LOG_POS = 77"
  )
})
