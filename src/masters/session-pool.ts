import pLimit, { type LimitFunction } from 'p-limit'
import type { MasterConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import { type Identity, type Recognised, recognise, refuseOther } from './identify.js'
import { whyNotExecuting } from './probe.js'
import { isConnectionLost } from './server-errors.js'
import { Session } from './session.js'
import { setUp } from './set-up.js'
import type { Spending } from './spending.js'

/** What the sessions of a pool have in common. */
export interface PoolOptions {
  /** At most so many are open at once. */
  readonly sessions: number
  /** Seconds without a byte before the server is asked whether it still executes. */
  readonly silence: number
  /** Is charged with what they cost. */
  readonly spending: Spending
}

/** Sessions of one server, opened as they are needed. Each proves that it is still the same one. */
export class SessionPool {
  readonly #config: MasterConfig
  readonly #server: Pick<Identity, 'identity' | 'capabilities'>
  readonly #options: PoolOptions
  readonly #limit: LimitFunction
  readonly #idle: Session[] = []
  /** How many are being opened ahead. */
  #coming = 0
  /** Who waits for one of those, or for any that is given back before; gets `null` when one could not be opened. */
  readonly #waiting: ((session: Session | null) => void)[] = []
  readonly #open = new Set<Session>()
  /** Those of the open ones that may have something under way. */
  readonly #busy = new Set<Session>()
  readonly #closing = new AbortController()

  constructor(config: MasterConfig, server: Pick<Identity, 'identity' | 'capabilities'>, options: PoolOptions) {
    this.#config = config
    this.#server = server
    this.#options = options
    this.#limit = pLimit(options.sessions)
  }

  /** Is aborted when the pool is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal
  }

  /** Takes a session in that was set up already. */
  add(session: Session, recognised: Recognised): void {
    this.#open.add(session)
    this.#listen(session, recognised)
    this.#giveBack(session)
  }

  /**
   * Begins to open sessions, so that nobody has to wait for their round trips later. One that cannot be opened now is opened
   * by whoever needs it, who is told why not.
   */
  openAhead(sessions: number): void {
    for (let at = 0; at < sessions; at++) {
      this.#coming++
      void this.#openNext()
        .catch(() => null)
        .then((session) => {
          this.#coming--
          if (session === null) this.#waiting.shift()?.(null)
          else this.#giveBack(session)
        })
    }
  }

  /** Lends a session for the length of `use`, waiting for a free one. A session whose connection broke is not lent again. */
  lend<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      this.refuseClosed()
      const session = this.#idle.pop() ?? (await this.#nextFree()) ?? (await this.#openNext())
      this.#busy.add(session)
      try {
        const result = await use(session)
        this.#giveBack(session)
        return result
      } catch (error) {
        if (isConnectionLost(error)) this.#dropWithIdle(session)
        else this.#giveBack(session)
        throw error
      }
    })
  }

  /** A new session on the same server, outside the pool. */
  async openSession(prepare: (session: Session) => Promise<void>): Promise<Session> {
    this.refuseClosed()
    const session = await Session.open(this.#config, [], this.#options.spending)
    this.#open.add(session)
    this.#busy.add(session)
    try {
      this.refuseClosed()
      session.listen(this.#options.silence, NOT_KNOWN_YET)
      const now = await recognise(session)
      refuseOther(this.#config.name, this.#server, now)
      this.#listen(session, now)
      await prepare(session)
      return session
    } catch (error) {
      this.#drop(session)
      throw error
    }
  }

  /** @throws MmauditError `interrupted` once the pool is closed. */
  refuseClosed(): void {
    if (!this.signal.aborted) return
    throw new MmauditError('interrupted', `the connection to master ${this.#config.name} was closed`)
  }

  /** Says goodbye on idle sessions and drops those still at work. */
  async close(): Promise<void> {
    this.#closing.abort()
    const idle = [...this.#open].filter((session) => !this.#busy.has(session))
    for (const session of this.#busy) session.destroy()
    for (const refused of this.#waiting.splice(0)) refused(null)
    await Promise.all(idle.map((session) => session.close()))
    this.#open.clear()
    this.#busy.clear()
  }

  /** The first session that becomes free while there is one to come for everybody who waits; `null` when there is none. */
  #nextFree(): Promise<Session | null> | null {
    if (this.#waiting.length >= this.#coming) return null
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #openNext(): Promise<Session> {
    return this.openSession((opened) => setUp(opened, this.#server.capabilities))
  }

  /** From now on the server can be asked about the connection. */
  #listen(session: Session, recognised: Recognised): void {
    session.listen(this.#options.silence, () => whyNotExecuting(this.#config, recognised))
  }

  #giveBack(session: Session): void {
    if (this.signal.aborted) {
      this.#drop(session)
      return
    }
    this.#busy.delete(session)
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(session)
    else next(session)
  }

  /** What broke one connection has mostly broken those that lie idle as well, and each would cost an attempt. */
  #dropWithIdle(session: Session): void {
    for (const each of [session, ...this.#idle.splice(0)]) this.#drop(each)
  }

  #drop(session: Session): void {
    this.#open.delete(session)
    this.#busy.delete(session)
    session.destroy()
  }
}

/** Before a server has said who it is, nothing can be asked about the connection. */
export const NOT_KNOWN_YET = () => Promise.resolve('the server had not yet said who it is')
