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

async function mysqlGtid(session: Session): Promise<{ text: string; gtid: GtidPosition } | null> {
  const [row] = await session.query('SELECT @@gtid_mode AS mode, @@GLOBAL.gtid_executed AS executed')
  if (row?.mode !== 'ON') return null
  const set = (row.executed ?? '').replaceAll(/\s/g, '')
  return { text: set, gtid: { vendor: 'mysql', set } }
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
