import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { withLock } from '../files/lock.js'
import { ACCOUNTS } from './accounts.js'
import { adminConfig, auditConfig, repairConfig } from './audit-config.js'
import { Cluster } from './cluster.js'
import { copyData, preparedData } from './data-folder.js'
import { ensureServer } from './ensure-server.js'
import { claimFolder, clearLeftovers } from './folder.js'
import { DATABASE, LAB_FILES, type LabMaster, type LabState, lockFile, writeLab } from './lab-state.js'
import { placeOf } from './layout.js'
import { choosePorts } from './ports.js'
import { stopServersOn } from './processes.js'
import { createShop } from './seed.js'
import type { ServerBinary } from './server-binary.js'
import { localRoot, startServer } from './server-process.js'
import { masterLetter, shopSize } from './shop.js'
import { stopServers } from './teardown.js'
import { checkUp, type LabUpOptions, type UpPlan } from './up-options.js'

const LOOPBACK = '127.0.0.1'

/** Megabytes of buffer pool: enough for a server to start, more for large shops, never so much that several hurt. */
const BUFFER_POOL = { least: 32, most: 512, ordersPerMegabyte: 8000 }

/** One master to be, and the server program that it runs. */
interface Planned {
  readonly master: LabMaster
  readonly binary: ServerBinary
}

/** Starts a lab: servers on loopback with equal data, replicating to each other in a ring where they are of one vendor. */
export async function labUp(options: LabUpOptions): Promise<LabState> {
  const plan = checkUp(options)
  const dir = resolve(options.dir)
  const binaries = await findServers(plan)
  await claimFolder(dir)
  return withLock(lockFile(dir), 'this lab', 'starting a lab', async () => {
    await clearLeftovers(dir, plan.say)
    return start(dir, plan, binaries)
  })
}

async function findServers(plan: UpPlan): Promise<readonly ServerBinary[]> {
  const found = new Map<string, ServerBinary>()
  for (const server of plan.servers) {
    if (!found.has(server)) found.set(server, await ensureServer(server, plan))
  }
  return plan.servers.flatMap((server) => found.get(server) ?? [])
}

async function start(dir: string, plan: UpPlan, binaries: readonly ServerBinary[]): Promise<LabState> {
  const planned = await planMasters(dir, plan, binaries)
  let lab = initialState(plan, planned)
  await writeLab(dir, lab)
  try {
    await fillDataFolders(dir, plan, planned)
    plan.say(`starting ${planned.length} servers`)
    lab = { ...lab, masters: await startAll(dir, plan, planned) }
    await writeLab(dir, lab)
    if (lab.linked) await link(lab)
    await writeFile(join(dir, LAB_FILES.config), auditConfig(lab))
    await writeFile(join(dir, LAB_FILES.repairConfig), repairConfig(lab))
    await writeFile(join(dir, LAB_FILES.adminConfig), adminConfig(lab))
    lab = { ...lab, status: 'running' }
    await writeLab(dir, lab)
    return lab
  } catch (error) {
    await stopServers(dir, lab)
    throw error
  }
}

async function planMasters(dir: string, plan: UpPlan, binaries: readonly ServerBinary[]): Promise<readonly Planned[]> {
  const ports = await choosePorts(binaries.length, plan.port)
  return binaries.map((binary, index) => {
    const name = masterLetter(index)
    const { dataDir, socket } = placeOf(dir, name)
    const master = {
      name,
      host: LOOPBACK,
      port: ports[index] ?? 0,
      socket,
      vendor: binary.vendor,
      serverVersion: binary.version,
      serverId: index + 1,
      dataDir,
      pid: null,
      user: ACCOUNTS.admin,
      password: null
    }
    return { master, binary }
  })
}

function initialState(plan: UpPlan, planned: readonly Planned[]): LabState {
  const masters = planned.map(({ master }) => master)
  const linked = new Set(masters.map((master) => master.vendor)).size === 1
  return { version: 1, status: 'starting', masters, linked, database: DATABASE, rows: plan.rows, seed: plan.seed }
}

/** Fills one data folder for each kind of server, and copies it to the other masters of that kind. */
async function fillDataFolders(dir: string, plan: UpPlan, planned: readonly Planned[]): Promise<void> {
  const kinds = [...new Set(planned.map(({ binary }) => binary.name))]
  await Promise.all(
    kinds.map(async (kind) => {
      const [first, ...others] = planned.filter(({ binary }) => binary.name === kind)
      if (first === undefined) return
      await fillFirst(dir, plan, first)
      const from = placeOf(dir, first.master.name).dataDir
      await Promise.all(others.map(({ master }) => copyTo(from, dir, master.name)))
    })
  )
}

async function fillFirst(dir: string, plan: UpPlan, { master, binary }: Planned): Promise<void> {
  const prepared = await preparedData(binary, plan.say)
  await copyTo(prepared, dir, master.name)
  const place = placeOf(dir, master.name)
  await startServer(binary, place, { port: null, lane: null, bufferPool: bufferPool(plan) })
  plan.say(`filling ${DATABASE} with ${plan.rows} orders (${binary.vendor} ${binary.version})`)
  const shop = { size: shopSize(plan.rows), seed: plan.seed, masters: plan.servers.length }
  await createShop(localRoot(place.socket), shop)
  await stopServersOn(place.dataDir)
}

async function copyTo(from: string, dir: string, name: string): Promise<void> {
  const place = placeOf(dir, name)
  for (const folder of [dirname(place.dataDir), dirname(place.socket)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  await copyData(from, place.dataDir)
}

function bufferPool(plan: UpPlan): number {
  const wanted = Math.ceil(plan.rows / BUFFER_POOL.ordersPerMegabyte)
  return Math.min(BUFFER_POOL.most, Math.max(BUFFER_POOL.least, wanted))
}

function startAll(dir: string, plan: UpPlan, planned: readonly Planned[]): Promise<LabMaster[]> {
  return Promise.all(
    planned.map(async ({ master, binary }) => {
      const lane = laneOf(master.serverId, planned.length, plan.lanes)
      const role = { port: master.port, lane, bufferPool: bufferPool(plan) }
      return { ...master, pid: await startServer(binary, placeOf(dir, master.name), role) }
    })
  )
}

/** Of lanes that are off or clash, all masters have the same. */
function laneOf(number: number, masters: number, lanes: UpPlan['lanes']) {
  switch (lanes) {
    case 'apart':
      return { number, offset: number, increment: masters }
    case 'clash':
      return { number, offset: 1, increment: masters }
    case 'off':
      return { number, offset: 1, increment: 1 }
  }
}

async function link(lab: LabState): Promise<void> {
  const cluster = await Cluster.open(lab)
  try {
    for (const [index, { master }] of cluster.members.entries()) {
      const { session, replication } = cluster.at(index + 1)
      for (const statement of replication.link(master)) await session.run(statement)
    }
    await cluster.startAppliers()
    await cluster.connected()
  } finally {
    await cluster.close()
  }
}
