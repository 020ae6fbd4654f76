import type { Master } from '../../masters/master.js'
import type { Session } from '../../masters/session.js'
import { openWriteSession } from '../../masters/write-session.js'

/** Sessions for reserving ids: one for each master, opened when it is first needed. */
export class ReservingSessions {
  readonly #logged: boolean
  readonly #open = new Map<string, Session>()

  /** @param logged for accounts that cannot keep their writes out of the binlog; what is rolled back is not logged anyway. */
  constructor(logged: boolean) {
    this.#logged = logged
  }

  async of(master: Master): Promise<Session> {
    const known = this.#open.get(master.name)
    if (known !== undefined) return known
    const session = await openWriteSession(master, this.#logged)
    this.#open.set(master.name, session)
    // A copy of a row points to what the row points to, and is pointed to by nothing.
    await session.run('SET SESSION foreign_key_checks = 0')
    return session
  }

  /** Gives a session up that may be of no use any more; whatever it had open is rolled back. */
  drop(master: Master): void {
    this.#open.get(master.name)?.destroy()
    this.#open.delete(master.name)
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((session) => session.close()))
    this.#open.clear()
  }
}
