import { describe, expect, test } from 'vitest'
import { findAll } from '../../src/doctor/checks/all.js'
import type { MasterFacts } from '../../src/doctor/facts.js'
import { Grants } from '../../src/masters/grants.js'
import type { Finding } from '../../src/model/doctor.js'
import { foreignKey, tableFacts } from '../repair/facts.js'
import { documentedFindings } from './documented.js'
import { channel, examined, MARIADB, MYSQL, masters, type Told } from './masters.js'

const LIMITS = { auditInterval: 86_400, confirmTimeout: 30 }
/** Everything that was found by any test. */
const everFound = new Set<string>()
function find(facts: readonly MasterFacts[]): readonly Finding[] {
  const found = findAll(facts, LIMITS)
  for (const { id } of found) everFound.add(id)
  return found
}
const idsOf = (findings: readonly Finding[]) => findings.map(({ id }) => id).toSorted()
const told = (findings: readonly Finding[], id: string) => findings.filter((each) => each.id === id)
const statements = (findings: readonly Finding[], id: string) =>
  told(findings, id).flatMap(({ mend }) => mend.map(({ master, statement }) => `${master}: ${statement}`))

test.each([
  ['two of MariaDB', [{}, {}]],
  ['two of MySQL', [{ version: MYSQL }, { version: MYSQL }]],
  ['three in a ring', [{}, {}, {}]]
])('healthy masters have no findings: %s', (_, each: readonly Told[]) => {
  expect(find(masters(...each))).toEqual([])
})

