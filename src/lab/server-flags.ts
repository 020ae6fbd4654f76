import { dirname } from 'node:path'
import { isRoot } from './processes.js'
import type { ServerBinary } from './server-binary.js'

/** Where one server keeps its things. */
export interface ServerPlace {
  readonly dataDir: string
  readonly socket: string
  readonly logFile: string
}

/** A server's part in the circle. */
interface Lane {
  /** Its number, from 1: server id and GTID domain. */
  readonly number: number
  /** How it numbers new rows. */
  readonly offset: number
  readonly increment: number
}

/** How a server is started. */
export interface ServerRole {
  /** Loopback port, `null` to be reached by the socket only. */
  readonly port: number | null
  /** `null` writes no binlog and replicates nothing: for filling a data folder. */
  readonly lane: Lane | null
  /** InnoDB buffer pool, MiB. */
  readonly bufferPool: number
  /** What is wanted otherwise; it comes last, and so counts. */
  readonly flags?: readonly string[]
}

/** Safety against power loss is not needed, and memory is: several servers share a small machine. */
const LEAN = [
  '--innodb-flush-log-at-trx-commit=0',
  '--sync-binlog=0',
  '--innodb-doublewrite=0',
  '--performance-schema=0',
  '--skip-name-resolve',
  '--max-allowed-packet=128M',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci'
]

/** Neither a second protocol on a second port, nor a folder for exports that a private copy does not have. */
const MYSQL_ONLY = ['--mysqlx=OFF', '--secure-file-priv=NULL']

/** The redo log; its size belongs to the data folder and must be the same at every start. */
const REDO_LOG = { mysql: '--innodb-redo-log-capacity=64M', mariadb: '--innodb-log-file-size=64M' }

/** The whole command line of a server. */
export function serverCommand(binary: ServerBinary, place: ServerPlace, role: ServerRole): readonly string[] {
  return [
    ...binary.command,
    ...baseFlags(binary, place.dataDir),
    `--socket=${place.socket}`,
    `--pid-file=${place.dataDir}/server.pid`,
    `--innodb-buffer-pool-size=${role.bufferPool}M`,
    ...LEAN,
    ...(role.port === null ? ['--skip-networking'] : [`--port=${role.port}`, '--bind-address=127.0.0.1']),
    ...(binary.vendor === 'mysql' ? MYSQL_ONLY : []),
    ...(role.lane === null ? ['--skip-log-bin'] : replicationFlags(binary, role.lane)),
    ...(role.flags ?? [])
  ]
}

/** What also a server that only initialises its data folder is told. */
export function baseFlags(binary: ServerBinary, dataDir: string): readonly string[] {
  return [
    '--no-defaults',
    ...binary.flags,
    `--datadir=${dataDir}`,
    tmpdirFlag(dataDir),
    ...(isRoot() ? ['--user=root'] : []),
    REDO_LOG[binary.vendor]
  ]
}

/**
 * A MariaDB that starts removes the temporary tables of earlier ones from its folder for them, also those of a server that
 * runs there, which then crashes. So every server has a folder of its own.
 */
export function tmpdirFlag(dataDir: string): string {
  return `--tmpdir=${dirname(dataDir)}`
}

function replicationFlags(binary: ServerBinary, lane: Lane): readonly string[] {
  return [
    `--server-id=${lane.number}`,
    `--auto-increment-increment=${lane.increment}`,
    `--auto-increment-offset=${lane.offset}`,
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--relay-log=relay',
    ...(binary.vendor === 'mysql'
      ? ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--log-replica-updates']
      : [`--gtid-domain-id=${lane.number}`, '--gtid-strict-mode=1', '--log-slave-updates'])
  ]
}
