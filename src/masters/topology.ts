import { type Channel, isDown } from './replication.js'

/** A server and its channels, for questions about who receives whose writes. */
export interface Node {
  readonly name: string
  readonly serverId: number
  /** Whether it passes on what it applies. */
  readonly relays: boolean
  /** The group of Group Replication that it belongs to: its members hear of each other without any channel. */
  readonly group: string | null
  readonly channels: readonly Channel[]
}

/** Why the writes of one server do not reach another one now. */
export interface Break {
  /** `stopped`: a channel that should carry them does not run; `apart`: no channel leads there. */
  readonly kind: 'stopped' | 'apart'
  readonly reason: string
}

/**
 * Why the writes of `source` can not be on their way to `follower`, or `null` when they may be: some chain of running
 * channels leads there, or one comes from a server that is not known here and may relay them.
 */
export function whyNotFollowing(nodes: readonly Node[], follower: Node, source: Node): Break | null {
  const breaks: Break[] = []
  const seen = new Set<Node>()
  const reaches = (node: Node): boolean => {
    seen.add(node)
    const peers = peersOf(nodes, node)
    if (peers.some((peer) => peer === source || (!seen.has(peer) && reaches(peer)))) return true
    if (node.channels.length + peers.length === 0) {
      breaks.push({ kind: 'apart', reason: `${node.name} does not replicate from any server` })
    }
    return node.channels.some((channel) => {
      if (isDown(channel)) {
        breaks.push({ kind: 'stopped', reason: `on ${node.name}, ${whyDown(channel)}` })
        return false
      }
      if (channel.sourceServerId === source.serverId) return true
      const upstream = upstreamOf(nodes, channel)
      return upstream === undefined || (upstream.relays && !seen.has(upstream) && reaches(upstream))
    })
  }
  if (reaches(follower)) return null
  return (
    breaks.find((each) => each.kind === 'stopped') ??
    breaks[0] ?? { kind: 'apart', reason: `${follower.name} does not receive the writes of ${source.name}` }
  )
}

/** By how much the writes of one server come late to another one on purpose, and which channel holds them back most. */
export interface Delay {
  readonly seconds: number
  readonly reason: string
}

const NO_DELAY: Delay = { seconds: 0, reason: '' }

/** The delay of the shortest way over running channels. A server that is not known here may relay without any. */
export function delayOf(nodes: readonly Node[], follower: Node, source: Node): Delay {
  const delays = new Map<Node, Delay>([[source, NO_DELAY]])
  // After as many rounds as there are servers, the longest chain has been gone through.
  for (const _ of nodes) {
    for (const node of nodes) {
      if (node === source) continue
      const ways = [
        ...peersOf(nodes, node).flatMap((peer) => delays.get(peer) ?? []),
        ...node.channels.flatMap((channel) => (isDown(channel) ? [] : (delayOver(nodes, node, channel, delays) ?? [])))
      ]
      const [shortest] = ways.sort((left, right) => left.seconds - right.seconds)
      if (shortest !== undefined) delays.set(node, shortest)
    }
  }
  return delays.get(follower) ?? NO_DELAY
}

function delayOver(
  nodes: readonly Node[],
  node: Node,
  channel: Channel,
  delays: ReadonlyMap<Node, Delay>
): Delay | null {
  const upstream = upstreamOf(nodes, channel)
  const before = upstream === undefined ? NO_DELAY : relayed(delays, upstream)
  if (before === undefined) return null
  const reason = before.seconds > channel.delay ? before.reason : delayReason(nodes, node, channel)
  return { seconds: before.seconds + channel.delay, reason }
}

/** The source of the writes is the only one to have no delay. */
function relayed(delays: ReadonlyMap<Node, Delay>, upstream: Node): Delay | undefined {
  const delay = delays.get(upstream)
  return delay === NO_DELAY || upstream.relays ? delay : undefined
}

/** What is held back on purpose by a server's channel, in words. */
export function delayReason(nodes: readonly Node[], node: Node, channel: Channel): string {
  return `${node.name} applies the writes of ${sourceName(nodes, channel)} ${channel.delay} s late, on purpose`
}

function peersOf(nodes: readonly Node[], node: Node): readonly Node[] {
  return node.group === null ? [] : nodes.filter((each) => each !== node && each.group === node.group)
}

/** The server that a channel reads from; `undefined` when it is not one of these. */
function upstreamOf(nodes: readonly Node[], { sourceServerId }: Channel): Node | undefined {
  return nodes.find((each) => each.serverId === sourceServerId)
}

function sourceName(nodes: readonly Node[], channel: Channel): string {
  return upstreamOf(nodes, channel)?.name ?? `server ${channel.sourceServerId}`
}

function whyDown(channel: Channel): string {
  const what = channel.applierRunning
    ? channel.receiver === 'failing'
      ? 'the replication receiver is not connected to its source'
      : 'the replication receiver has stopped'
    : 'the replication applier has stopped'
  const error = channel.error === null ? '' : `: ${channel.error}`
  return `${what}${sinceWhen(channel.downtime)}${error}`
}

const LAST_SIGN = { applied: 'applied its last transaction', heard: 'last heard from it' }

function sinceWhen(downtime: Channel['downtime']): string {
  if (downtime === null) return ' (the server does not tell since when)'
  if (downtime.since === 'failed') return ` since ${downtime.at} UTC`
  return ` since some time after ${downtime.at} UTC, when it ${LAST_SIGN[downtime.since]}`
}