/** One thing that is wrong with `b`, and what it is to be found as. */
const WRONG: readonly (readonly [id: string, severity: string, told: Told])[] = [
  ['lane-offset-equal', 'danger', { variables: { auto_increment_offset: '1' } }],
  ['lane-increment-differs', 'danger', { variables: { auto_increment_increment: '4' } }],
  ['lane-offset-range', 'danger', { variables: { auto_increment_offset: '4' } }],
  ['server-id-clash', 'danger', { serverId: 1, variables: { gtid_domain_id: '2' } }],
  ['uuid-clash', 'danger', { identity: 'uuid of a' }],
  ['exec-mode', 'danger', { variables: { slave_exec_mode: 'IDEMPOTENT' } }],
  ['skip-errors', 'danger', { variables: { slave_skip_errors: '1062,1032' } }],
  ['skip-counter', 'danger', { parts: { channels: { value: [channel(1, { skipCounter: 2 })] } } }],
  ['binlog-filter', 'danger', { parts: { binlog: { value: { doDb: 'shop', ignoreDb: '' } } } }],
  ['binlog-filter', 'danger', { parts: { binlog: { value: { doDb: '', ignoreDb: 'test' } } } }],
  [
    'replicate-filter',
    'danger',
    { parts: { channels: { value: [channel(1, { filters: { Replicate_Do_DB: 'x' } })] } } }
  ],
  ['binlog-off', 'danger', { variables: { log_bin: 'OFF' } }],
  ['binlog-format', 'danger', { variables: { binlog_format: 'MIXED' } }],
  ['row-image', 'warning', { variables: { binlog_row_image: 'NOBLOB' } }],
  ['row-value-options', 'warning', { variables: { binlog_row_value_options: 'PARTIAL_JSON' } }],
  ['replica-updates', 'warning', { variables: { log_slave_updates: 'OFF' } }],
  ['sync-binlog', 'warning', { variables: { sync_binlog: '1000' } }],
  ['flush-log', 'warning', { variables: { innodb_flush_log_at_trx_commit: '2' } }],
  ['binlog-retention', 'warning', { variables: { binlog_expire_logs_seconds: '3600' } }],
  ['binlog-retention', 'warning', { variables: { binlog_expire_logs_seconds: '0', expire_logs_days: '0.5' } }],
  ['gtid-strict-off', 'warning', { variables: { gtid_strict_mode: 'OFF' } }],
  ['gtid-domain-shared', 'danger', { variables: { gtid_domain_id: '1' } }],
  ['channel-by-file', 'warning', { parts: { channels: { value: [channel(1, { byFile: true })] } } }],
  ['read-only', 'info', { variables: { read_only: 'ON' } }],
  ['charset-differs', 'warning', { variables: { character_set_server: 'latin1' } }],
  ['collation-differs', 'warning', { variables: { collation_server: 'utf8mb4_bin' } }],
  ['lower-case-differs', 'danger', { variables: { lower_case_table_names: '1' } }],
  ['version-differs', 'info', { version: '10.11.7-MariaDB' }],
  ['version-differs', 'warning', { version: '11.8.1-MariaDB' }],
  ['lag', 'warning', { parts: { channels: { value: [channel(1, { secondsBehind: 31 })] } } }],
  ['delayed', 'warning', { parts: { channels: { value: [channel(1, { delay: 60, secondsBehind: 60 })] } } }],
  ['receiver-stopped', 'danger', { parts: { channels: { value: [channel(1, { receiver: 'stopped' })] } } }],
  ['applier-stopped', 'danger', { parts: { channels: { value: [channel(1, { applierRunning: false })] } } }],
  ['channel-unencrypted', 'warning', { parts: { channels: { value: [channel(1, { encrypted: false })] } } }],
  [
    'channel-unencrypted',
    'info',
    { parts: { channels: { value: [channel(1, { encrypted: false, sourceHost: '127.0.0.1' })] } } }
  ],
  ['replicas-below', 'info', { parts: { followers: { value: [{ serverId: 9, host: 'r', port: 3306 }] } } }],
  [
    'table-without-transactions',
    'warning',
    table({ facts: tableFacts('t', { transactional: false, engine: 'Aria' }) })
  ],
  [
    'triggers',
    'info',
    table({ facts: tableFacts('t', { triggers: [{ name: 'x', verb: 'UPDATE', timing: 'AFTER' }] }) })
  ],
  [
    'cascades',
    'info',
    table({ facts: tableFacts('t', { children: [foreignKey('f', 'c', ['t'], 't', ['id'], { onDelete: 'CASCADE' })] }) })
  ],
  ['unreadable', 'unknown', { parts: { clock: { problem: 'no time' } } }],
  ['unreadable', 'unknown', table({ facts: tableFacts('t', { triggersVisible: false }) })],
  ['counter-behind', 'danger', table({ ids: ids({ greatest: 40n, next: 40n }) })],
  ['ids-exhausted', 'danger', table({ ids: ids({ greatest: 126n, next: 128n }) })],
  ['ids-exhausted', 'danger', table({ ids: ids({ greatest: 127n, next: 127n }) })]
]

function table(about: Parameters<typeof examined>[1]): Told {
  return { parts: { tables: { value: [examined('t', about)] } } }
}

function ids(about: { readonly greatest: bigint; readonly next: bigint | null }) {
  return { column: 'id', most: 127n, remainders: new Map([[0, 1]]), ...about }
}

test.each(WRONG)('%s is a finding (%s)', (id, severity, wrong) => {
  const found = find(masters({}, wrong))
  expect(idsOf(found)).toEqual([id])
  expect(found[0]).toMatchObject({ severity, masters: expect.arrayContaining(['b']) })
  for (const text of [found[0]?.what, found[0]?.cause, found[0]?.danger]) expect(text).toMatch(/\S/)
})

