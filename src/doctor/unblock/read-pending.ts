import { inspectNamed } from '../../audit/inspect.js'
import type { AuditTable } from '../../audit/table-plan.js'
import { readEvents } from '../../masters/binlog/files.js'
import type { Master } from '../../masters/master.js'
import { isMissingPrivilege } from '../../masters/server-errors.js'
import type { AuditConfig } from '../../model/config.js'
import { MmauditError, messageOf } from '../../model/errors.js'
import { type TableRef, tableName } from '../../model/table.js'
import { type LoggedTransaction, TransactionCollector } from './collect.js'
import type { StoppedApplier } from './find-stopped.js'
import { type PendingRows, rowsIn, tablesIn } from './pending-rows.js'

/** The transaction that an applier stands before, and the rows it changes. */
export type PendingTransaction = LoggedTransaction & PendingRows

/**
 * Reads the transaction that an applier has stopped at from the binlog of its source.
 * @throws MmauditError `incomplete` with the reason when it cannot be told which one it is, or not be read.
 */
export async function readPending(
  stopped: StoppedApplier,
  masters: readonly Master[],
  config: AuditConfig
): Promise<PendingTransaction> {
  const source = masters.find(({ name }) => name === stopped.source?.info.name)
  if (source === undefined) {
    throw unreadable(
      `its source ${stopped.channel.sourceHost}:${stopped.channel.sourcePort} is none of the masters named`
    )
  }
  const transaction = await find(stopped, source)
  const refs = tablesIn(transaction.events)
  const plans = await inspectNamed(masters, config, refs)
  const tableOf = ({ database, table }: TableRef): AuditTable => {
    const at = refs.findIndex((ref) => ref.database === database && ref.table === table)
    return comparable(plans[at] ?? null)
  }
  return { ...transaction, ...rowsIn(transaction.events, source.name, tableOf) }
}

async function find({ channel }: StoppedApplier, source: Master): Promise<LoggedTransaction> {
  const gtid = source.info.vendor === 'mysql' ? (channel.applierError?.gtid ?? null) : null
  const collector = new TransactionCollector({ from: channel.applied, gtid })
  try {
    const { file, offset } = channel.applied
    await readEvents(source, file, (buffer, start, end) => collector.take(buffer, start, end), offset)
  } catch (cause) {
    throw explain(source, cause)
  }
  const { found } = collector
  if (found === null) throw unreadable(`${source.name} does not have the transaction in its binlogs any more`)
  return failedIn(channel.applierError?.message ?? '', found)
}

/** Parallel appliers may have failed on a later transaction than the first one that is open. */
function failedIn(message: string, found: LoggedTransaction): LoggedTransaction {
  const [, file, end] = /log (\S+?), end_log_pos (\d+)/.exec(message) ?? []
  if (
    file === undefined ||
    (file === found.begin.file && found.begin.offset < Number(end) && Number(end) <= found.end)
  ) {
    return found
  }
  throw unreadable(
    `the error is about ${file}:${end}, and the first transaction that was not applied ends at ${found.end}`
  )
}

function comparable(plan: Awaited<ReturnType<typeof inspectNamed>>[number]): AuditTable {
  if (plan === null) throw new Error('there is no such table')
  if (plan.kind === 'fail') throw new Error(plan.reason)
  if (plan.table.keyColumns.length > 0) return plan.table
  throw new Error(`${tableName(plan.table.ref)} has no key that names its rows`)
}

function explain(source: Master, cause: unknown): MmauditError {
  if (cause instanceof MmauditError) return cause
  if (!isMissingPrivilege(cause)) return unreadable(`the binlog of ${source.name}: ${messageOf(cause)}`, cause)
  const { name } = source.capabilities.privileges.readBinlogs
  return unreadable(
    `the account ${source.user} may not read the binlog of ${source.name}: GRANT ${name} ON *.* TO '${source.user}'@'<host>'`,
    cause
  )
}

function unreadable(why: string, cause?: unknown): MmauditError {
  return new MmauditError('incomplete', `the transaction cannot be read: ${why}`, { cause })
}
