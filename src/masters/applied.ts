import type { Master } from './master.js'
import {
  coversGtids,
  type GtidEntry,
  type GtidsApplied,
  type Position,
  parseGtids,
  passesGtids,
  reachesFile
} from './position.js'
import type { Channel } from './replication.js'
import type { Node } from './topology.js'

/** From one master to another, whether anything travels that way or not. */
export interface Way {
  readonly follower: Master
  readonly source: Master
}

/** One master that is to apply what another one had. */
export interface Direction extends Way {
  /** What the source had when the wait began. */
  readonly position: Position
}

/** Whether the follower has everything up to the position: applied, stepped over, or written by itself. */
export async function hasApplied(
  masters: readonly Master[],
  nodes: readonly Node[],
  { follower, source, position }: Direction
): Promise<boolean> {
  if (position.file === null) return true
  const channel = directChannel(nodes, follower, source)
  const reached = channel !== undefined && reachesFile(channel.applied, position.file)
  if (position.gtid?.vendor === 'mysql' && follower.info.vendor === 'mysql') {
    return (reached && channel.byFile) || hasAppliedSet(follower, position.gtid.set)
  }
  if (position.gtid?.vendor === 'mariadb' && follower.info.vendor === 'mariadb') {
    // By file alone, transactions that lie before the place where a server began to follow never arrive.
    const begunLater = channel === undefined && channelsOf(nodes, follower).every(({ byFile }) => byFile)
    return hasAppliedEntries(masters, follower, position.gtid.entries, reached || begunLater)
  }
  // Whoever does not read from the source directly is waited for at the hop before.
  return channel === undefined ? channelsOf(nodes, follower).length > 0 : reached
}

/** Whether a file position is all there is to ask for. It says nothing of what a server relays from others. */
export function isByFile({ follower, position }: Direction): boolean {
  return position.gtid?.vendor !== follower.info.vendor
}

/** The channel over which one server reads from another directly. */
export function directChannel(nodes: readonly Node[], follower: Master, source: Master): Channel | undefined {
  return channelsOf(nodes, follower).find((each) => each.sourceServerId === source.info.serverId)
}

function channelsOf(nodes: readonly Node[], master: Master): readonly Channel[] {
  return nodes.find(({ name }) => name === master.name)?.channels ?? []
}

async function hasAppliedSet(follower: Master, set: string): Promise<boolean> {
  const [row] = await follower.withSession((session) =>
    session.query(`SELECT GTID_SUBSET('${set}', @@GLOBAL.gtid_executed) AS applied`)
  )
  return row?.applied === '1'
}

/**
 * What the masters wrote must be there to the last transaction. What other servers wrote may have been dropped from the
 * topology with them, long ago, so there it is enough that the follower is past it in that domain, or that it has read and
 * applied the whole binlog of the source.
 */
async function hasAppliedEntries(
  masters: readonly Master[],
  follower: Master,
  entries: readonly GtidEntry[],
  hasOthers: boolean
): Promise<boolean> {
  const live = new Set(masters.map((master) => master.info.serverId))
  const applied = await readApplied(follower)
  const others = entries.filter((entry) => !live.has(entry.serverId))
  return (
    coversGtids(
      applied,
      entries.filter((entry) => live.has(entry.serverId))
    ) &&
    (hasOthers || passesGtids(applied, others))
  )
}

async function readApplied(follower: Master): Promise<GtidsApplied> {
  const [row] = await follower.withSession((session) =>
    session.query('SELECT @@gtid_binlog_state AS state, @@gtid_slave_pos AS position, @@log_slave_updates AS logs')
  )
  return {
    serverId: follower.info.serverId,
    logsApplied: row?.logs === '1',
    binlogState: parseGtids(row?.state ?? ''),
    slavePosition: parseGtids(row?.position ?? '')
  }
}
