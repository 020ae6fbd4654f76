import type { Reception } from '../masters/reception.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { FailoverReason } from '../model/failover.js'
import { type GtidSet, NO_GTIDS, withoutGtids } from '../model/gtid-set.js'
import type { Subject } from './lacking.js'
import { gtidsText } from './words.js'

/** A way from one master to another that is to carry what the other lacks. */
export interface Connection {
  readonly follower: TransactionState
  readonly source: TransactionState
  /** `null` where there is no channel yet. */
  readonly channel: Reception | null
}

/**
 * The ways between the returned master and the others that something has to travel. Where a master has no channel from any of
 * them, it may be set up from each.
 */
export function connectionsOf(
  states: readonly TransactionState[],
  lacking: readonly string[],
  subject: Subject
): readonly Connection[] {
  return states
    .filter(({ master }) => lacking.includes(master))
    .flatMap((follower) => {
      const sources = states.filter(
        (source) => source !== follower && (source.master === subject.master || follower.master === subject.master)
      )
      const ways = sources.map((source) => ({ follower, source, channel: channelFrom(follower, source) }))
      const direct = ways.filter(({ channel }) => channel !== null)
      const hasChannels = follower.channels.some((channel) =>
        states.some((each) => each.serverId === channel.sourceServerId)
      )
      return direct.length > 0 || hasChannels ? direct : ways
    })
}

function channelFrom({ channels }: TransactionState, { serverId }: TransactionState): Reception | null {
  return channels.find(({ sourceServerId }) => sourceServerId === serverId) ?? null
}

/**
 * What keeps replication from going on where it stopped: binlogs that were removed.
 * @param earliest the transactions before the oldest binlog of a master.
 */
export function brokenConnections(
  connections: readonly Connection[],
  earliest: ReadonlyMap<string, GtidSet>
): readonly FailoverReason[] {
  return connections.flatMap(({ follower, source, channel }): FailoverReason[] => {
    const masters = [follower.master, source.master]
    if (channel?.byFile === true || !source.numbered) {
      const file = channel?.applied.file ?? ''
      if (file === '' || source.files.includes(file)) return []
      const text = `${follower.master} is to go on at ${file} of ${source.master}, which is not there any more`
      return [{ id: 'position-gone', masters, text }]
    }
    const gone = withoutGtids(earliest.get(source.master) ?? NO_GTIDS, follower.has)
    if (gone.size === 0) return []
    const text =
      `${source.master} has removed binlogs that ${follower.master} needs (${gtidsText(source.vendor, gone)}): ` +
      'replication cannot go on from there, and stops with 1236'
    return [{ id: 'purged', masters, text }]
  })
}

/** For each master the first transaction that it lacks of each source, as they were read. */
export type FirstLacked = ReadonlyMap<string, ReadonlyMap<string, bigint>>

/** MariaDB in strict mode: transactions that come with a number below one that the master has in that domain. */
export function outOfOrder(states: readonly TransactionState[], firsts: FirstLacked): readonly FailoverReason[] {
  return states.flatMap(({ master, strict, has }): FailoverReason[] => {
    if (!strict) return []
    const late = [...(firsts.get(master) ?? [])].find(([source, first]) => first <= lastIn(domainOf(source), has))
    if (late === undefined) return []
    const text =
      `in domain ${domainOf(late[0])}, ${master} has transactions with numbers as great as those that are to come: ` +
      'in strict mode its applier would stop with 1950'
    return [{ id: 'out-of-order', masters: [master], text }]
  })
}

function domainOf(source: string): string {
  return source.split('-')[0] ?? ''
}

function lastIn(domain: string, has: GtidSet): bigint {
  const own = [...has].filter(([source]) => domainOf(source) === domain)
  return (
    own
      .flatMap(([, intervals]) => intervals)
      .map(([, end]) => end)
      .toSorted((left, right) => (left < right ? -1 : 1))
      .at(-1) ?? 0n
  )
}
