import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../masters/session.js'
import type { MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import { type DetachedChild, lastWords, startDetached } from './children.js'
import { stopServersOn } from './processes.js'
import type { ServerBinary } from './server-binary.js'
import { type ServerPlace, type ServerRole, serverCommand } from './server-flags.js'

/** A lean server answers within a second or two; ten times that still leaves room for a busy machine. */
const START_TIMEOUT_MS = 60_000
const POLL_MS = 20
const LOG_LINES = 12

/** The administrator of a freshly initialised server, through its socket. */
export function localRoot(socket: string): MasterConfig {
  return {
    name: 'lab',
    host: 'localhost',
    port: 0,
    socketPath: socket,
    user: 'root',
    password: null,
    sslMode: 'DISABLED',
    sslCa: null,
    sslCert: null,
    sslKey: null
  }
}

/** Starts a server that outlives this process, and waits until it answers. Returns its process id. */
export async function startServer(binary: ServerBinary, place: ServerPlace, role: ServerRole): Promise<number> {
  const child = await startDetached(serverCommand(binary, place, role), place.logFile)
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await answers(place.socket))) {
    if (child.hasExited()) throw await startError(binary, place, 'ended while starting')
    if (Date.now() > deadline) throw await giveUp(binary, place, child)
    await sleep(POLL_MS)
  }
  return child.pid
}

async function answers(socket: string): Promise<boolean> {
  try {
    const session = await Session.open(localRoot(socket))
    session.destroy()
    return true
  } catch {
    return false
  }
}

async function giveUp(binary: ServerBinary, place: ServerPlace, child: DetachedChild): Promise<MmauditError> {
  await stopServersOn(place.dataDir)
  return startError(binary, place, `(process ${child.pid}) did not answer within ${START_TIMEOUT_MS / 1000} seconds`)
}

async function startError(binary: ServerBinary, place: ServerPlace, what: string): Promise<MmauditError> {
  const log = await readFile(place.logFile, 'utf8').catch(() => '')
  return new MmauditError(
    'incomplete',
    `the ${binary.vendor} ${binary.version} server ${what}; the end of its log${lastWords(log, LOG_LINES)}`
  )
}
