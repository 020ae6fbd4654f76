import type { Capabilities } from './capabilities.js'
import type { Session } from './session.js'

/** How far a server's own binlog is, in the terms in which a follower can be asked whether it has applied that much. */
export interface Position {
  /** For people and reports: GTIDs where the server uses them, else `file:offset`; empty without a binlog. */
  readonly text: string
  /** `null` when the server does not number its transactions. Only servers of the same vendor understand it. */
  readonly gtid: GtidPosition | null
  /** `null` without a binlog: nobody can follow this server. Only direct followers can be asked for it. */
  readonly file: FilePosition | null
}

type GtidPosition =
  | { readonly vendor: 'mysql'; readonly set: string }
  | { readonly vendor: 'mariadb'; readonly entries: readonly GtidEntry[] }

export interface FilePosition {
  readonly file: string
  readonly offset: number
}

/** MariaDB: the last transaction that `serverId` wrote in `domain`. */
export interface GtidEntry {
  readonly domain: number
  readonly serverId: number
  readonly sequence: bigint
}

/** Reads the current position of a server. */
export async function readPosition(session: Session, capabilities: Capabilities): Promise<Position> {
  const [row] = await session.query(capabilities.showBinlogPosition)
  const file = row === undefined ? null : { file: row.File ?? '', offset: Number(row.Position) }
  if (file === null) return { text: '', gtid: null, file: null }
  const gtid = await (capabilities.vendor === 'mariadb' ? mariadbGtid(session) : mysqlGtid(session))
  return { file, gtid: gtid?.gtid ?? null, text: gtid?.text ?? `${file.file}:${file.offset}` }
}

async function mariadbGtid(session: Session): Promise<{ text: string; gtid: GtidPosition } | null> {
  const [row] = await session.query('SELECT @@gtid_binlog_state AS state, @@gtid_binlog_pos AS position')
  if (!row?.state) return null
  return { text: row.position ?? '', gtid: { vendor: 'mariadb', entries: parseGtids(row.state) } }
}

/**
 * A transaction gives back its row locks a moment before it counts as executed. Whoever has just got such a lock must not
 * take it for one that is yet to come: so what is being committed counts too. It is asked for first, for it only moves from
 * there to the executed ones.
 */
async function mysqlGtid(session: Session): Promise<{ text: string; gtid: GtidPosition } | null> {
  const [committing] = await session.query('SELECT @@GLOBAL.gtid_owned AS owned, @@server_uuid AS uuid')
  const [row] = await session.query('SELECT @@gtid_mode AS mode, @@GLOBAL.gtid_executed AS executed')
  if (row?.mode !== 'ON') return null
  const text = (row.executed ?? '').replaceAll(/\s/g, '')
  const owned = ownGtids(committing?.owned ?? '', committing?.uuid ?? '')
  return { text, gtid: { vendor: 'mysql', set: [text, ...owned].filter((part) => part !== '').join(',') } }
}

/**
 * The transactions of this server itself in `gtid_owned`: those being committed now. Those of other servers are being
 * applied, and their sources have them. MySQL 8 and 9 list `uuid:number#thread:number#thread`, or `uuid:tag:number#thread`,
 * with nothing between a thread and the next uuid.
 */
export function ownGtids(owned: string, uuid: string): readonly string[] {
  if (uuid === '') return []
  return owned
    .split(uuid)
    .slice(1)
    .flatMap((rest) => {
      const [, tag = '', numbers = ''] = /^(:[a-z_]\w*)?((?::\d+#\d+)+)/.exec(rest) ?? []
      return [...numbers.matchAll(/:(\d+)#/g)].map(([, number]) => `${uuid}${tag}:${number}`)
    })
}

/** Parses MariaDB's `domain-server-sequence,…`. */
export function parseGtids(text: string): readonly GtidEntry[] {
  return text
    .split(',')
    .map((part) => /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(part))
    .filter((match) => match !== null)
    .map(([, domain, serverId, sequence]) => ({
      domain: Number(domain),
      serverId: Number(serverId),
      sequence: BigInt(sequence ?? 0)
    }))
}

/** What a MariaDB follower has: its own binlog state, and the last transaction applied in each domain. */
export interface GtidsApplied {
  readonly serverId: number
  /** Whether it writes what it applies to its own binlog. */
  readonly logsApplied: boolean
  readonly binlogState: readonly GtidEntry[]
  readonly slavePosition: readonly GtidEntry[]
}

/**
 * Whether a follower has applied everything up to `entries`. What it wrote itself it has, whatever the others say. Where it
 * logs what it applies, its binlog state tells how far each writing server was applied, and its slave position that a
 * transaction was stepped over. Where it does not log, the slave position of the domain is all there is; it is sure only
 * while one server writes in a domain.
 */
export function coversGtids(applied: GtidsApplied, entries: readonly GtidEntry[]): boolean {
  return entries.every(
    (entry) =>
      entry.serverId === applied.serverId ||
      applied.binlogState.some((have) => have.serverId === entry.serverId && reaches(have, entry)) ||
      applied.slavePosition.some(
        (have) => (!applied.logsApplied || have.serverId === entry.serverId) && reaches(have, entry)
      )
  )
}

/**
 * Whether a follower is past `entries`, by whatever server: in each of their domains it has a transaction as late, or none
 * at all. A domain of which it has nothing was never meant for it.
 */
export function passesGtids({ binlogState, slavePosition }: GtidsApplied, entries: readonly GtidEntry[]): boolean {
  const known = [...binlogState, ...slavePosition]
  return entries.every((entry) => {
    const own = known.filter((have) => have.domain === entry.domain)
    return own.length === 0 || own.some((have) => reaches(have, entry))
  })
}

function reaches(have: GtidEntry, wanted: GtidEntry): boolean {
  return have.domain === wanted.domain && have.sequence >= wanted.sequence
}

/** Whether `have` lies at or behind `wanted`. Binlog files are numbered, with more digits after 999999. */
export function reachesFile(have: FilePosition, wanted: FilePosition): boolean {
  const [left, right] = [fileNumber(have.file), fileNumber(wanted.file)]
  return left > right || (left === right && have.offset >= wanted.offset)
}

function fileNumber(file: string): number {
  return Number(/\.(\d+)$/.exec(file)?.[1] ?? -1)
}
