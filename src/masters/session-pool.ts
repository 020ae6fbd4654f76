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
  readonly #open = new Set<Session>()
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
    this.#idle.push(session)
  }

  /** Lends a session for the length of `use`, waiting for a free one. A session whose connection broke is not lent again. */
  lend<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      this.refuseClosed()
      const session = this.#idle.pop() ?? (await this.openSession((opened) => setUp(opened, this.#server.capabilities)))
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
    const idle = this.#idle.splice(0)
    for (const session of this.#open) if (!idle.includes(session)) session.destroy()
    await Promise.all(idle.map((session) => session.close()))
    this.#open.clear()
  }

  /** From now on the server can be asked about the connection. */
  #listen(session: Session, recognised: Recognised): void {
    session.listen(this.#options.silence, () => whyNotExecuting(this.#config, recognised))
  }

  #giveBack(session: Session): void {
    if (this.signal.aborted) this.#drop(session)
    else this.#idle.push(session)
  }

  /** What broke one connection has mostly broken those that lie idle as well, and each would cost an attempt. */
  #dropWithIdle(session: Session): void {
    for (const each of [session, ...this.#idle.splice(0)]) this.#drop(each)
  }

  #drop(session: Session): void {
    this.#open.delete(session)
    session.destroy()
  }
}

/** Before a server has said who it is, nothing can be asked about the connection. */
export const NOT_KNOWN_YET = () => Promise.resolve('the server had not yet said who it is')
