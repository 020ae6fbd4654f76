import type { MasterConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { MasterInfo } from '../model/master.js'
import { type Capabilities, capabilitiesOf } from './capabilities.js'
import { type Position, readPosition } from './position.js'
import { readChannels } from './replication.js'
import { isMissingPrivilege } from './server-errors.js'
import type { Session } from './session.js'

/** A server as it is known after the first login. */
export interface Identity {
  readonly info: MasterInfo
  /** The same for two names of one server: its uuid, or else its host name, port and server id. */
  readonly identity: string
  readonly lane: { readonly increment: number; readonly offset: number }
  readonly capabilities: Capabilities
  readonly usesGtids: boolean
  readonly foldsNames: boolean
}

/** What a server says of itself on each new session. */
export interface Recognised {
  /** As in {@link Identity}. */
  readonly identity: string
  readonly capabilities: Capabilities
  readonly serverVersion: string
  readonly serverId: number
  readonly port: number
  /** The number by which the server knows the connection. */
  readonly connectionId: string
}

/** MariaDB has `server_uid` only in some releases of each series; both say `pseudo_thread_id` of the session itself. */
const WHO =
  "SHOW VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'server_id', 'version', 'version_comment', 'pseudo_thread_id')"

const NAMES_AND_LANE =
  'SELECT @@lower_case_table_names AS folding, @@GLOBAL.auto_increment_increment AS increment, ' +
  '@@GLOBAL.auto_increment_offset AS `offset`'

/** Has sessions to lend, as a pool has. */
interface Lender {
  lend<T>(use: (session: Session) => Promise<T>): Promise<T>
}

/** Asks who answers on a session. */
export async function recognise(session: Session): Promise<Recognised> {
  const rows = await session.query(WHO)
  const variables = new Map(rows.map((row) => [row.Variable_name ?? '', row.Value ?? '']))
  const variable = (name: string) => variables.get(name) ?? ''
  const capabilities = capabilitiesOf(variable('version'), variable('version_comment'))
  const uuid = variable(capabilities.vendor === 'mariadb' ? 'server_uid' : 'server_uuid')
  return {
    identity: uuid || `${variable('hostname')}:${variable('port')} id ${variable('server_id')}`,
    capabilities,
    serverVersion: variable('version'),
    serverId: Number(variable('server_id')),
    port: Number(variable('port')),
    connectionId: variable('pseudo_thread_id')
  }
}

/**
 * Reads all that has to be known of a server, at once: each question costs a round trip. Also what confirming will need, so
 * that a missing privilege is told before anything is compared.
 */
export async function identify(config: MasterConfig, known: Recognised, pool: Lender): Promise<Identity & Recognised> {
  const { capabilities } = known
  const [[server], position] = await Promise.all([
    pool.lend((session) => session.query(NAMES_AND_LANE)),
    readReplication(pool, capabilities).catch((error) => {
      throw lacksPrivilege(config, capabilities, error)
    })
  ])
  return {
    ...known,
    usesGtids: position.gtid !== null,
    foldsNames: server?.folding !== '0',
    lane: { increment: Number(server?.increment), offset: Number(server?.offset) },
    info: {
      name: config.name,
      host: config.host,
      port: config.socketPath === null ? config.port : known.port,
      vendor: capabilities.vendor,
      serverVersion: known.serverVersion,
      serverId: known.serverId,
      position: position.text
    }
  }
}

/**
 * Makes sure that a server is the one it was. An address may have moved to another one meanwhile, and what that holds says
 * nothing of this one. Another version of the same server will do.
 */
export function refuseOther(
  master: string,
  before: Pick<Identity, 'identity' | 'capabilities'>,
  now: Recognised
): void {
  const isSame = now.identity === before.identity && now.capabilities.vendor === before.capabilities.vendor
  if (isSame) return
  throw new MmauditError(
    'incomplete',
    `master ${master} answered as another server than at the beginning (${before.identity} then, ${now.identity} now)`,
    { hint: 'its address may have moved to another server; audit again once it stays where it is' }
  )
}

/** Reads what confirming will need. */
async function readReplication(pool: Lender, capabilities: Capabilities): Promise<Position> {
  const [position] = await Promise.all([
    pool.lend((session) => readPosition(session, capabilities)),
    pool.lend((session) => readChannels(session, capabilities))
  ])
  return position
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