describe('lanes', () => {
  const off = { variables: { auto_increment_increment: '1', auto_increment_offset: '1' } }

  test('fewer than masters are a danger while more than one master takes writes', () => {
    expect(told(find(masters(off, off)), 'lane-increment')).toMatchObject([{ severity: 'danger', masters: ['a', 'b'] }])
    const passive = { variables: { ...off.variables, read_only: 'ON' } }
    expect(told(find(masters(off, passive)), 'lane-increment')).toMatchObject([{ severity: 'warning' }])
  })

  test('are mended by one for each master', () => {
    expect(statements(find(masters(off, off)), 'lane-increment')).toEqual([
      'a: SET GLOBAL auto_increment_increment = 2',
      'b: SET GLOBAL auto_increment_increment = 2',
      'b: SET GLOBAL auto_increment_offset = 2'
    ])
    const mysql = { version: MYSQL, ...off }
    expect(statements(find(masters(mysql, mysql)), 'lane-increment')[0]).toBe(
      'a: SET PERSIST auto_increment_increment = 2'
    )
  })

  test('may be more than masters; ids in the others belong to nobody', () => {
    const wide = (remainder: number): Told => ({
      variables: { auto_increment_increment: '3' },
      ...table({ ids: { column: 'id', greatest: 9n, next: 10n, most: null, remainders: new Map([[remainder, 4]]) } })
    })
    expect(find(masters(wide(1), wide(2)))).toEqual([])
    expect(told(find(masters(wide(1), wide(0))), 'lane-foreign-ids')).toMatchObject([
      { masters: ['b'], what: "shop.t: 4 of the newest ids of id lie in no master's lane" }
    ])
  })
})

describe('appliers', () => {
  const stopped = (errno: number): Told => ({
    parts: {
      channels: {
        value: [channel(1, { applierRunning: false, applierError: { errno, message: 'no', gtid: null } })]
      }
    }
  })

  test.each([1062, 1032])('that stopped with %d are not simply started again', (errno) => {
    expect(statements(find(masters({}, stopped(errno))), 'applier-stopped')).toEqual([])
  })

  test('that stopped for another reason are', () => {
    expect(statements(find(masters({}, stopped(1146))), 'applier-stopped')).toEqual(['b: START SLAVE SQL_THREAD'])
  })

  test('lag counts without what is held back on purpose', () => {
    const late = { parts: { channels: { value: [channel(1, { delay: 100, secondsBehind: 120 })] } } }
    expect(idsOf(find(masters({}, late)))).toEqual(['delayed'])
  })

  test('are missed between masters that both take writes, and not below one that takes none', () => {
    const alone = { parts: { channels: { value: [] } } }
    expect(idsOf(find(masters(alone, {})))).toEqual(['not-replicating', 'writable-replica'])
    expect(idsOf(find(masters(alone, { variables: { read_only: 'ON' } })))).toEqual(['read-only'])
  })
})

describe('transactions that can never arrive', () => {
  const gtids = (own: string, purged = '', applied = '') => ({ gtids: { value: { own, purged, applied } } })
  const alone = { channels: { value: [] } }

  test('are those of a server that nobody replicates from', () => {
    const source = { version: MYSQL, parts: { ...alone, ...gtids('aa:1-9') } }
    const replica = { version: MYSQL, variables: { read_only: 'ON' }, parts: gtids('aa:1-8,bb:1-2') }
    const found = find(masters(source, replica))
    expect(told(found, 'errant-transactions')).toMatchObject([{ masters: ['b', 'a'], severity: 'danger' }])
    expect(statements(found, 'errant-transactions').slice(0, 4)).toEqual([
      "a: SET GTID_NEXT = 'bb:1'",
      'a: BEGIN',
      'a: COMMIT',
      "a: SET GTID_NEXT = 'AUTOMATIC'"
    ])
  })

  test('are those whose binlogs are gone, also where replication runs', () => {
    const holder = { version: MYSQL, parts: gtids('aa:1-9', 'aa:1-5') }
    expect(
      told(find(masters(holder, { version: MYSQL, parts: gtids('aa:1-3') })), 'errant-transactions')
    ).toMatchObject([{ what: expect.stringContaining('aa:4-5') }])
    expect(find(masters(holder, { version: MYSQL, parts: gtids('aa:1-5') }))).toEqual([])
  })

  test('are told by domains on MariaDB', () => {
    const source = { parts: { ...alone, ...gtids('1-1-9') } }
    const replica = (own: string) => ({ variables: { read_only: 'ON' }, parts: gtids(own, '', '1-1-9') })
    expect(idsOf(find(masters(source, replica('1-1-9'))))).toEqual(['read-only'])
    expect(told(find(masters(source, replica('1-1-9,2-2-4'))), 'errant-transactions')[0]?.what).toContain('2-2-4')
  })
})

