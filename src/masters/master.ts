import type { MasterConfig } from '../model/config.js'
import type { ServerCost } from '../model/costs.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { MasterInfo } from '../model/master.js'
import type { Capabilities } from './capabilities.js'
import { type Clock, systemClock } from './clock.js'
import { type Identity, identify, type Recognised, recognise } from './identify.js'
import { explainLogin } from './login-error.js'
import { Perseverance } from './perseverance.js'
import { retrying } from './retry.js'
import { isPacketTooLarge, isTooManyConnections } from './server-errors.js'
import { Session } from './session.js'
import { NOT_KNOWN_YET, SessionPool } from './session-pool.js'
import { proveRowPackets, setUp } from './set-up.js'
import { Spending } from './spending.js'

/** Other clients come and go; who is let in by then had only come at a busy moment. */
const LOGIN_PATIENCE_MS = 3_000
/** For servers at work without a word; every firewall remembers a connection for longer. */
const SILENCE_SECONDS = 30

/** Who answered so lately is taken to answer still. */
const MOMENT_MS = 200

/** A server as it is known after the first login: its identity, what it can do, and a bounded pool of sessions. */
export class Master {
  readonly info: MasterInfo
  /** The same for two names of one server: its uuid, or else its host name, port and server id. */
  readonly identity: string
  /** How it numbers new rows. */
  readonly lane: { readonly increment: number; readonly offset: number }
  readonly capabilities: Capabilities
  /** Whether it keeps the names of tables in lower case. */
  readonly foldsNames: boolean
  /** Whether its transactions are numbered, so that any follower can be asked for them. */
  readonly usesGtids: boolean
  /** Rejects unless rows arrive as an audit needs them; see `set-up.ts`. */
  readonly proved: Promise<void>
  readonly #config: MasterConfig
  readonly #spending: Spending
  readonly #pool: SessionPool
  readonly #perseverance: Perseverance
  /** When it last did what it was asked for. */
  #answered = performance.now()

  private constructor(config: MasterConfig, identity: Identity, pool: SessionPool, spending: Spending) {
    this.#config = config
    this.#spending = spending
    this.#pool = pool
    this.#perseverance = new Perseverance(`master ${config.name}`, clockOf(pool))
    this.proved = this.withSession(proveRowPackets)
    // Whoever waits for it is told.
    this.proved.catch(() => {})
    this.info = identity.info
    this.identity = identity.identity
    this.lane = identity.lane
    this.capabilities = identity.capabilities
    this.usesGtids = identity.usesGtids
    this.foldsNames = identity.foldsNames
  }

  /** Logs in as {@link logIn} does, and waits until it is proved that rows arrive. */
  static async connect(...login: Parameters<typeof Master.logIn>): Promise<Master> {
    const master = await Master.logIn(...login)
    try {
      await master.proved
      return master
    } catch (error) {
      await master.close()
      throw error
    }
  }

  /**
   * Logs in, and begins to prove that rows arrive as an audit needs them. At most `sessions` are open at once.
   * @param silence seconds without a byte before a server is asked whether it still executes.
   */
  static logIn(config: MasterConfig, sessions: number, silence: number = SILENCE_SECONDS): Promise<Master> {
    return retrying(() => Master.#logInOnce(config, sessions, silence), {
      who: `master ${config.name}`,
      mayPass: isTooManyConnections,
      milliseconds: LOGIN_PATIENCE_MS,
      clock: systemClock(undefined)
    })
  }

  static async #logInOnce(config: MasterConfig, sessions: number, silence: number): Promise<Master> {
    const spending = new Spending()
    const session = await Session.open(config, [], spending)
    try {
      session.listen(silence, NOT_KNOWN_YET)
      const recognised = await recognise(session)
      const pool = new SessionPool(config, recognised, { sessions, silence, spending })
      // Nobody knows the password better on a second attempt, so the others log in after the first.
      pool.openAhead(sessions - 1)
      await setUp(session, recognised.capabilities)
      pool.add(session, recognised)
      return await Master.#known(config, recognised, pool, spending)
    } catch (error) {
      session.destroy()
      throw explainLogin(config, error)
    }
  }

  static async #known(
    config: MasterConfig,
    recognised: Recognised,
    pool: SessionPool,
    spending: Spending
  ): Promise<Master> {
    try {
      return new Master(config, await identify(config, recognised, pool), pool, spending)
    } catch (error) {
      await pool.close()
      throw error
    }
  }

  get name(): string {
    return this.info.name
  }

  /**
   * Lends a session for the length of `use`, waiting for a free one. Where trouble comes that may pass, it is all done again
   * on another session, for some time: `use` must begin from nothing each time it is called, and must not write.
   *
   * @throws GaveUp for trouble that did not pass, MmauditError when another server answers now.
   */
  withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return this.#perseverance.trying(() => this.once(use)).catch((error) => Promise.reject(this.#explained(error)))
  }

  /** As {@link withSession}, without another attempt. */
  async once<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const result = await this.#pool.lend(use)
    this.#answered = performance.now()
    return result
  }

  /** A session of the caller's own, outside the pool, after running `settings`. The caller closes it. */
  openSession(settings: readonly string[]): Promise<Session> {
    return this.#pool.openSession(async (session) => {
      for (const statement of settings) await session.run(statement)
    })
  }

  /** What was asked of it so far. */
  get cost(): ServerCost {
    return this.#spending.cost
  }

  /** The account that logs in, for hints. */
  get user(): string {
    return this.#config.user
  }

  /** Makes sure that the server answers, and is the one it was. */
  async ping(): Promise<void> {
    await this.withSession((session) => session.query('SELECT 1'))
  }

  /** As {@link ping}, unless it has answered a moment ago: over a slow link, to ask takes longer than that. */
  async answers(): Promise<void> {
    if (performance.now() - this.#answered > MOMENT_MS) await this.ping()
  }

  /** Says goodbye on idle sessions and drops those still at work. */
  close(): Promise<void> {
    return this.#pool.close()
  }

  #explained(error: unknown): unknown {
    if (!isPacketTooLarge(error)) return error
    return new MmauditError('incomplete', `master ${this.name}: a statement is too large for it: ${messageOf(error)}`, {
      hint: `raise max_allowed_packet on ${this.name}`,
      cause: error
    })
  }
}

/** Real time, until the pool is closed: nobody sleeps on then. */
function clockOf(pool: SessionPool): Clock {
  const clock = systemClock(pool.signal)
  return { ...clock, sleep: (milliseconds) => clock.sleep(milliseconds).catch(() => pool.refuseClosed()) }
}
