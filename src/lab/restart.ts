import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../masters/session.js'
import { MmauditError } from '../model/errors.js'
import { startDetached } from './children.js'
import type { LabMaster } from './lab-state.js'
import { placeOf } from './layout.js'
import { serversOn } from './processes.js'
import { localRoot } from './server-process.js'

const TIMEOUT_MS = 60_000
const POLL_MS = 20

/** The command line of a server that was killed, to be started again by. */
export type CommandLine = readonly string[]

/** Kills the server of a master as a loss of power would. @throws MmauditError for one that the lab did not start. */
export async function killServer({ name, dataDir }: LabMaster): Promise<CommandLine> {
  const [pid] = dataDir === null ? [] : serversOn(dataDir)
  if (pid === undefined || dataDir === null) {
    throw new MmauditError('usage', `${name} is no server that this lab has started, and is not killed`)
  }
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  process.kill(pid, 'SIGKILL')
  while (serversOn(dataDir).length > 0) await sleep(POLL_MS)
  return command
}

/** Starts a killed server again, with its replication standing still. Returns its process id. */
export async function startAgain(command: CommandLine, dir: string, { name, vendor }: LabMaster): Promise<number> {
  const { socket, logFile } = placeOf(dir, name)
  // A killed MySQL leaves a lock on its socket, and takes a process that is not yet reaped for its owner.
  await rm(`${socket}.lock`, { force: true })
  const asleep = vendor === 'mysql' ? '--skip-replica-start' : '--skip-slave-start'
  const child = await startDetached([...command, asleep], logFile)
  const deadline = Date.now() + TIMEOUT_MS
  while (!(await answers(socket))) {
    if (child.hasExited() || Date.now() > deadline) {
      throw new MmauditError('incomplete', `the server of ${name} did not start again; see ${logFile}`)
    }
    await sleep(POLL_MS)
  }
  return child.pid
}

async function answers(socket: string): Promise<boolean> {
  return Session.open(localRoot(socket)).then(
    (session) => {
      session.destroy()
      return true
    },
    () => false
  )
}
