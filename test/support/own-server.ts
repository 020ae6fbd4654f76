import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { copyData, preparedData } from '../../src/lab/data-folder.js'
import { ensureServer } from '../../src/lab/ensure-server.js'
import { choosePorts } from '../../src/lab/ports.js'
import { stopServersOn } from '../../src/lab/processes.js'
import type { ServerBinary } from '../../src/lab/server-binary.js'
import { localRoot, startServer } from '../../src/lab/server-process.js'
import { Session, type TextRow } from '../../src/masters/session.js'
import type { MasterConfig } from '../../src/model/config.js'

const BUFFER_POOL = 32

/** One server without a lab around it, started with flags of a test's own. */
export interface OwnServer {
  readonly vendor: ServerBinary['vendor']
  readonly port: number
  readonly socket: string
  readonly logFile: string
  /** Runs statements as root. */
  run(...statements: readonly string[]): Promise<void>
  query(sql: string): Promise<readonly TextRow[]>
  /** How the account logs in over TCP without TLS; `over` changes that. */
  login(over?: Partial<MasterConfig>): MasterConfig
  stop(): Promise<void>
}

const quiet = { install: false, say: () => {} }

/** Makes of a server program one that needs files of its own, which it keeps in the folder of the server. */
export type Equip = (binary: ServerBinary, folder: string) => Promise<ServerBinary>

/** Starts a server of a local kind. `serverId` tells servers of one test apart. */
export async function startOwnServer(
  kind: string,
  serverId: number,
  flags: readonly string[] = [],
  equip: Equip = async (binary) => binary
): Promise<OwnServer> {
  const found = await ensureServer(kind, quiet)
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-own-'))
  // A socket's path may have 107 bytes.
  const run = await mkdtemp(join(tmpdir(), 'mmaudit-s-'))
  const place = { dataDir: join(folder, 'data'), socket: join(run, 's'), logFile: join(folder, 'server.log') }
  await mkdir(dirname(place.dataDir), { recursive: true })
  await copyData(await preparedData(found, () => {}), place.dataDir)
  const [port = 0] = await choosePorts(1, null)
  const lane = { number: serverId, offset: serverId, increment: 2 }
  const stop = async () => {
    await stopServersOn(place.dataDir)
    for (const left of [folder, run]) await rm(left, { recursive: true, force: true })
  }
  try {
    await startServer(await equip(found, folder), place, { port, lane, bufferPool: BUFFER_POOL, flags })
  } catch (error) {
    await stop()
    throw error
  }
  return new Started(found.vendor, port, place.socket, place.logFile, stop)
}

class Started implements OwnServer {
  readonly vendor: ServerBinary['vendor']
  readonly port: number
  readonly socket: string
  readonly logFile: string
  readonly stop: () => Promise<void>

  constructor(
    vendor: ServerBinary['vendor'],
    port: number,
    socket: string,
    logFile: string,
    stop: () => Promise<void>
  ) {
    this.vendor = vendor
    this.port = port
    this.socket = socket
    this.logFile = logFile
    this.stop = stop
  }

  async run(...statements: readonly string[]): Promise<void> {
    const session = await Session.open(localRoot(this.socket))
    for (const statement of statements) await session.run(statement)
    await session.close()
  }

  async query(sql: string): Promise<readonly TextRow[]> {
    const session = await Session.open(localRoot(this.socket))
    const rows = await session.query(sql)
    await session.close()
    return rows
  }

  login(over: Partial<MasterConfig> = {}): MasterConfig {
    return { ...localRoot(this.socket), host: '127.0.0.1', port: this.port, socketPath: null, name: 'a', ...over }
  }
}
