import { setTimeout as sleep } from 'node:timers/promises'
import type { Master } from './master.js'
import { coversGtids, type Position, parseGtids, reachesFile, readPosition } from './position.js'
import { type Node, readChannels, whyNotFollowing } from './replication.js'

/** How often followers are asked for their position: often enough to add little, seldom enough not to be felt. */
const POLL_MS = 20

/** One direction of replication that could not be waited for, and why. */
export interface Obstacle {
  readonly follower: string
  readonly source: string
  /**
   * `stopped`: nothing arrives until a stopped channel is started again; `apart`: there is no channel on which anything
   * could arrive; `timeout`: it did not arrive in the time allowed.
   */
  readonly kind: 'stopped' | 'apart' | 'timeout'
  readonly reason: string
}

interface Direction {
  readonly follower: Master
  readonly source: Master
  /** What the source had when the wait began. */
  readonly position: Position
}

/**
 * Waits until every master has applied what every other one had when this was called. Directions in which nothing can
 * arrive (not replicated, or stopped) are not waited for: they come back as obstacles, because what differs across them
 * is not on its way.
 *
 * @param deadline milliseconds since the epoch; directions not caught up by then are obstacles of kind `timeout`.
 */
export async function catchUp(
  masters: readonly Master[],
  deadline: number,
  signal: AbortSignal | undefined
): Promise<readonly Obstacle[]> {
  let obstacles = await waitForAll(await directionsOf(masters), masters, deadline, signal)
  // A file position says nothing of what a server relays from others, so each hop of a chain is waited for in turn.
  const hops = byFile(masters) ? masters.length - 1 : 1
  for (let hop = 1; hop < hops; hop++) {
    obstacles = await waitForAll(await directionsOf(masters), masters, deadline, signal)
  }
  return obstacles
}

/** Which directions carry no writes as things are now; nothing is waited for. */
export async function stoppedDirections(masters: readonly Master[]): Promise<readonly Obstacle[]> {
  const nodes = await readNodes(masters)
  return (await directionsOf(masters)).flatMap((direction) => stopped(nodes, direction) ?? [])
}

function byFile(masters: readonly Master[]): boolean {
  return new Set(masters.map((master) => master.info.vendor)).size > 1 || masters.some((master) => !master.usesGtids)
}

async function directionsOf(masters: readonly Master[]): Promise<readonly Direction[]> {
  const sources = await Promise.all(
    masters.map(async (source) => ({
      source,
      position: await source.withSession((session) => readPosition(session, source.capabilities))
    }))
  )
  return masters.flatMap((follower) =>
    sources.filter(({ source }) => source !== follower).map((source) => ({ follower, ...source }))
  )
}

async function waitForAll(
  directions: readonly Direction[],
  masters: readonly Master[],
  deadline: number,
  signal: AbortSignal | undefined
): Promise<readonly Obstacle[]> {
  let waiting = directions
  for (;;) {
    const nodes = await readNodes(masters)
    const applied = await Promise.all(waiting.map((direction) => hasApplied(masters, nodes, direction)))
    waiting = waiting.filter((_, at) => !applied[at])
    const obstacles = waiting.map((direction) => stopped(nodes, direction))
    // One direction that stands still does not excuse the others: those are waited for first.
    if (!obstacles.includes(null)) return obstacles.filter((found) => found !== null)
    if (Date.now() >= deadline) return waiting.map((direction, at) => obstacles[at] ?? timedOut(direction))
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal })
  }
}

function readNodes(masters: readonly Master[]): Promise<readonly Node[]> {
  return Promise.all(
    masters.map(async (master) => ({
      name: master.name,
      serverId: master.info.serverId,
      channels: await master.withSession((session) => readChannels(session, master.capabilities))
    }))
  )
}

async function hasApplied(
  masters: readonly Master[],
  nodes: readonly Node[],
  { follower, source, position }: Direction
): Promise<boolean> {
  if (position.file === null) return true
  if (position.gtid?.vendor === 'mysql' && follower.info.vendor === 'mysql') {
    return hasAppliedSet(follower, position.gtid.set)
  }
  if (position.gtid?.vendor === 'mariadb' && follower.info.vendor === 'mariadb') {
    // Entries of servers long gone from the topology would never be covered.
    const live = new Set(masters.map((master) => master.info.serverId))
    const entries = position.gtid.entries.filter((entry) => live.has(entry.serverId))
    return coversGtids(await readApplied(follower), entries)
  }
  const channels = nodes.find((node) => node.name === follower.name)?.channels ?? []
  const channel = channels.find((each) => each.sourceServerId === source.info.serverId)
  // Whoever does not read from the source directly is waited for at the hop before.
  return channel === undefined ? channels.length > 0 : reachesFile(channel.applied, position.file)
}

async function hasAppliedSet(follower: Master, set: string): Promise<boolean> {
  const [row] = await follower.withSession((session) =>
    session.query(`SELECT GTID_SUBSET('${set}', @@GLOBAL.gtid_executed) AS applied`)
  )
  return row?.applied === '1'
}

async function readApplied(follower: Master) {
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

function stopped(nodes: readonly Node[], { follower, source }: Direction): Obstacle | null {
  const [to, from] = [follower, source].map((master) => nodes.find((node) => node.name === master.name))
  const found = to === undefined || from === undefined ? null : whyNotFollowing(nodes, to, from)
  return found === null ? null : { follower: follower.name, source: source.name, ...found }
}

function timedOut({ follower, source, position }: Direction): Obstacle {
  return {
    follower: follower.name,
    source: source.name,
    kind: 'timeout',
    reason: `${follower.name} had not applied the position of ${source.name} (${position.text}) in the time allowed`
  }
}
