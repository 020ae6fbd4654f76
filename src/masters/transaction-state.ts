import {
  commonGtids,
  type GtidSet,
  gtidSet,
  NO_GTIDS,
  parseGtidSet,
  uniteGtids,
  withoutGtids
} from '../model/gtid-set.js'
import type { Vendor } from '../model/master.js'
import { binlogFiles } from './binlog/files.js'
import type { Master } from './master.js'
import { type FilePosition, type GtidEntry, parseGtids } from './position.js'
import { type Reception, readReceptions } from './reception.js'
import { isNoBinlog } from './server-errors.js'
import type { Session } from './session.js'

/** Which transactions a server has, and where they can be read. */
export interface TransactionState {
  readonly master: string
  readonly vendor: Vendor
  readonly serverId: number
  /** What stands for it in GTIDs: on MySQL its uuid, on MariaDB its server id. */
  readonly source: string
  /** Whether its transactions are numbered. */
  readonly numbered: boolean
  /** Everything applied, stepped over or written by itself; of MariaDB all numbers up to the last of a source. */
  readonly has: GtidSet
  /** What it has received and not applied. */
  readonly pending: GtidSet
  /**
   * MariaDB that does not log what it applies: the last transaction applied in each domain. What other servers wrote in that
   * domain may or may not be there. Empty where `has` is exact.
   */
  readonly lastApplied: readonly GtidEntry[]
  /** MariaDB: `gtid_slave_pos`, the last transaction applied in each domain. */
  readonly slavePosition: readonly GtidEntry[]
  /** MySQL: those of them that are in its binlogs no more. */
  readonly purged: GtidSet
  /** Whether it logs what it applies. */
  readonly logsApplied: boolean
  /** The oldest first. */
  readonly files: readonly string[]
  /** The end of its binlog; `null` without one. */
  readonly end: FilePosition | null
  /** Whether it refuses a transaction that comes out of order in its domain (MariaDB). */
  readonly strict: boolean
  /** The cluster that it is a part of; members hear of each other without channels. */
  readonly cluster: 'Group Replication' | 'Galera' | null
  readonly readOnly: boolean
  readonly channels: readonly Reception[]
}

/** Asks a server which transactions it has. Channels come first: what they have received is applied by the time `has` is read, or pending. */
export function readTransactionState(master: Master): Promise<TransactionState> {
  return master.withSession(async (session) => {
    const { capabilities, info } = master
    const channels = await readReceptions(session, capabilities)
    const variables = await readVariables(session)
    const known = { logsApplied: variables.get(capabilities.relayVariable) === 'ON', serverId: info.serverId, channels }
    const gtids = await (info.vendor === 'mariadb' ? mariadbGtids(session, known) : mysqlGtids(session, channels))
    const [position] = await session.query(capabilities.showBinlogPosition)
    return {
      ...{ master: master.name, vendor: info.vendor, ...known, ...gtids },
      source: info.vendor === 'mariadb' ? String(info.serverId) : (variables.get('server_uuid') ?? '').toLowerCase(),
      numbered: info.vendor === 'mariadb' || variables.get('gtid_mode') === 'ON',
      files: await filesOf(session),
      end: position === undefined ? null : { file: position.File ?? '', offset: Number(position.Position) },
      strict: variables.get('gtid_strict_mode') === 'ON',
      cluster: clusterOf(variables),
      readOnly: (variables.get('read_only') ?? 'OFF') !== 'OFF'
    }
  })
}

/** The source of a GTID: on MySQL a uuid without its tag, on MariaDB a server id without its domain. */
export function serverOf(vendor: Vendor, gtidSource: string): string {
  return (vendor === 'mariadb' ? gtidSource.split('-')[1] : gtidSource.split(':')[0]) ?? ''
}

async function readVariables(session: Session): Promise<ReadonlyMap<string, string>> {
  const names = [
    ...['server_uuid', 'gtid_mode', 'gtid_strict_mode', 'read_only', 'log_slave_updates', 'log_replica_updates'],
    ...['group_replication_group_name', 'wsrep_on']
  ]
  const rows = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`
  )
  return new Map(rows.map((row) => [row.Variable_name ?? '', row.Value ?? '']))
}

/** The name of a group is empty where the plugin is loaded and not used. */
function clusterOf(variables: ReadonlyMap<string, string>): TransactionState['cluster'] {
  if ((variables.get('group_replication_group_name') ?? '') !== '') return 'Group Replication'
  return variables.get('wsrep_on') === 'ON' ? 'Galera' : null
}

function filesOf(session: Session): Promise<readonly string[]> {
  return binlogFiles(session).catch((error) => {
    if (isNoBinlog(error)) return []
    throw error
  })
}

type Gtids = Pick<TransactionState, 'has' | 'pending' | 'lastApplied' | 'slavePosition' | 'purged'>

async function mysqlGtids(session: Session, channels: readonly Reception[]): Promise<Gtids> {
  const [row] = await session.query('SELECT @@GLOBAL.gtid_executed AS has, @@GLOBAL.gtid_purged AS purged')
  const has = parseGtidSet(row?.has ?? '')
  const received = channels.map(({ receivedGtids }) => parseGtidSet(receivedGtids)).reduce(uniteGtids, NO_GTIDS)
  const purged = commonGtids(parseGtidSet(row?.purged ?? ''), has)
  return { has, pending: withoutGtids(received, has), lastApplied: [], slavePosition: [], purged }
}

/**
 * A server that logs what it applies tells in its binlog state how far every other one was applied. One that does not tells
 * the last transaction of each domain only.
 */
async function mariadbGtids(
  session: Session,
  { channels, logsApplied, serverId }: Pick<TransactionState, 'channels' | 'logsApplied' | 'serverId'>
): Promise<Gtids> {
  const [row] = await session.query('SELECT @@gtid_binlog_state AS logged, @@gtid_slave_pos AS applied')
  const has = upTo([row?.logged ?? '', row?.applied ?? ''].join(','))
  const received = upTo(channels.map(({ receivedGtids }) => receivedGtids).join(','))
  const others = new Map([...received].filter(([source]) => serverOf('mariadb', source) !== String(serverId)))
  const slavePosition = parseGtids(row?.applied ?? '')
  return {
    ...{ has, pending: withoutGtids(others, has), purged: NO_GTIDS },
    ...{ slavePosition, lastApplied: logsApplied ? [] : slavePosition }
  }
}

/** Numbers of one server in one domain only grow, so the last one stands for all before it. */
function upTo(gtids: string): GtidSet {
  return gtidSet(
    parseGtids(gtids).map(({ domain, serverId, sequence }) => [`${domain}-${serverId}`, [0n, sequence]] as const)
  )
}
