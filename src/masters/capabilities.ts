import type { Vendor } from '../model/master.js'

/**
 * What differs between server families and versions, as questions. Nothing else in the code looks at a version.
 * MySQL took "master" and "slave" out of its statements in 8.4 and had the new words since 8.0.22; MariaDB keeps the old.
 */
export interface Capabilities {
  readonly vendor: Vendor
  /** How its statements call who replicates. */
  readonly replica: 'REPLICA' | 'SLAVE'
  /** The statement that tells the state of every replication channel. */
  readonly showReplicas: string
  /**
   * The statement that tells what is known of when channels came to stand still: `channel` (NULL for all together), `part`,
   * `failed` (time of the error at which it stopped), `last` (of its last sign of life), `error` (in full).
   */
  readonly showDowntimes: string
  /** The variable that tells whether a server passes on what it applies. */
  readonly relayVariable: string
  /** The statement that lists the servers that replicate from this one. */
  readonly showFollowers: string
  /** The global variables that tell whether a server takes writes; not every version has each of them. */
  readonly writeVariables: readonly string[]
  /** The statement that tells the current binlog file and position. */
  readonly showBinlogPosition: string
  /** The statement that grants what an audit needs, for the account `'mmaudit'@'…'`. */
  readonly auditPrivileges: readonly string[]
  /** What an account needs to keep its own writes out of the binlog. */
  readonly localWritePrivileges: readonly string[]
  /** What `information_schema.statistics` says of whether an index may be used, as `YES` or `NO`. */
  readonly usableIndex: string
  /**
   * Settings of a session that only reads: all rows of a statement, and of a transaction, are of one moment, nothing can be
   * written, and the sizes of tables are those of now.
   */
  readonly readingSettings: readonly string[]
  /** The variable that bounds how long a statement may run, and the value that means "no bound". */
  readonly noStatementTimeout: string
  /** Whether there is a function CRC32C. */
  readonly hasCrc32c: boolean
  /** The statement that tells the errors of single appliers, where `showReplicas` only tells that there are some. */
  readonly workerErrors: string | null
  /** How a global setting is changed so that it lasts: MariaDB forgets it with the next start. */
  readonly setGlobal: 'SET PERSIST' | 'SET GLOBAL'
  /** How a setting is changed that only takes effect at a start; `null` where only the option file can. */
  readonly setAtStart: 'SET PERSIST_ONLY' | null
  /** What accounts need for what. */
  readonly privileges: Privileges
}

/** A privilege by the name that `SHOW GRANTS` prints, and others that include it. */
export interface Privilege {
  readonly name: string
  readonly includedIn: readonly string[]
}

/** What an account needs beside reading and writing rows. */
interface Privileges {
  /** To keep its writes out of the binlog. */
  readonly writeLocally: Privilege
  /** To be told who replicates from a server. */
  readonly seeFollowers: Privilege
  /** To read binlogs. */
  readonly readBinlogs: Privilege
  /** To start and stop appliers. */
  readonly runAppliers: Privilege
  /** To have an applier step over a transaction. */
  readonly stepOver: Privilege
}

/** Reads the vendor and the version out of `VERSION()`. */
export function capabilitiesOf(serverVersion: string, versionComment: string): Capabilities {
  const isMariadb = /mariadb/i.test(serverVersion) || /mariadb/i.test(versionComment)
  return isMariadb ? mariadb(serverVersion) : mysql(serverVersion)
}

function mariadb(serverVersion: string): Capabilities {
  return {
    ...MARIADB,
    readingSettings: readOnly(versionNumber(serverVersion) >= 11_01_00),
    hasCrc32c: versionNumber(serverVersion) >= 10_08_00
  }
}

const MARIADB: Omit<Capabilities, 'hasCrc32c' | 'readingSettings'> = {
  vendor: 'mariadb',
  replica: 'SLAVE',
  showReplicas: 'SHOW ALL SLAVES STATUS',
  // It keeps no time of an error. But every transaction that it applies is a write to this table.
  showDowntimes:
    "SELECT NULL AS channel, 'applier' AS part, NULL AS failed, MAX(update_time) AS last, NULL AS error " +
    "FROM information_schema.tables WHERE table_schema = 'mysql' AND table_name LIKE 'gtid_slave_pos%'",
  relayVariable: 'log_slave_updates',
  showFollowers: 'SHOW SLAVE HOSTS',
  writeVariables: [
    'read_only',
    'innodb_read_only',
    'log_bin',
    'binlog_format',
    'slave_exec_mode',
    'slave_skip_errors',
    'wsrep_on',
    'wsrep_provider'
  ],
  showBinlogPosition: 'SHOW MASTER STATUS',
  auditPrivileges: ['SELECT', 'BINLOG MONITOR', 'SLAVE MONITOR'],
  localWritePrivileges: ['BINLOG ADMIN'],
  usableIndex: "IF(IGNORED = 'YES', 'NO', 'YES')",
  noStatementTimeout: 'max_statement_time = 0',
  workerErrors: null,
  setGlobal: 'SET GLOBAL',
  setAtStart: null,
  privileges: {
    writeLocally: { name: 'BINLOG ADMIN', includedIn: ['SUPER'] },
    seeFollowers: { name: 'REPLICATION MASTER ADMIN', includedIn: ['SUPER'] },
    readBinlogs: { name: 'REPLICATION SLAVE', includedIn: [] },
    runAppliers: { name: 'REPLICATION SLAVE ADMIN', includedIn: ['SUPER'] },
    stepOver: { name: 'SUPER', includedIn: [] }
  }
}

