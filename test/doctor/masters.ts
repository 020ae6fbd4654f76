import type { ExaminedTable, MasterFacts, MasterParts } from '../../src/doctor/facts.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import type { ChannelFacts } from '../../src/masters/channel-facts.js'
import { Grants } from '../../src/masters/grants.js'
import type { TableSchema } from '../../src/model/table.js'
import { tableFacts, uniqueKey } from '../repair/facts.js'

type Variables = Readonly<Record<string, string>>

/** What a test says of a master; all else is as it should be. */
export interface Told {
  readonly version?: string
  readonly serverId?: number
  readonly identity?: string
  readonly variables?: Variables
  readonly parts?: Partial<MasterParts>
}

export const MARIADB = '10.11.6-MariaDB'
export const MYSQL = '9.7.0'

const HEALTHY: Variables = {
  log_bin: 'ON',
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  sync_binlog: '1',
  innodb_flush_log_at_trx_commit: '1',
  sql_mode: 'STRICT_TRANS_TABLES',
  time_zone: 'SYSTEM',
  character_set_server: 'utf8mb4',
  collation_server: 'utf8mb4_unicode_ci',
  lower_case_table_names: '0',
  read_only: 'OFF',
  auto_increment_increment: '2',
  binlog_expire_logs_seconds: '2592000'
}

const OF_VENDOR: Readonly<Record<'mysql' | 'mariadb', (serverId: number) => Variables>> = {
  mysql: () => ({
    gtid_mode: 'ON',
    enforce_gtid_consistency: 'ON',
    replica_exec_mode: 'STRICT',
    replica_skip_errors: 'OFF',
    log_replica_updates: 'ON',
    replica_parallel_workers: '4',
    replica_preserve_commit_order: 'ON'
  }),
  mariadb: (serverId) => ({
    gtid_strict_mode: 'ON',
    gtid_domain_id: String(serverId),
    slave_exec_mode: 'STRICT',
    slave_skip_errors: 'OFF',
    log_slave_updates: 'ON',
    slave_parallel_threads: '0'
  })
}

/** A channel that runs. */
export function channel(sourceServerId: number, about: Partial<ChannelFacts> = {}): ChannelFacts {
  return {
    name: '',
    sourceServerId,
    sourceHost: '10.0.0.9',
    sourcePort: 3306,
    receiver: 'running',
    applierRunning: true,
    error: null,
    receiverError: null,
    applierError: null,
    failedWorkers: 0,
    applied: { file: 'binlog.000001', offset: 400 },
    secondsBehind: 0,
    delay: 0,
    encrypted: true,
    downtime: null,
    byFile: false,
    filters: {},
    skipCounter: 0,
    ...about
  }
}

/** Healthy masters `a`, `b`, … in a ring, but for what is told of them. */
export function masters(...told: readonly Told[]): readonly MasterFacts[] {
  return told.map((each, at) => master(at, told.length, each))
}

function master(at: number, count: number, { version = MARIADB, serverId = at + 1, ...told }: Told): MasterFacts {
  const capabilities = capabilitiesOf(version, '')
  const name = 'abcdef'.charAt(at)
  const own = { auto_increment_offset: String(at + 1), auto_increment_increment: String(Math.max(2, count)) }
  return {
    info: {
      ...{ name, host: name, port: 3306, vendor: capabilities.vendor },
      ...{ serverVersion: version, serverId, position: '' }
    },
    identity: told.identity ?? `uuid of ${name}`,
    capabilities,
    user: 'mmaudit',
    variables: new Map(
      Object.entries({ ...HEALTHY, ...OF_VENDOR[capabilities.vendor](serverId), ...own, ...told.variables })
    ),
    parts: {
      channels: { value: [channel(((at + count - 1) % count) + 1)] },
      followers: { value: [] },
      binlog: { value: { doDb: '', ignoreDb: '' } },
      gtids: { value: { own: '', purged: '', applied: '' } },
      clock: { value: { master: name, clock: 0, before: 0, after: 0, zone: 'SYSTEM (UTC)', offsets: '0 0 0' } },
      grants: { value: new Grants(['GRANT ALL PRIVILEGES ON *.* TO `mmaudit`@`%`']) },
      cluster: { value: null },
      tables: { value: [] },
      ...told.parts
    }
  }
}

/** A harmless table `shop.<name>`. */
export function examined(name: string, about: Partial<ExaminedTable> = {}): ExaminedTable {
  const schema: TableSchema = {
    ref: { database: 'shop', table: name },
    engine: 'InnoDB',
    columns: [],
    uniqueKeys: [{ name: 'PRIMARY', columns: ['id'], primary: true, nullable: false, ordered: true, prefix: false }],
    estimatedRows: 10,
    averageRowBytes: 10,
    nextId: null
  }
  return { schema, facts: tableFacts(name, { uniqueKeys: [uniqueKey('PRIMARY', 'id')] }), ids: null, ...about }
}
