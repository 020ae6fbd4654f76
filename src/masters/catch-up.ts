import { type Direction, directChannel, hasApplied, isByFile, type Way } from './applied.js'
import { type Clock, systemClock } from './clock.js'
import type { Master } from './master.js'
import { readPosition } from './position.js'
import { readNodes } from './read-nodes.js'
import { delayOf, delayReason, type Node, whyNotFollowing } from './topology.js'

/** How often followers are asked for their position: often enough to add little, seldom enough not to be felt. */
const POLL_MS = 20
/** How long a direction is waited for that did not arrive in time before: waiting as long again would only repeat the answer. */
const LATER_PATIENCE_MS = 1_000

/** One direction of replication that could not be waited for, and why. */
export interface Obstacle {
  readonly follower: string
  readonly source: string
  /**
   * `stopped`: nothing arrives until a stopped channel is started again; `apart`: there is no channel on which anything
   * could arrive; `timeout`: it did not arrive in the time allowed; `delayed`: it is held back on purpose for longer than
   * the time allowed, and was not waited for.
   */
  readonly kind: 'stopped' | 'apart' | 'timeout' | 'delayed'
  readonly reason: string
}

/** Directions in which replication is known to stand still, and need not run for what is to be done. */
export type Standstill = readonly Pick<Obstacle, 'follower' | 'source'>[]

/** The obstacles that are not known already. */
export function unexpected(obstacles: readonly Obstacle[], known: Standstill): readonly Obstacle[] {
  return obstacles.filter(
    ({ follower, source }) => !known.some((each) => each.follower === follower && each.source === source)
  )
}

/** What a wait has come to. */
export interface CaughtUp {
  readonly obstacles: readonly Obstacle[]
  /** Milliseconds until the last of those had caught up that did. */
  readonly took: number
  /** Where the binlog of each master stood when the wait began; see {@link CatchUp.stoodStill}. */
  readonly marks: readonly string[]
}

/** Whether something may still arrive in that direction. */
export function isPending({ kind }: Obstacle): boolean {
  return kind === 'timeout' || kind === 'delayed'
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
  return (await new CatchUp(masters, systemClock(signal)).upTo(deadline)).obstacles
}

/** Which directions carry no writes as things are now; nothing is waited for. */
export async function stoppedDirections(masters: readonly Master[]): Promise<readonly Obstacle[]> {
  return whichStopped(await readNodes(masters), masters)
}

function whichStopped(nodes: readonly Node[], masters: readonly Master[]): readonly Obstacle[] {
  return waysBetween(masters)
    .map((way) => stopped(nodes, way))
    .filter((obstacle) => obstacle !== null)
}

/** What a reader must know of how the masters replicate now: where nothing is replicated, and what comes late on purpose. */
export async function replicationNotes(masters: readonly Master[]): Promise<readonly string[]> {
  const nodes = await readNodes(masters)
  const delays = nodes.flatMap((node) =>
    node.channels.filter(({ delay }) => delay > 0).map((channel) => delayReason(nodes, node, channel))
  )
  const reasons = whichStopped(nodes, masters).map((obstacle) => obstacle.reason)
  return [...new Set([...reasons, ...delays])]
}

/** Waits for the same masters again and again, and not long for a direction that was too slow before. */
export class CatchUp {
  readonly #masters: readonly Master[]
  readonly #clock: Clock
  readonly #slow = new Set<string>()

  constructor(masters: readonly Master[], clock: Clock) {
    this.#masters = masters
    this.#clock = clock
  }

