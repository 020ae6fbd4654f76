import { setTimeout as sleep } from 'node:timers/promises'
import { vi } from 'vitest'
import { ensureServer } from '../../src/lab/index.js'
import { adminOf } from '../../src/lab/lab-state.js'
import { placeOf } from '../../src/lab/layout.js'
import { serversOn } from '../../src/lab/processes.js'
import { startServer } from '../../src/lab/server-process.js'
import { Session } from '../../src/masters/session.js'
import type { FaultLab } from './fault-lab.js'
import { holdSession } from './held-session.js'
import type { Fault } from './proxy-link.js'
import { before } from './tcp-faults.js'
import type { TcpProxy } from './tcp-proxy.js'

/** The master that everything here happens to. */
const MASTER = 'b'
const MOST_SESSIONS = 200
const BUFFER_POOL = 32

/** Something happens to the server before it hears of the statement. */
export function locally(lab: FaultLab, ...statements: readonly string[]): Fault {
  return before(() => lab.lab.runLocally(MASTER, ...statements))
}

/**
 * The statement has to wait for `orders` of a database. As soon as it does, `meanwhile` is done to its thread; then the table
 * is let go of.
 */
export function whileItWaits(lab: FaultLab, database: string, meanwhile: (thread: string) => Promise<void>): Fault {
  return before(async (proxy) => {
    const holder = await holdSession(lab.lab, MASTER, `LOCK TABLES ${database}.orders WRITE`)
    beside(proxy, async () => {
      try {
        const [thread = ''] = await threadsWaitingFor(lab, database)
        await meanwhile(thread)
      } finally {
        await holder.close()
      }
    })
  })
}

/** The threads of the statements that wait for `orders` of a database; there is at least one. */
export async function threadsWaitingFor(lab: FaultLab, database: string): Promise<readonly string[]> {
  const waiting = `SELECT ID AS id FROM information_schema.PROCESSLIST
    WHERE INFO LIKE 'SELECT%${database}%orders%' AND STATE LIKE 'Waiting for%lock%' AND USER = 'mmaudit'`
  const found = async () => {
    const threads = (await lab.lab.query(MASTER, waiting)).flatMap(({ id }) => id ?? [])
    return threads.length > 0 ? threads : null
  }
  return vi.waitUntil(found, { timeout: 20_000, interval: 20 })
}

/** The table is kept locked until the audit has ended. */
export function lockedToTheEnd(lab: FaultLab, database: string): Fault {
  return before(async (proxy) => {
    const holder = await holdSession(lab.lab, MASTER, `LOCK TABLES ${database}.orders WRITE`)
    proxy.atClose(() => holder.close())
  })
}

/** The server is killed, and started again on what it left. */
export function restarted(lab: FaultLab, kind: string): Fault {
  const { dir, state } = lab.lab
  const place = placeOf(dir, MASTER)
  const { port = 0, serverId = 0 } = state.masters.find(({ name }) => name === MASTER) ?? {}
  const role = {
    port,
    lane: { number: serverId, offset: serverId, increment: state.masters.length },
    bufferPool: BUFFER_POOL
  }
  return before(async (proxy) => {
    for (const pid of serversOn(place.dataDir)) process.kill(pid, 'SIGKILL')
    await vi.waitUntil(() => serversOn(place.dataDir).length === 0, { timeout: 20_000, interval: 20 })
    beside(proxy, async () => {
      await startServer(await ensureServer(kind, { install: false, say: () => {} }), place, role)
    })
  })
}

/** Other clients take every connection that the server has, and go after a while, or only after the audit. */
export function crowded(lab: FaultLab, milliseconds: number | null): Fault {
  return before(async (proxy) => {
    const others = await takeAllConnections(lab)
    const go = async () => void (await Promise.all(others.map((session) => session.close())))
    if (milliseconds === null) proxy.atClose(go)
    else beside(proxy, () => sleep(milliseconds).then(go))
  })
}

/** Goes on beside the run, whose proxy is only closed once this is over too. */
function beside(proxy: TcpProxy, work: () => Promise<void>): void {
  const done = work()
  // Told when the proxy is closed.
  done.catch(() => {})
  proxy.atClose(() => done)
}

async function takeAllConnections(lab: FaultLab): Promise<readonly Session[]> {
  const master = lab.lab.state.masters.find(({ name }) => name === MASTER)
  if (master === undefined) throw new Error(`the lab has no master ${MASTER}`)
  const sessions: Session[] = []
  while (sessions.length < MOST_SESSIONS) {
    const session = await Session.open({ ...adminOf(master), user: 'mmaudit' }).catch((error: Error) => error)
    if (session instanceof Session) sessions.push(session)
    else if (/too many connections/i.test(session.message)) return sessions
    else throw session
  }
  throw new Error('the server takes any number of connections')
}
