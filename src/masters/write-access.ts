import type { Replica } from '../model/repair.js'
import { text } from '../sql/literal.js'
import type { Capabilities } from './capabilities.js'
import { isMissingPrivilege } from './server-errors.js'
import type { Session, TextRow } from './session.js'

/** Servers that certify each other's transactions; what one of them writes on its own, the others hold against it. */
interface Cluster {
  readonly kind: 'galera' | 'group-replication'
  /** What the node says of itself, such as `Synced` or `ONLINE`; `null` when it does not tell. */
  readonly state: string | null
}

/** Whether a master takes writes, and who would see them. */
export interface WriteAccess {
  /** Only accounts with a special privilege may write. */
  readonly readOnly: boolean
  /** The setting under which no account at all may write; `null` when there is none. */
  readonly closedBy: string | null
  /** The cluster that the server is, or is set up to be, a part of. */
  readonly cluster: Cluster | null
  readonly logsBinlog: boolean
  /** The setting by which its appliers pass over errors, such as `slave_exec_mode = IDEMPOTENT`; `null` when there is none. */
  readonly passesOver: string | null
  /** `ROW`, `STATEMENT` or `MIXED`. */
  readonly binlogFormat: string
  /** Servers that replicate from this one now; other audited masters too. `null` when the account may not know. */
  readonly replicas: readonly Replica[] | null
}

/** Reads what has to be known of a master as a whole before it is written to. */
export async function readWriteAccess(session: Session, capabilities: Capabilities): Promise<WriteAccess> {
  const names = capabilities.writeVariables.map(text).join(', ')
  const rows = await session.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const variables = new Map(rows.map((row) => [row.Variable_name ?? '', row.Value ?? '']))
  return {
    readOnly: isOn(variables.get('read_only')),
    closedBy: ['super_read_only', 'innodb_read_only'].find((name) => isOn(variables.get(name))) ?? null,
    cluster: await readCluster(session, variables),
    logsBinlog: isOn(variables.get('log_bin')),
    passesOver: passingOver(variables),
    binlogFormat: variables.get('binlog_format') ?? 'ROW',
    replicas: await readFollowers(session, capabilities)
  }
}

function passingOver(variables: ReadonlyMap<string, string>): string | null {
  const found = [...variables].find(
    ([name, value]) =>
      (name.endsWith('_exec_mode') && value === 'IDEMPOTENT') || (name.endsWith('_skip_errors') && isOn(value))
  )
  return found === undefined ? null : found.join(' = ')
}

/** Newer versions of MariaDB know more values than on and off, all of which forbid something. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'OFF' && value !== '0'
}

async function readCluster(session: Session, variables: ReadonlyMap<string, string>): Promise<Cluster | null> {
  const provider = variables.get('wsrep_provider') ?? ''
  if (isOn(variables.get('wsrep_on')) && provider !== '' && provider !== 'none') {
    const [status] = await session.query("SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'")
    return { kind: 'galera', state: status?.Value ?? null }
  }
  if (!variables.get('group_replication_group_name')) return null
  return { kind: 'group-replication', state: await groupState(session) }
}

/** Empty without the performance schema, and closed to accounts that may not read it. */
async function groupState(session: Session): Promise<string | null> {
  const members = 'SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members'
  const rows = await session.query(`${members} WHERE MEMBER_ID = @@server_uuid`).catch(nothingIfHidden)
  return rows?.[0]?.state ?? null
}

async function readFollowers(session: Session, capabilities: Capabilities): Promise<readonly Replica[] | null> {
  const rows = await session.query(capabilities.showFollowers).catch(nothingIfHidden)
  return rows === null ? null : rows.map(replicaOf)
}

/** Vendors and versions differ in the case of the names. */
function replicaOf(row: TextRow): Replica {
  const field = (name: string) => Object.entries(row).find(([key]) => key.toLowerCase() === name)?.[1] ?? ''
  return { serverId: Number(field('server_id')), host: field('host'), port: Number(field('port')) }
}

function nothingIfHidden(error: unknown): null {
  if (isMissingPrivilege(error)) return null
  throw error
}
