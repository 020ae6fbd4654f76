import type { TransactionState } from '../masters/transaction-state.js'
import type { Mend } from '../model/doctor.js'
import { type GtidSet, gtidSetText, gtidsOf } from '../model/gtid-set.js'
import { text } from '../sql/literal.js'
import { goOnAt, type ReplicationWords, startChannel, stopChannel } from '../sql/replication.js'

/** More empty transactions than this nobody wants to run by hand. */
const MOST_EMPTY = 100

/**
 * The statements that make a master take transactions for applied, so that they never arrive there. On MySQL an empty
 * transaction for each; on MariaDB its replication position, moved behind the last of each domain. Strict mode would demand
 * that the position names its own domain too.
 */
export function stepOverStatements(state: TransactionState, lacking: GtidSet): readonly Mend[] {
  if (!state.numbered) return []
  const statements = state.vendor === 'mysql' ? emptyTransactions(lacking) : movedPosition(state, lacking)
  return statements.map((statement) => ({ master: state.master, statement }))
}

/** Without numbers, the only way is to go on behind everything that the source has written. */
export function goOnBehind(
  words: ReplicationWords,
  follower: TransactionState,
  source: TransactionState
): readonly Mend[] {
  const channel = follower.channels.find(({ sourceServerId }) => sourceServerId === source.serverId)
  if (channel === undefined || source.end === null) return []
  const { file, offset } = source.end
  return [stopChannel(words, channel.name), goOnAt(words, channel.name, file, offset)].map((statement) => {
    return { master: follower.master, statement }
  })
}

function emptyTransactions(lacking: GtidSet): readonly string[] {
  const gtids = gtidsOf(gtidSetText(lacking), MOST_EMPTY + 1)
  if (gtids.length > MOST_EMPTY) return []
  return [
    ...gtids.flatMap((gtid) => [`SET GTID_NEXT = ${text(gtid)}`, 'BEGIN', 'COMMIT']),
    "SET GTID_NEXT = 'AUTOMATIC'"
  ]
}

function movedPosition({ channels, strict, slavePosition }: TransactionState, lacking: GtidSet): readonly string[] {
  const position = new Map(slavePosition.map(({ domain, serverId, sequence }) => [domain, { serverId, sequence }]))
  for (const [source, intervals] of lacking) {
    const [domain = 0, serverId = 0] = source.split('-').map(Number)
    const last = intervals.at(-1)?.[1] ?? 0n
    if (last > (position.get(domain)?.sequence ?? -1n)) position.set(domain, { serverId, sequence: last })
  }
  const gtids = [...position].map(([domain, { serverId, sequence }]) => `${domain}-${serverId}-${sequence}`)
  const running = channels.filter(({ receiver, applierRunning }) => receiver !== 'stopped' && applierRunning)
  const words = { vendor: 'mariadb', replica: 'SLAVE' } as const
  return [
    ...channels.map(({ name }) => stopChannel(words, name)),
    ...(strict ? ['SET GLOBAL gtid_strict_mode = 0'] : []),
    `SET GLOBAL gtid_slave_pos = ${text(gtids.join(','))}`,
    ...(strict ? ['SET GLOBAL gtid_strict_mode = 1'] : []),
    ...running.map(({ name }) => startChannel(words, name))
  ]
}