/** These tables are filled even where the performance schema is off; only the times of applying are not. */
const MYSQL_DOWNTIMES = [
  "SELECT CHANNEL_NAME AS channel, 'applier' AS part, IF(LAST_ERROR_NUMBER = 0, NULL, LAST_ERROR_TIMESTAMP) AS failed,",
  'GREATEST(LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP, LAST_APPLIED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) AS last,',
  'LAST_ERROR_MESSAGE AS error FROM performance_schema.replication_applier_status_by_worker',
  "UNION ALL SELECT CHANNEL_NAME, 'applier', IF(LAST_ERROR_NUMBER = 0, NULL, LAST_ERROR_TIMESTAMP), NULL, NULL",
  'FROM performance_schema.replication_applier_status_by_coordinator',
  // Of a receiver that tries again and again, only the last attempt is told.
  "UNION ALL SELECT CHANNEL_NAME, 'receiver', IF(LAST_ERROR_NUMBER = 0 OR SERVICE_STATE <> 'OFF', NULL, LAST_ERROR_TIMESTAMP),",
  'GREATEST(LAST_HEARTBEAT_TIMESTAMP, LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP), NULL',
  'FROM performance_schema.replication_connection_status'
].join(' ')

function mysql(serverVersion: string): Capabilities {
  const renamed = versionNumber(serverVersion) >= 8_04_00
  return {
    vendor: 'mysql',
    replica: versionNumber(serverVersion) >= 8_00_22 ? 'REPLICA' : 'SLAVE',
    showReplicas: versionNumber(serverVersion) >= 8_00_22 ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS',
    showDowntimes: MYSQL_DOWNTIMES,
    relayVariable: versionNumber(serverVersion) >= 8_00_26 ? 'log_replica_updates' : 'log_slave_updates',
    showFollowers: versionNumber(serverVersion) >= 8_00_22 ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS',
    writeVariables: [
      'read_only',
      'super_read_only',
      'innodb_read_only',
      'log_bin',
      'binlog_format',
      'replica_exec_mode',
      'replica_skip_errors',
      ...(renamed ? [] : ['slave_exec_mode', 'slave_skip_errors']),
      'wsrep_on',
      'wsrep_provider',
      'group_replication_group_name'
    ],
    showBinlogPosition: renamed ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
    auditPrivileges: ['SELECT', 'REPLICATION CLIENT'],
    localWritePrivileges: ['SESSION_VARIABLES_ADMIN'],
    usableIndex: 'IS_VISIBLE',
    noStatementTimeout: 'max_execution_time = 0',
    readingSettings: [
      ...readOnly(versionNumber(serverVersion) >= 5_07_20),
      ...(versionNumber(serverVersion) >= 8_00_00 ? ['information_schema_stats_expiry = 0'] : [])
    ],
    hasCrc32c: false,
    workerErrors: `SELECT CHANNEL_NAME AS channel, LAST_ERROR_NUMBER AS errno, LAST_ERROR_MESSAGE AS message,
  APPLYING_TRANSACTION AS gtid
FROM performance_schema.replication_applier_status_by_worker WHERE LAST_ERROR_NUMBER <> 0`,
    setGlobal: 'SET PERSIST',
    setAtStart: 'SET PERSIST_ONLY',
    privileges: {
      writeLocally: { name: 'SESSION_VARIABLES_ADMIN', includedIn: ['SYSTEM_VARIABLES_ADMIN', 'SUPER'] },
      seeFollowers: { name: 'REPLICATION SLAVE', includedIn: [] },
      readBinlogs: { name: 'REPLICATION SLAVE', includedIn: [] },
      runAppliers: { name: 'REPLICATION_SLAVE_ADMIN', includedIn: ['SUPER'] },
      stepOver: { name: 'SESSION_VARIABLES_ADMIN', includedIn: ['SYSTEM_VARIABLES_ADMIN', 'SUPER'] }
    }
  }
}

/** @param spelledOut whether the variables have the names that both vendors came to; the old ones are going away. */
function readOnly(spelledOut: boolean): readonly string[] {
  const prefix = spelledOut ? 'transaction' : 'tx'
  return [`${prefix}_isolation = 'REPEATABLE-READ'`, `${prefix}_read_only = 1`]
}

/** `8.0.36` as 80036, so that versions compare as numbers. */
function versionNumber(serverVersion: string): number {
  const [major = 0, minor = 0, patch = 0] = serverVersion.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0)
  return major * 10_000 + minor * 100 + patch
}