test('servers below a master must not have one server_id, nor its own', () => {
  const below = (...ids: readonly number[]): Told => ({
    parts: { followers: { value: ids.map((serverId) => ({ serverId, host: '', port: 0 })) } }
  })
  expect(idsOf(find(masters({}, below(8, 9))))).toEqual(['replicas-below'])
  for (const ids of [[9, 9], [2]]) {
    expect(told(find(masters({}, below(...ids))), 'follower-id-clash')).toMatchObject([
      { severity: 'danger', masters: ['b'] }
    ])
  }
})

describe('GTIDs', () => {
  test('need statements that one of them can stand for', () => {
    const lax = { version: MYSQL, variables: { enforce_gtid_consistency: 'WARN' } }
    const found = find(masters({ version: MYSQL }, lax))
    expect(found).toMatchObject([{ id: 'gtid-consistency', severity: 'warning', masters: ['b'] }])
  })

  test('go on one step at a time', () => {
    const mode = (value: string) => ({ version: MYSQL, variables: { gtid_mode: value } })
    const next = (value: string) => statements(find(masters(mode(value), mode(value))), 'gtid-mode')[0]
    expect(next('OFF')).toBe('a: SET PERSIST gtid_mode = OFF_PERMISSIVE')
    expect(next('OFF_PERMISSIVE')).toBe('a: SET PERSIST gtid_mode = ON_PERMISSIVE')
    expect(next('ON_PERMISSIVE')).toBe('a: SET PERSIST gtid_mode = ON')
  })

  test('on some masters only stop replication', () => {
    const found = find(masters({ version: MYSQL }, { version: MYSQL, variables: { gtid_mode: 'OFF' } }))
    expect(idsOf(found)).toEqual(['gtid-mode', 'gtid-mode-differs'])
  })

  test('get domains that are free', () => {
    const one = { variables: { gtid_domain_id: '1' } }
    expect(statements(find(masters(one, one)), 'gtid-domain-shared')).toEqual(['b: SET GLOBAL gtid_domain_id = 2'])
  })
})

describe('what should be alike', () => {
  test('sql_mode is compared without its order, and becomes the strict one', () => {
    const modes = (left: string, right: string) =>
      find(masters({ variables: { sql_mode: left } }, { variables: { sql_mode: right } }))
    expect(modes('STRICT_ALL_TABLES,ANSI', 'ANSI,STRICT_ALL_TABLES')).toEqual([])
    const lax = modes('', 'STRICT_ALL_TABLES')
    expect(idsOf(lax)).toEqual(['sql-mode-differs', 'sql-mode-lax'])
    for (const id of idsOf(lax)) expect(statements(lax, id)).toEqual(['a: SET GLOBAL sql_mode = STRICT_ALL_TABLES'])
  })

  test('clocks and zones are judged as for a repair', () => {
    const clock = (name: string, about: object) => ({
      parts: { clock: { value: { master: name, clock: 0, before: 0, after: 0, zone: 'UTC', offsets: '0', ...about } } }
    })
    expect(idsOf(find(masters(clock('a', {}), clock('b', { clock: 5000 }))))).toEqual(['clock-skew'])
    expect(idsOf(find(masters(clock('a', {}), clock('b', { offsets: '60', zone: 'CET' }))))).toEqual([
      'time-zone-differs'
    ])
  })
})

