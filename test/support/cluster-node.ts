import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram, startDetached } from '../../src/lab/children.js'
import { copyData, preparedData } from '../../src/lab/data-folder.js'
import { ensureServer } from '../../src/lab/ensure-server.js'
import { choosePorts } from '../../src/lab/ports.js'
import { stopServersOn } from '../../src/lab/processes.js'
import { serverCommand } from '../../src/lab/server-flags.js'
import { localRoot } from '../../src/lab/server-process.js'
import { Session } from '../../src/masters/session.js'

const START_TIMEOUT_MS = 60_000
const POLL_MS = 50

/** A cluster of one node, on loopback. */
export interface ClusterNode {
  readonly socket: string
  readonly port: number
  /** Opens a session as the administrator. */
  open(settings?: readonly string[]): Promise<Session>
  stop(): Promise<void>
}

/** What makes a server of a kind the first and only node of a cluster. */
export interface ClusterRecipe {
  readonly kind: string
  /** @param port for the nodes to speak to each other. */
  readonly flags: (port: number) => readonly string[]
  /** Asks for one value in a column `state`. */
  readonly askState: string
  /** What it says once the node takes part. */
  readonly readyState: string
}

/** Starts a node with a data folder of its own. */
export async function startClusterNode(recipe: ClusterRecipe): Promise<ClusterNode> {
  const dir = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-node-'))
  const place = { dataDir: join(dir, 'data'), socket: join(dir, 's'), logFile: join(dir, 'server.log') }
  const stop = async () => {
    await stopServersOn(place.dataDir)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const binary = await ensureServer(recipe.kind, { install: true, say: () => {} })
    await copyData(await preparedData(binary, () => {}), place.dataDir)
    const [port = 0, groupPort = 0] = await choosePorts(2, null)
    const command = serverCommand(binary, place, { port, lane: { number: 1, offset: 1, increment: 1 }, bufferPool: 32 })
    const child = await startDetached([...command, ...recipe.flags(groupPort)], place.logFile)
    await untilReady(recipe, place.socket, place.logFile, () => child.hasExited())
    return { socket: place.socket, port, open: (settings) => Session.open(localRoot(place.socket), settings), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function untilReady(
  recipe: ClusterRecipe,
  socket: string,
  logFile: string,
  hasExited: () => boolean
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while ((await stateOf(recipe, socket)) !== recipe.readyState) {
    if (hasExited() || Date.now() > deadline) {
      throw new Error(`the node does not come up: ${await runProgram('tail', ['-n', '20', logFile])}`)
    }
    await sleep(POLL_MS)
  }
}

async function stateOf({ askState }: ClusterRecipe, socket: string): Promise<string | null> {
  try {
    const session = await Session.open(localRoot(socket))
    try {
      const [row] = await session.query(askState)
      return row?.state ?? row?.Value ?? null
    } finally {
      session.destroy()
    }
  } catch {
    return null
  }
}