  /** Waits as {@link catchUp} does. */
  async upTo(deadline: number): Promise<CaughtUp> {
    const directions = await directionsOf(this.#masters)
    let wait = await this.#waitFor(directions, deadline)
    const marks = marksOf(this.#masters, directions)
    // A file position says nothing of what a server relays from others, so each hop of a chain is waited for in turn.
    const hops = directions.some(isByFile) ? this.#masters.length - 1 : 1
    for (let hop = 1; hop < hops; hop++) {
      const next = await this.#waitFor(await directionsOf(this.#masters), deadline)
      wait = { nodes: next.nodes, took: wait.took + next.took, obstacles: together(wait.obstacles, next.obstacles) }
    }
    return { obstacles: relayed(wait, directions), took: wait.took, marks }
  }

  /** Whether no master has written anything to its binlog since a wait began, neither of its own nor what it received. */
  async stoodStill(marks: readonly string[]): Promise<boolean> {
    const now = marksOf(this.#masters, await directionsOf(this.#masters))
    return marks.every((mark, at) => mark !== '' && mark === now[at])
  }

  async #waitFor(directions: readonly Direction[], deadline: number): Promise<Wait> {
    const began = this.#clock.now()
    let took = 0
    let waiting = directions
    for (;;) {
      const nodes = await readNodes(this.#masters)
      const applied = await Promise.all(waiting.map((direction) => hasApplied(this.#masters, nodes, direction)))
      if (applied.includes(true)) took = this.#clock.now() - began
      for (const [at, direction] of waiting.entries()) if (applied[at]) this.#slow.delete(nameOf(direction))
      waiting = waiting.filter((_, at) => !applied[at])
      const obstacles = waiting.map((direction) => this.#obstacle(nodes, direction, began, deadline))
      // One direction that stands still does not excuse the others: those are waited for first.
      if (!obstacles.includes(null)) return { nodes, took, obstacles: obstacles.filter((found) => found !== null) }
      await this.#clock.sleep(POLL_MS)
    }
  }

  /** Why a direction is not waited for any longer; `null` while it is. */
  #obstacle(nodes: readonly Node[], direction: Direction, began: number, deadline: number): Obstacle | null {
    const found = stopped(nodes, direction)
    if (found !== null) return found
    const name = nameOf(direction)
    const until = this.#slow.has(name) ? Math.min(deadline, began + LATER_PATIENCE_MS) : deadline
    const [follower, source] = nodesOf(nodes, direction)
    const delay = delayOf(nodes, follower, source)
    if (delay.seconds > 0 && began + delay.seconds * 1000 > until) return obstacleOf(direction, 'delayed', delay.reason)
    if (this.#clock.now() < until) return null
    this.#slow.add(name)
    return obstacleOf(
      direction,
      'timeout',
      `${direction.follower.name} had not applied the writes of ${direction.source.name} in the time allowed`
    )
  }
}

interface Wait {
  readonly nodes: readonly Node[]
  readonly took: number
  readonly obstacles: readonly Obstacle[]
}

async function directionsOf(masters: readonly Master[]): Promise<readonly Direction[]> {
  const sources = await Promise.all(
    masters.map(async (source) => ({
      source,
      position: await source.withSession((session) => readPosition(session, source.capabilities))
    }))
  )
  return waysBetween(masters).flatMap((way) => {
    const known = sources.find(({ source }) => source === way.source)
    return known === undefined ? [] : [{ ...way, position: known.position }]
  })
}

function waysBetween(masters: readonly Master[]): readonly Way[] {
  return masters.flatMap((follower) =>
    masters.filter((source) => source !== follower).map((source) => ({ follower, source }))
  )
}

/**
 * An empty mark is that of a server without a binlog: nothing tells whether it was written to. MySQL counts a transaction
 * among the GTIDs a moment after it can be seen, so a mark is of both.
 */
function marksOf(masters: readonly Master[], directions: readonly Direction[]): readonly string[] {
  return masters.map((master) => {
    const position = directions.find(({ source }) => source === master)?.position
    return position?.file == null ? '' : `${position.file.file}:${position.file.offset} ${position.text}`
  })
}

function stopped(nodes: readonly Node[], way: Way): Obstacle | null {
  const found = whyNotFollowing(nodes, ...nodesOf(nodes, way))
  return found === null ? null : obstacleOf(way, found.kind, found.reason)
}

function nodesOf(nodes: readonly Node[], { follower, source }: Way): [follower: Node, source: Node] {
  const [to, from] = [follower, source].map(({ name }) => nodes.find((node) => node.name === name))
  if (to === undefined || from === undefined) throw new Error('a direction between masters that were not read')
  return [to, from]
}

function obstacleOf({ follower, source }: Way, kind: Obstacle['kind'], reason: string): Obstacle {
  return { follower: follower.name, source: source.name, kind, reason }
}

function nameOf({ follower, source }: Way): string {
  return `${follower.name} ${source.name}`
}

/** What was still pending at an earlier hop may not have been there to be asked for at the next. */
function together(earlier: readonly Obstacle[], latest: readonly Obstacle[]): readonly Obstacle[] {
  const isNew = (obstacle: Obstacle) =>
    !latest.some(({ follower, source }) => follower === obstacle.follower && source === obstacle.source)
  return [...latest, ...earlier.filter((obstacle) => isPending(obstacle) && isNew(obstacle))]
}

/** What is pending on its way to one server is so for all that hear of it through that one by file position. */
function relayed({ nodes, obstacles }: Wait, directions: readonly Direction[]): readonly Obstacle[] {
  const pending = obstacles.filter(isPending)
  const further = directions.flatMap((direction): Obstacle[] => {
    if (!isByFile(direction) || directChannel(nodes, direction.follower, direction.source) !== undefined) return []
    const [follower] = nodesOf(nodes, direction)
    const found = pending.find(({ follower: name }) => {
      const hop = nodes.find((node) => node.name === name)
      return hop !== undefined && hop !== follower && whyNotFollowing(nodes, follower, hop) === null
    })
    return found === undefined ? [] : [obstacleOf(direction, found.kind, found.reason)]
  })
  return [...obstacles, ...further]
}