describe('accounts', () => {
  const account = (...grants: readonly string[]): Told => ({
    parts: { grants: { value: new Grants(grants) }, ...table({}).parts }
  })
  const AUDIT = 'GRANT SELECT, BINLOG MONITOR, SLAVE MONITOR, REPLICATION SLAVE ON *.* TO `m`@`%`'

  test('for audits cannot repair, which is as it should be', () => {
    const found = find(masters(account(AUDIT), account(AUDIT)))
    expect(found).toMatchObject([{ id: 'repair-account', severity: 'info', masters: ['a', 'b'], mend: [] }])
  })

  test('for repairs lack something, and get it', () => {
    const found = find(masters({}, account(AUDIT, 'GRANT INSERT, UPDATE, DELETE ON `shop`.* TO `m`@`%`')))
    expect(found).toMatchObject([{ id: 'repair-account', severity: 'warning' }])
    expect(statements(found, 'repair-account')).toEqual([
      "b: GRANT BINLOG ADMIN, REPLICATION MASTER ADMIN ON *.* TO 'mmaudit'@'<host>'",
      "b: GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON `shop`.* TO 'mmaudit'@'<host>'"
    ])
  })

  test('may not read rows or binlogs', () => {
    const found = find(
      masters({}, account('GRANT BINLOG MONITOR ON *.* TO `m`@`%`', 'GRANT INSERT ON `shop`.* TO `m`@`%`'))
    )
    expect(idsOf(found)).toEqual(['audit-account', 'evidence-account', 'repair-account'])
  })
})

describe('clusters', () => {
  const member = (kind: 'galera' | 'group-replication', state: string, primary: boolean | null): Told => ({
    parts: { cluster: { value: { kind, state, primary } } }
  })

  test('are good to know of, and a danger when a node is not well', () => {
    expect(idsOf(find(masters({}, member('galera', 'Synced', true))))).toEqual(['cluster-member'])
    expect(idsOf(find(masters({}, member('galera', 'Synced', false))))).toEqual(['cluster-member', 'cluster-state'])
    expect(idsOf(find(masters({}, member('galera', 'Donor/Desynced', true))))).toEqual([
      'cluster-member',
      'cluster-state'
    ])
    expect(idsOf(find(masters({}, member('group-replication', 'ONLINE', null))))).toEqual(['cluster-member'])
    expect(idsOf(find(masters({}, member('group-replication', 'ERROR', null))))).toEqual([
      'cluster-member',
      'cluster-state'
    ])
  })
})

test('a statement that replicates is proposed on one master only, and a finding on several is told once', () => {
  const plain = table({ facts: tableFacts('t', { transactional: false, engine: 'MyISAM' }) })
  expect(find(masters(plain, plain))).toMatchObject([
    {
      id: 'table-without-transactions',
      masters: ['a', 'b'],
      mend: [{ master: 'a', statement: 'ALTER TABLE `shop`.`t` ENGINE = InnoDB' }]
    }
  ])
})

test('a table without a key is not given one that numbers rows differently on each master', () => {
  const keyless = examined('t', { facts: tableFacts('t', { uniqueKeys: [] }) })
  const told = { parts: { tables: { value: [{ ...keyless, schema: { ...keyless.schema, uniqueKeys: [] } }] } } }
  const [found] = find(masters(told, told))
  expect(found).toMatchObject({ id: 'table-without-key', masters: ['a', 'b'], mend: [] })
  expect(found?.advice).toContain('ADD PRIMARY KEY')
})

test('vendors that differ are a warning, and nothing is said of what only one of them has', () => {
  const found = find(masters({ version: MYSQL }, { version: MARIADB }))
  expect(found).toMatchObject([{ id: 'version-differs', severity: 'warning' }])
})

test('every documented finding was found above, but for what is found before anything is read', () => {
  expect(documentedFindings().filter((id) => !everFound.has(id))).toEqual(['unreachable'])
})
