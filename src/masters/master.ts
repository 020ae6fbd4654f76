import pLimit, { type LimitFunction } from 'p-limit'
import type { MasterConfig } from '../model/config.js'
import type { ServerCost } from '../model/costs.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { MasterInfo } from '../model/master.js'
import { type Capabilities, capabilitiesOf } from './capabilities.js'
import { explainLogin } from './login-error.js'
import { type Position, readPosition } from './position.js'
import { readChannels } from './replication.js'
import { rowByRow } from './row-framer.js'
import { DRIVER_VERSION } from './row-stream.js'
import { isConnectionLost, isMissingPrivilege } from './server-errors.js'
import { Session } from './session.js'
import { Spending } from './spending.js'

/** Who alters a table waits for readers, and whoever comes later waits for both: an audit stands in that queue only so long. */
const LOCK_WAIT_SECONDS = 5

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
  readonly #config: MasterConfig
  readonly #limit: LimitFunction
  readonly #idle: Session[]
  readonly #open = new Set<Session>()
  readonly #spending: Spending
  #closed = false

  private constructor(config: MasterConfig, first: Session, identity: Identity, sessions: number, spending: Spending) {
    this.#config = config
    this.#spending = spending
    this.#limit = pLimit(sessions)
    this.#idle = [first]
    this.#open.add(first)
    this.info = identity.info
    this.identity = identity.identity
    this.lane = identity.lane
    this.capabilities = identity.capabilities
    this.usesGtids = identity.usesGtids
    this.foldsNames = identity.foldsNames
  }

  /** Logs in, and proves that this session delivers rows as the audit needs them. At most `sessions` are open at once. */
  static async connect(config: MasterConfig, sessions: number): Promise<Master> {
    const spending = new Spending()
    const session = await Session.open(config, [], spending)
    try {
      const identity = await identify(config, session)
      await setUp(session, identity.capabilities)
      await proveRowPackets(session)
      return new Master(config, session, identity, sessions, spending)
    } catch (error) {
      session.destroy()
      throw explainLogin(config, error)
    }
  }

  get name(): string {
    return this.info.name
  }

  /** Lends a session for the length of `use`, waiting for a free one. A session whose connection broke is not lent again. */
  withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      const session = this.#idle.pop() ?? (await this.#openPooled())
      try {
        const result = await use(session)
        this.#giveBack(session)
        return result
      } catch (error) {
        if (isConnectionLost(error)) this.#drop(session)
        else this.#giveBack(session)
        throw error
      }
    })
  }

  /** A session of the caller's own, outside the pool, after running `settings`. The caller closes it. */
  async openSession(settings: readonly string[]): Promise<Session> {
    this.#refuseClosed()
    const session = await Session.open(this.#config, settings, this.#spending)
    this.#open.add(session)
    return session
  }

  /** What was asked of it so far. */
  get cost(): ServerCost {
    return this.#spending.cost
  }

  /** The account that logs in, for hints. */
  get user(): string {
    return this.#config.user
  }

  /** Makes sure that the server answers. Connections that broke while they lay idle are made again. */
  async ping(): Promise<void> {
    const ask = () => this.withSession((session) => session.query('SELECT 1'))
    await ask().catch((error) => {
      if (!isConnectionLost(error)) throw error
      for (const session of this.#idle.splice(0)) this.#drop(session)
      return ask()
    })
  }

  /** Says goodbye on idle sessions and drops those still at work. */
  async close(): Promise<void> {
    this.#closed = true
    const idle = this.#idle.splice(0)
    for (const session of this.#open) if (!idle.includes(session)) session.destroy()
    await Promise.all(idle.map((session) => session.close()))
    this.#open.clear()
  }

  #refuseClosed(): void {
    if (this.#closed) throw new MmauditError('interrupted', `the connection to master ${this.name} was closed`)
  }

  async #openPooled(): Promise<Session> {
    this.#refuseClosed()
    const session = await Session.open(this.#config, [], this.#spending)
    await setUp(session, this.capabilities)
    this.#open.add(session)
    return session
  }

  #giveBack(session: Session): void {
    if (this.#closed) this.#drop(session)
    else this.#idle.push(session)
  }

  #drop(session: Session): void {
    this.#open.delete(session)
    session.destroy()
  }
}

interface Identity {
  readonly info: MasterInfo
  readonly identity: string
  readonly lane: { readonly increment: number; readonly offset: number }
  readonly capabilities: Capabilities
  readonly usesGtids: boolean
  readonly foldsNames: boolean
}

async function identify(config: MasterConfig, session: Session): Promise<Identity> {
  const [server] = await session.query(
    'SELECT VERSION() AS version, @@version_comment AS comment, @@server_id AS server_id, @@hostname AS host_name, ' +
      '@@port AS port, @@lower_case_table_names AS folding, @@GLOBAL.auto_increment_increment AS increment, @@GLOBAL.auto_increment_offset AS `offset`'
  )
  const serverVersion = server?.version ?? ''
  const capabilities = capabilitiesOf(serverVersion, server?.comment ?? '')
  const position = await readReplication(session, capabilities).catch((error) => {
    throw lacksPrivilege(config, capabilities, error)
  })
  return {
    capabilities,
    usesGtids: position.gtid !== null,
    foldsNames: server?.folding !== '0',
    identity:
      (await serverUuid(session, capabilities)) ?? `${server?.host_name}:${server?.port} id ${server?.server_id}`,
    lane: { increment: Number(server?.increment), offset: Number(server?.offset) },
    info: {
      name: config.name,
      host: config.host,
      port: config.socketPath === null ? config.port : Number(server?.port),
      vendor: capabilities.vendor,
      serverVersion,
      serverId: Number(server?.server_id),
      position: position.text
    }
  }
}

/** Reads all that confirming will need, so that a missing privilege is told before anything is compared. */
async function readReplication(session: Session, capabilities: Capabilities): Promise<Position> {
  await readChannels(session, capabilities)
  return readPosition(session, capabilities)
}

/** MariaDB has `server_uid` only in some releases of each series; without it the value is unknown. */
async function serverUuid(session: Session, capabilities: Capabilities): Promise<string | null> {
  const name = capabilities.vendor === 'mariadb' ? 'server_uid' : 'server_uuid'
  const [row] = await session.query(`SHOW GLOBAL VARIABLES LIKE '${name}'`)
  return row?.Value ?? null
}

function lacksPrivilege(config: MasterConfig, capabilities: Capabilities, error: unknown): unknown {
  if (!isMissingPrivilege(error)) return error
  const grants = capabilities.auditPrivileges.join(', ')
  return new MmauditError(
    'incomplete',
    `master ${config.name}: the account ${config.user} may not read the replication state: ${messageOf(error)}`,
    { hint: `on that server: GRANT ${grants} ON *.* TO '${config.user}'@'<host>';`, cause: error }
  )
}

/**
 * Makes sessions of all masters alike, whatever their globals say: stored bytes arrive unconverted, times in UTC, rows of
 * one statement from one snapshot, and nothing can be written.
 */
async function setUp(session: Session, capabilities: Capabilities): Promise<void> {
  // In as few statements as there can be: over a slow link, each costs more than all the rest of a login.
  const settings = [
    'character_set_results = NULL',
    "time_zone = '+00:00'",
    "sql_mode = 'NO_BACKSLASH_ESCAPES'",
    capabilities.noStatementTimeout,
    `lock_wait_timeout = ${LOCK_WAIT_SECONDS}`
  ]
  await session.run(`SET NAMES utf8mb4, ${settings.map((setting) => `SESSION ${setting}`).join(', ')}`)
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
}

/** See `row-stream.ts`: without this, a driver that changed inside could show every table as empty, and so as equal. */
async function proveRowPackets(session: Session): Promise<void> {
  const packets: string[] = []
  await session.stream("SELECT 'x' AS a, NULL AS b, CAST(258.5 AS DECIMAL(10, 2)) AS c", () =>
    rowByRow((buffer, start, end) => packets.push(buffer.toString('hex', start, end)))
  )
  // 00, NULL bitmap with the second of three columns set, a string of length one, `258.50` with its length.
  if (packets.length === 1 && packets[0] === `0008017806${Buffer.from('258.50').toString('hex')}`) return
  throw new MmauditError(
    'incomplete',
    `master ${session.master}: the MySQL driver (mysql2 ${DRIVER_VERSION}) does not deliver row packets`,
    { hint: 'install mmaudit with the exact mysql2 version that its package.json names' }
  )
}
