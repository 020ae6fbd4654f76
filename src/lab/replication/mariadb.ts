import type { Session, TextRow } from '../../masters/session.js'
import { ACCOUNTS } from '../accounts.js'
import { text } from '../quote.js'
import { type ApplierStatus, type ReplicationDialect, WAIT_SECONDS } from './dialect.js'

/**
 * Replication by GTID positions, one domain for each master. A transaction is skipped by setting the replica's position
 * past it.
 */
export const mariadbReplication: ReplicationDialect = {
  link: (source) => [
    `CHANGE MASTER TO MASTER_HOST = ${text(source.host)}, MASTER_PORT = ${source.port},
     MASTER_USER = ${text(ACCOUNTS.replication)}, MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1,
     MASTER_SSL = 0, MASTER_SSL_VERIFY_SERVER_CERT = 0`
  ],
  start: 'START SLAVE',
  stop: 'STOP SLAVE',

  // It ends at once as it is.
  disconnect: async () => {},

  async status(session) {
    const [row] = await session.query('SHOW ALL SLAVES STATUS')
    return row === undefined ? null : statusOf(row)
  },

  position: (session) => readVariable(session, 'gtid_binlog_pos'),

  async reached(session, position, self) {
    // A server does not apply its own writes when they come round.
    const awaited = withoutDomain(position, self.serverId)
    if (awaited === '') return true
    const [row] = await session.query(`SELECT MASTER_GTID_WAIT(${text(awaited)}, ${WAIT_SECONDS}) AS timeout`)
    return row?.timeout === '0'
  },

  async skip(session, { master, after }) {
    const last = gtidsByDomain(after).get(master.serverId)
    if (last !== undefined) await moveOver(session, last)
  },

  // The event at which a stopped applier starts again is the one that it has failed on.
  async skipFailed(session) {
    await session.run(mariadbReplication.stop)
    await session.run('SET GLOBAL sql_slave_skip_counter = 1')
  }
}

function statusOf(row: TextRow): ApplierStatus {
  const sqlErrno = Number(row.Last_SQL_Errno)
  return {
    source: `${row.Master_Host}:${row.Master_Port}`,
    receiving: row.Slave_IO_Running !== 'No',
    connected: row.Slave_IO_Running === 'Yes',
    applying: row.Slave_SQL_Running === 'Yes',
    errno: sqlErrno || Number(row.Last_IO_Errno),
    error: (sqlErrno ? row.Last_SQL_Error : row.Last_IO_Error) ?? '',
    lag: row.Seconds_Behind_Master == null ? null : Number(row.Seconds_Behind_Master)
  }
}

async function readVariable(session: Session, name: string): Promise<string> {
  const [row] = await session.query(`SELECT @@GLOBAL.${name} AS value`)
  return row?.value ?? ''
}

/**
 * Puts the replica's position after `gtid` and leaves the other domains where they are. In strict mode the server would
 * want its own domain set too, to its newest write; the next master need not have that one, and would then refuse.
 */
async function moveOver(session: Session, gtid: string): Promise<void> {
  const position = gtidsByDomain(await readVariable(session, 'gtid_slave_pos'))
  position.set(domainOf(gtid), gtid)
  await session.run('SET GLOBAL gtid_strict_mode = 0')
  try {
    await session.run(`SET GLOBAL gtid_slave_pos = ${text([...position.values()].join(','))}`)
  } finally {
    await session.run('SET GLOBAL gtid_strict_mode = 1')
  }
}

/** A position such as `1-1-10,2-2-5` without the entry of one domain. */
export function withoutDomain(position: string, domain: number): string {
  const entries = gtidsByDomain(position)
  entries.delete(domain)
  return [...entries.values()].join(',')
}

function gtidsByDomain(position: string): Map<number, string> {
  const gtids = position.split(',').filter((gtid) => gtid !== '')
  return new Map(gtids.map((gtid) => [domainOf(gtid), gtid]))
}

function domainOf(gtid: string): number {
  return Number(gtid.split('-')[0])
}
