import { describe, expect, test } from 'vitest'
import type { StoppedApplier } from '../../src/doctor/unblock/find-stopped.js'
import { findStopped } from '../../src/doctor/unblock/find-stopped.js'
import { standsStill } from '../../src/doctor/unblock/step.js'
import { stepOverStatements, whyNotAllowed, whyNotExactly } from '../../src/doctor/unblock/step-over.js'
import type { ChannelFacts } from '../../src/masters/channel-facts.js'
import { Grants } from '../../src/masters/grants.js'
import { channel, MYSQL, masters, type Told } from './masters.js'

const failed = (errno: number, gtid: string | null = null) => ({ errno, message: `error ${errno}`, gtid })

function stoppedOn(told: Told, about: Partial<ChannelFacts> = {}): StoppedApplier {
  const value = [channel(1, { applierRunning: false, applierError: failed(1062), ...about })]
  const [found] = findStopped(masters({}, { ...told, parts: { channels: { value }, ...told.parts } }))
  if (found === undefined) throw new Error('nothing has stopped')
  return found
}

describe('stopped appliers', () => {
  test('are those that stopped at a row, with the master they apply writes of', () => {
    expect(stoppedOn({})).toMatchObject({ facts: { info: { name: 'b' } }, source: { info: { name: 'a' } } })
    expect(stoppedOn({}, { sourceServerId: 77 }).source).toBeNull()
    const others = [
      channel(1),
      channel(1, { applierRunning: false }),
      channel(1, { applierRunning: false, applierError: failed(1146) }),
      channel(1, { applierError: failed(1062) })
    ]
    for (const each of others) expect(findStopped(masters({}, { parts: { channels: { value: [each] } } }))).toEqual([])
  })

  test('stand still while nothing about where and why has changed', () => {
    const stopped = stoppedOn({}, { applierError: failed(1062, 'u:1') })
    const { channel: before } = stopped
    expect(standsStill(stopped, before)).toBe(true)
    expect(standsStill(stopped, { ...before, applierRunning: true })).toBe(false)
    expect(standsStill(stopped, { ...before, applied: { ...before.applied, offset: 999 } })).toBe(false)
    expect(standsStill(stopped, { ...before, applied: { ...before.applied, file: 'binlog.000002' } })).toBe(false)
    expect(standsStill(stopped, { ...before, applierError: failed(1032, 'u:1') })).toBe(false)
    expect(standsStill(stopped, { ...before, applierError: failed(1062, 'u:2') })).toBe(false)
  })
})

describe('stepping over exactly one transaction', () => {
  const statements = (told: Told, gtid: string | null, about: Partial<ChannelFacts> = {}) => {
    const { facts, channel } = stoppedOn(told, about)
    return stepOverStatements(facts, channel, gtid)
  }

  test('is an empty one under its GTID on MySQL', () => {
    expect(statements({ version: MYSQL }, 'u:7', { name: 'c' })).toEqual([
      "SET GTID_NEXT = 'u:7'",
      'BEGIN',
      'COMMIT',
      "SET GTID_NEXT = 'AUTOMATIC'",
      "START REPLICA SQL_THREAD FOR CHANNEL 'c'"
    ])
  })

  test('is a counter without GTIDs, and on MariaDB', () => {
    expect(statements({ version: MYSQL }, null)).toEqual([
      'SET GLOBAL sql_replica_skip_counter = 1',
      'START REPLICA SQL_THREAD'
    ])
    expect(statements({}, '1-1-7', { name: 'c' })).toEqual([
      "SET default_master_connection = 'c'",
      'SET GLOBAL sql_slave_skip_counter = 1',
      "START SLAVE 'c' SQL_THREAD"
    ])
  })

  const why = (told: Told, gtid: string | null, about: Partial<ChannelFacts> = {}) => {
    const { facts, channel } = stoppedOn(told, about)
    return whyNotExactly(facts, channel, gtid)
  }

  test('cannot be done where workers may have gone ahead', () => {
    const parallel = { variables: { slave_parallel_threads: '8' } }
    expect(why({}, '1-1-7')).toBeNull()
    expect(why(parallel, '1-1-7')).toContain('8 workers at once')
    const unordered = { version: MYSQL, variables: { replica_preserve_commit_order: 'OFF' } }
    expect(why(unordered, null)).toContain('4 workers at once')
    expect(why(unordered, 'u:7')).toBeNull()
    expect(why({ version: MYSQL }, null)).toBeNull()
    expect(why({ version: MYSQL }, 'u:7', { failedWorkers: 2 })).toContain('2 of its workers have failed')
  })

  test('takes an account that may', () => {
    const allowed = (...grants: readonly string[]) =>
      whyNotAllowed(stoppedOn({ parts: { grants: { value: new Grants(grants) } } }).facts)
    expect(allowed('GRANT ALL PRIVILEGES ON *.* TO `m`@`%`')).toBeNull()
    expect(allowed('GRANT SUPER ON *.* TO `m`@`%`')).toBeNull()
    expect(allowed('GRANT SELECT ON *.* TO `m`@`%`')).toContain(
      "GRANT SUPER, REPLICATION SLAVE ADMIN ON *.* TO 'mmaudit'"
    )
  })
})
