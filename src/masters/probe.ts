import type { MasterConfig } from '../model/config.js'
import { messageOf } from '../model/errors.js'
import { type Recognised, recognise } from './identify.js'
import { Session } from './session.js'

/** What a thread does that has nothing under way, or will not end it. */
const NOT_AT_WORK = new Set(['Sleep', 'Killed', 'Quit'])
/** The server waits for the other side to take what it sent. It says so only while it does. */
const SENDING = /^(writing to net|sending to client)/i

/** A server that answers at all answers a new connection sooner. */
const PATIENCE_SECONDS = 10

/**
 * Asks a server on a new connection whether it still executes a statement on another one: `null` when it does, else what is
 * wrong. An account may always see its own connections.
 *
 * @param before who had answered on the other connection.
 */
export async function whyNotExecuting(config: MasterConfig, before: Recognised): Promise<string | null> {
  try {
    const session = await Session.open(config)
    session.listen(PATIENCE_SECONDS, () => Promise.resolve('it is a new connection'))
    try {
      return await look(session, before)
    } finally {
      session.destroy()
    }
  } catch (error) {
    return `a new connection does not work either: ${messageOf(error)}`
  }
}

async function look(session: Session, before: Recognised): Promise<string | null> {
  const now = await recognise(session)
  if (now.identity !== before.identity) return 'another server answers at its address now'
  const threads = await session.query('SHOW PROCESSLIST')
  return whyNot(threads.find((thread) => thread.Id === before.connectionId))
}

/** @param thread a row of SHOW PROCESSLIST. */
export function whyNot(thread: Readonly<Record<string, string | null>> | undefined): string | null {
  if (thread === undefined) return 'the server does not know the connection any more'
  if (NOT_AT_WORK.has(thread.Command ?? '')) return 'the server has no statement under way on it'
  return SENDING.test(thread.State ?? '') ? 'what the server sends does not arrive' : null
}
