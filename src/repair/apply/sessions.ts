import type { Master } from '../../masters/master.js'
import type { Session } from '../../masters/session.js'
import { openWriteSession } from '../../masters/write-session.js'

/** One session for each master, all in one transaction at a time: one writes, the others hold still what it builds on. */
export class RepairSessions {
  readonly #sessions: ReadonlyMap<string, Session>

  private constructor(sessions: ReadonlyMap<string, Session>) {
    this.#sessions = sessions
  }

  /** @param logged the masters whose writes go to the binlog, because they cannot be kept out of it. */
  static async open(
    masters: readonly Master[],
    targets: ReadonlySet<string>,
    logged: boolean
  ): Promise<RepairSessions> {
    const opened = await Promise.allSettled(
      masters.map((master) => openWriteSession(master, logged || !targets.has(master.name)))
    )
    const sessions = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const failure = opened.find((each) => each.status === 'rejected')
    if (failure !== undefined) {
      for (const session of sessions) session.destroy()
      throw failure.reason
    }
    return new RepairSessions(new Map(sessions.map((session) => [session.master, session])))
  }

  of(master: string): Session {
    const session = this.#sessions.get(master)
    if (session === undefined) throw new Error(`no session was opened on ${master}`)
    return session
  }

  async begin(): Promise<void> {
    await this.#each((session) => session.run('START TRANSACTION'))
  }

  /** Ends whatever is open, everywhere. A session that is lost has rolled back by itself. */
  async rollBack(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.run('ROLLBACK')))
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close()))
  }

  async #each(work: (session: Session) => Promise<unknown>): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(work))
  }
}
