import type { ChannelFacts } from '../../masters/channel-facts.js'
import { mayDo } from '../../masters/grants.js'
import { text } from '../../sql/literal.js'
import { startChannel } from '../../sql/replication.js'
import { isOn, type MasterFacts, seen, variable } from '../facts.js'

/**
 * The statements that make an applier step over exactly the transaction that it stands before, and go on.
 *
 * MySQL with GTIDs: an empty transaction under its GTID, so that the server has it. Without, and on MariaDB, the counter that
 * passes over one event group, which is a transaction; measured on MariaDB 10.11 with GTIDs: it passes over that one, and
 * moves `gtid_slave_pos` behind it. Setting `gtid_slave_pos` would need every channel stopped, and strict mode refuses it
 * once the server has written anything itself.
 */
export function stepOverStatements(facts: MasterFacts, channel: ChannelFacts, gtid: string | null): readonly string[] {
  const { capabilities } = facts
  const start = startChannel(capabilities, channel.name, 'applier')
  if (capabilities.vendor === 'mysql' && gtid !== null) {
    return [`SET GTID_NEXT = ${text(gtid)}`, 'BEGIN', 'COMMIT', "SET GTID_NEXT = 'AUTOMATIC'", start]
  }
  return [
    ...(capabilities.vendor === 'mariadb' ? [`SET default_master_connection = ${text(channel.name)}`] : []),
    `SET GLOBAL sql_${capabilities.replica.toLowerCase()}_skip_counter = 1`,
    start
  ]
}

/** Why the account may not step over a transaction; `null` when it may, or when that is not known. */
export function whyNotAllowed({ capabilities, user, info, parts }: MasterFacts): string | null {
  const grants = seen(parts.grants)
  if (grants === null) return null
  const { stepOver, runAppliers } = capabilities.privileges
  const lacking = [stepOver, runAppliers].filter((each) => !mayDo(grants, each)).map(({ name }) => name)
  if (lacking.length === 0) return null
  return `the account ${user} may not do it on ${info.name}: GRANT ${lacking.join(', ')} ON *.* TO '${user}'@'<host>'`
}

/** Why the transaction that an applier stands before cannot be told, or not be stepped over exactly; `null` when it can. */
export function whyNotExactly(facts: MasterFacts, channel: ChannelFacts, gtid: string | null): string | null {
  const { capabilities } = facts
  if (channel.failedWorkers > 1)
    return `${channel.failedWorkers} of its workers have failed, each on its own transaction`
  if (capabilities.vendor === 'mysql' && gtid !== null) return null
  const workers = Number(
    variable(facts, 'replica_parallel_workers', 'slave_parallel_workers', 'slave_parallel_threads')?.value ?? 0
  )
  const inOrder = capabilities.vendor === 'mysql' && isOn(facts, 'replica_preserve_commit_order')
  if (workers <= 1 || inOrder) return null
  return (
    `${facts.info.name} applies with ${workers} workers at once, so others may have gone ahead of the one that failed, ` +
    'and a counter does not step over exactly this transaction'
  )
}
