import type { Session, TextRow } from '../../masters/session.js'
import { MmauditError } from '../../model/errors.js'
import { ACCOUNTS } from '../accounts.js'
import { text } from '../quote.js'
import { type ApplierStatus, type ReplicationDialect, WAIT_SECONDS } from './dialect.js'

/** Replication by GTID sets. A transaction is skipped by committing an empty one under its name. */
export const mysqlReplication: ReplicationDialect = {
  link: (source) => [
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ${text(source.host)}, SOURCE_PORT = ${source.port},
     SOURCE_USER = ${text(ACCOUNTS.replication)}, SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1,
     SOURCE_RETRY_COUNT = 86400, GET_SOURCE_PUBLIC_KEY = 1`
  ],
  start: 'START REPLICA',
  stop: 'STOP REPLICA',

  // Otherwise the threads that send the binlog would hold the shutdown up for nine seconds.
  async disconnect(session) {
    await session.run(mysqlReplication.stop)
    const senders = "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"
    for (const { id } of await session.query(senders)) await session.run(`KILL ${id}`)
  },

  async status(session) {
    const [row] = await session.query('SHOW REPLICA STATUS')
    return row === undefined ? null : statusOf(row)
  },

  position: (session) => readPosition(session),

  async reached(session, position) {
    const [row] = await session.query(
      `SELECT WAIT_FOR_EXECUTED_GTID_SET(${text(position)}, ${WAIT_SECONDS}) AS timeout`
    )
    return row?.timeout === '0'
  },

  async skip(session, { before, after }) {
    const [row] = await session.query(`SELECT GTID_SUBTRACT(${text(after)}, ${text(before)}) AS gtids`)
    for (const gtid of gtidsIn(row?.gtids ?? '')) await commitEmpty(session, gtid)
  },

  async skipFailed(session, status) {
    const gtid = /transaction '([^']+)'/.exec(status.error)?.[1]
    if (gtid === undefined)
      throw new MmauditError('incomplete', `the applier does not say what it failed on: ${status.error}`)
    await session.run(mysqlReplication.stop)
    await commitEmpty(session, gtid)
  }
}

function statusOf(row: TextRow): ApplierStatus {
  const sqlErrno = Number(row.Last_SQL_Errno)
  return {
    source: `${row.Source_Host}:${row.Source_Port}`,
    receiving: row.Replica_IO_Running !== 'No',
    connected: row.Replica_IO_Running === 'Yes',
    applying: row.Replica_SQL_Running === 'Yes',
    errno: sqlErrno || Number(row.Last_IO_Errno),
    error: (sqlErrno ? row.Last_SQL_Error : row.Last_IO_Error) ?? '',
    lag: row.Seconds_Behind_Source == null ? null : Number(row.Seconds_Behind_Source)
  }
}

async function readPosition(session: Session): Promise<string> {
  const [row] = await session.query('SELECT @@GLOBAL.gtid_executed AS position')
  return (row?.position ?? '').replaceAll(/\s/g, '')
}

async function commitEmpty(session: Session, gtid: string): Promise<void> {
  await session.run(`SET SESSION gtid_next = ${text(gtid)}`)
  try {
    await session.run('BEGIN')
    await session.run('COMMIT')
  } finally {
    await session.run("SET SESSION gtid_next = 'AUTOMATIC'")
  }
}

/** Every GTID of a set such as `uuid:1-3:5, uuid2:7`. */
export function gtidsIn(set: string): readonly string[] {
  return set
    .replaceAll(/\s/g, '')
    .split(',')
    .flatMap((entry) => {
      const [uuid = '', ...intervals] = entry.split(':')
      return intervals.flatMap((interval) => numbersIn(interval).map((number) => `${uuid}:${number}`))
    })
}

function numbersIn(interval: string): readonly number[] {
  const [first = 0, last = first] = interval.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
