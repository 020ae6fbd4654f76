import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountStatements } from '../../src/lab/accounts.js'
import { adminConfig, auditConfig, repairConfig } from '../../src/lab/audit-config.js'
import { Cluster } from '../../src/lab/cluster.js'
import type { LabState } from '../../src/lab/index.js'
import { adminOf, DATABASE, LAB_FILES, type LabMaster, writeLab } from '../../src/lab/lab-state.js'
import { createShop } from '../../src/lab/seed.js'
import { masterLetter, shopSize } from '../../src/lab/shop.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { Session } from '../../src/masters/session.js'
import type { MasterConfig } from '../../src/model/config.js'
import type { Dsn } from './dsn.js'

/** A server that someone else started, and where the other servers reach it. */
export interface RunningServer extends Dsn {
  readonly seenByOthers?: { readonly host: string; readonly port: number }
}

const SEED = 1

/** Makes a lab of servers that already run: fills each, and links them in a ring if they are to replicate. */
export async function adoptServers(
  dir: string,
  servers: readonly RunningServer[],
  rows: number,
  linked: boolean
): Promise<LabState> {
  const masters = await Promise.all(servers.map(describe))
  const state: LabState = { version: 1, status: 'running', masters, linked, database: DATABASE, rows, seed: SEED }
  await Promise.all(masters.map((master) => fill(master, rows, masters.length)))
  if (linked) await link(state, servers)
  await writeLab(dir, state)
  await writeFile(join(dir, LAB_FILES.config), auditConfig(state))
  await writeFile(join(dir, LAB_FILES.repairConfig), repairConfig(state))
  await writeFile(join(dir, LAB_FILES.adminConfig), adminConfig(state))
  return state
}

async function describe(server: RunningServer, index: number): Promise<LabMaster> {
  const master: LabMaster = {
    name: masterLetter(index),
    host: server.host,
    port: server.port,
    socket: null,
    vendor: 'mysql',
    serverVersion: '',
    serverId: 0,
    dataDir: null,
    pid: null,
    user: server.user,
    password: server.password
  }
  const session = await Session.open(adminOf(master))
  const [row] = await session.query('SELECT VERSION() AS version, @@version_comment AS comment, @@server_id AS id')
  await session.close()
  const serverVersion = row?.version ?? ''
  const { vendor } = capabilitiesOf(serverVersion, row?.comment ?? '')
  return { ...master, vendor, serverVersion, serverId: Number(row?.id) }
}

/** Every server gets the same rows by itself, as if it had been copied. */
async function fill(master: LabMaster, rows: number, masters: number): Promise<void> {
  const session = await Session.open(adminOf(master), ['SET sql_log_bin = 0'])
  await session.run(`DROP DATABASE IF EXISTS ${DATABASE}`)
  for (const statement of accountStatements(master.vendor, ['localhost', '%'])) await session.run(statement)
  await session.close()
  await createShop(adminOf(master), { size: shopSize(rows), seed: SEED, masters })
  await forgetHistory(adminOf(master))
}

/** What filled each server must not reach the others: MySQL renamed the statement in 8.2. */
async function forgetHistory(server: MasterConfig): Promise<void> {
  const session = await Session.open(server)
  await session.run('RESET BINARY LOGS AND GTIDS').catch(() => session.run('RESET MASTER'))
  await session.close()
}

async function link(state: LabState, servers: readonly RunningServer[]): Promise<void> {
  const cluster = await Cluster.open(state)
  for (const [index, { master }] of cluster.members.entries()) {
    const { session, replication } = cluster.at(index + 1)
    const address = servers[index]?.seenByOthers ?? master
    for (const statement of replication.link({ ...master, ...address })) await session.run(statement)
  }
  await cluster.startAppliers()
  await cluster.catchUp()
  await cluster.close()
}
