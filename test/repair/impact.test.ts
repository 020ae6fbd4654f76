import { describe, expect, test } from 'vitest'
import type { TableFacts, Verb } from '../../src/masters/table-facts.js'
import type { WriteAccess } from '../../src/masters/write-access.js'
import { masterObstacles, tableObstacles, unauditedReplicas } from '../../src/repair/look/impact.js'
import { tableFacts } from './facts.js'

const OPEN: WriteAccess = {
  readOnly: false,
  closedBy: null,
  cluster: null,
  logsBinlog: true,
  passesOver: null,
  binlogFormat: 'ROW',
  replicas: [
    { serverId: 2, host: '', port: 3306 },
    { serverId: 7, host: 'reports', port: 3307 },
    { serverId: 8, host: '', port: 3306 }
  ]
}

describe('a master', () => {
  const audited = new Set([1, 2])
  const look = (about: Partial<WriteAccess>, allowReadOnly = false, viaReplication = false) =>
    masterObstacles('a', { ...OPEN, ...about }, audited, { allowReadOnly, viaReplication })

  test('is written to, with a warning that names the servers that will not see it', () => {
    expect(look({})).toEqual({
      refused: null,
      warnings: ['servers that replicate from a will not see its repair: reports:3307 (server id 7), server id 8']
    })
    expect(unauditedReplicas(OPEN, audited).map(({ serverId }) => serverId)).toEqual([7, 8])
  })

  test.each([
    ['no server replicates from it', { replicas: [] }, 0],
    ['it writes no binlog', { logsBinlog: false }, 0],
    ['it passes over errors', { replicas: [], passesOver: 'slave_exec_mode = IDEMPOTENT' }, 1],
    ['the account may not know', { replicas: null }, 1]
  ])('has %3$i warnings when %s', (_, about, count) => {
    expect(look(about).warnings).toHaveLength(count)
  })

  test('whose writes are logged needs no warning', () => {
    expect(look({}, false, true).warnings).toEqual([])
  })

  test('that is read only is refused, unless that was allowed, which is said', () => {
    expect(look({ readOnly: true }).refused).toContain('--allow-read-only')
    expect(look({ readOnly: true }, true)).toMatchObject({
      refused: null,
      warnings: [expect.stringContaining('read_only'), expect.stringContaining('replicate')]
    })
    expect(look({ readOnly: true, closedBy: 'super_read_only' }, true).refused).toContain('super_read_only')
  })

  test('of a cluster is refused, with what to do instead', () => {
    expect(look({ cluster: { kind: 'galera', state: null } }, true).refused).toMatch(/^a is a Galera node: .*SST/)
    expect(look({ cluster: { kind: 'group-replication', state: 'OFFLINE' } }).refused).toMatch(/\(OFFLINE\).*clone/)
  })
})

describe('a table', () => {
  const look = (about: Partial<TableFacts>, verbs: readonly Verb[], allowTriggers = false) =>
    tableObstacles(tableFacts('teams', about), new Set(verbs), { allowTriggers }, true)
  const triggers = [
    { name: 'stamp', verb: 'UPDATE' as const, timing: 'BEFORE' },
    { name: 'copy', verb: 'INSERT' as const, timing: 'AFTER' }
  ]

  test('without peculiarities is written', () => {
    expect(look({}, ['INSERT', 'UPDATE', 'DELETE'])).toEqual({ refused: null, warnings: [] })
  })

  test.each<[string, Partial<TableFacts>, readonly Verb[], RegExp | null]>([
    ['has no transactions', { engine: 'MyISAM', transactional: false }, ['UPDATE'], /MyISAM/],
    ['keeps its history', { systemVersioned: true }, ['UPDATE'], /system versioned/],
    ['has a trigger for a verb', { triggers }, ['UPDATE', 'DELETE'], /stamp \(BEFORE UPDATE\); write/],
    ['has triggers for other verbs', { triggers }, ['DELETE'], null],
    ['may have triggers', { triggersVisible: false }, ['UPDATE'], /TRIGGER/],
    ['may have children', { childrenVisible: false }, ['DELETE'], /SELECT on/],
    ['may have children that an insert does not touch', { childrenVisible: false }, ['INSERT'], null]
  ])('that %s', (_, about, verbs, refused) => {
    const found = look(about, verbs).refused
    if (refused === null) expect(found).toBeNull()
    else expect(found).toMatch(refused)
  })

  test('with triggers is written when that was allowed, also when they are not seen', () => {
    const allowed = look({ triggers, triggersVisible: false }, ['UPDATE'], true)
    expect(allowed.refused).toBeNull()
    expect(allowed.warnings).toEqual([
      expect.stringMatching(/^triggers run: stamp \(BEFORE UPDATE\); .* not taken back/)
    ])
    expect(look({ triggers }, ['DELETE'], true).warnings).toEqual([])
  })

  test('with unique keys that cannot be searched says so', () => {
    const blind = { uniqueKeys: [{ name: 'head', columns: ['note'], lookable: false }] }
    expect(look(blind, ['INSERT', 'DELETE']).warnings).toEqual([expect.stringContaining('head')])
    expect(look(blind, ['DELETE']).warnings).toEqual([])
  })
})
