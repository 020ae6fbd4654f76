import { readChannelFacts } from '../masters/channel-facts.js'
import { readGrants } from '../masters/grants.js'
import type { Master } from '../masters/master.js'
import type { Session } from '../masters/session.js'
import { readStatus } from '../masters/status.js'
import { readWriteAccess, type WriteAccess } from '../masters/write-access.js'
import type { AuditConfig } from '../model/config.js'
import type { Finding } from '../model/doctor.js'
import type { Replica } from '../model/repair.js'
import type { TableSchema } from '../model/table.js'
import { readClock } from '../repair/decide/clocks.js'
import { unreachable } from './connect.js'
import type { BinlogFacts, ClusterFacts, GtidFacts, MasterFacts, Reading } from './facts.js'
import { chooseTables, examineTables, readDefinitions } from './read-tables.js'
import { reading } from './reading.js'

/** The facts of those masters that answered to the end; the others are findings. */
export interface FactsRead {
  readonly facts: readonly MasterFacts[]
  readonly findings: readonly Finding[]
}

/** Reads everything that the checks look at, on all masters at once. */
export async function readFacts(masters: readonly Master[], config: AuditConfig): Promise<FactsRead> {
  const schemas = await Promise.all(masters.map(readDefinitions))
  const chosen = chooseTables(schemas, config)
  const outcomes = await Promise.allSettled(masters.map((master, at) => readMaster(master, chosen[at] ?? NOT_READ)))
  return {
    facts: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    findings: outcomes.flatMap((outcome, at) => {
      const master = masters[at]
      return outcome.status === 'rejected' && master !== undefined ? [unreachable(master, outcome.reason)] : []
    })
  }
}

const NOT_READ = { problem: 'the table definitions were not read' }

/** One part after the other, so that no more than one session is taken. */
function readMaster(master: Master, schemas: Reading<readonly TableSchema[]>): Promise<MasterFacts> {
  const { info, identity, capabilities, user } = master
  return master.withSession(async (session) => {
    const variables = await readVariables(session)
    const access = await reading(() => readWriteAccess(session, capabilities))
    return {
      ...{ info, identity, capabilities, user, variables },
      parts: {
        channels: await reading(() => readChannelFacts(session, capabilities)),
        clock: await reading(() => readClock(session)),
        followers: followersOf(access, capabilities.showFollowers),
        binlog: await reading(() => readBinlog(session, master)),
        gtids: await reading(() => readGtids(session, master)),
        grants: await reading(() => readGrants(session)),
        cluster: await reading(() => readCluster(session, access)),
        tables: 'problem' in schemas ? schemas : await reading(() => examineTables(session, master, schemas.value))
      }
    }
  })
}

async function readVariables(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query('SHOW GLOBAL VARIABLES')
  return new Map(rows.map((row) => [row.Variable_name ?? '', row.Value ?? '']))
}

function followersOf(access: Reading<WriteAccess>, statement: string): Reading<readonly Replica[]> {
  if ('problem' in access) return access
  const { replicas } = access.value
  return replicas === null ? { problem: `the account may not ask ${statement}` } : { value: replicas }
}

/** Without a binlog the server says nothing. */
async function readBinlog(session: Session, { capabilities }: Master): Promise<BinlogFacts> {
  const [row] = await session.query(capabilities.showBinlogPosition)
  return { doDb: row?.Binlog_Do_DB ?? '', ignoreDb: row?.Binlog_Ignore_DB ?? '' }
}

async function readGtids(session: Session, { capabilities }: Master): Promise<GtidFacts> {
  if (capabilities.vendor === 'mariadb') {
    const [row] = await session.query('SELECT @@gtid_binlog_state AS own, @@gtid_slave_pos AS applied')
    return { own: row?.own ?? '', purged: '', applied: row?.applied ?? '' }
  }
  const [row] = await session.query('SELECT @@GLOBAL.gtid_executed AS own, @@GLOBAL.gtid_purged AS purged')
  return { own: withoutBlanks(row?.own), purged: withoutBlanks(row?.purged), applied: '' }
}

function withoutBlanks(set: string | null | undefined): string {
  return (set ?? '').replaceAll(/\s/g, '')
}

async function readCluster(session: Session, access: Reading<WriteAccess>): Promise<ClusterFacts | null> {
  if ('problem' in access) throw new Error(access.problem)
  const { cluster } = access.value
  if (cluster === null || cluster.kind === 'group-replication') return cluster && { ...cluster, primary: null }
  const status = await readStatus(session, ['wsrep_cluster_status'])
  const part = status.get('wsrep_cluster_status')
  return { ...cluster, primary: part === undefined ? null : part === 'Primary' }
}
