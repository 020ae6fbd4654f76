import type { Capabilities } from './capabilities.js'
import { type Channel, channelOf, fieldOf } from './replication.js'
import { isMissingPrivilege } from './server-errors.js'
import type { Session, TextRow } from './session.js'

/** A replication channel with all that can be wrong with it. */
export interface ChannelFacts extends Channel {
  readonly sourceHost: string
  readonly sourcePort: number
  readonly receiverError: ChannelError | null
  readonly applierError: ApplierError | null
  /** Parallel appliers that failed on transactions of their own, as far as the server tells. */
  readonly failedWorkers: number
  /** Whether the channel is set up to be encrypted. */
  readonly encrypted: boolean
  /** What it does not apply, by the name of the filter: `Replicate_Do_DB` → `shop`. */
  readonly filters: Readonly<Record<string, string>>
  /** Event groups that it will pass over when it is started. */
  readonly skipCounter: number
}

/** What stopped a receiver or an applier. */
interface ChannelError {
  readonly errno: number
  /** In the server's words. */
  readonly message: string
}

interface ApplierError extends ChannelError {
  /** The transaction that it failed on, where the server tells; MariaDB does not. */
  readonly gtid: string | null
}

/** Reads every channel of a server, and the errors of its appliers one by one. */
export async function readChannelFacts(session: Session, capabilities: Capabilities): Promise<readonly ChannelFacts[]> {
  const rows = await session.query(capabilities.showReplicas)
  const hasErrors = rows.some((row) => Number(fieldOf(row, 'Last_SQL_Errno')) !== 0)
  const workers = hasErrors ? await readWorkerErrors(session, capabilities) : []
  return rows.map((row) => factsOf(row, workers))
}

/** What the coordinator says of a failed worker is enough to go on without; not every account may read more. */
async function readWorkerErrors(session: Session, { workerErrors }: Capabilities): Promise<readonly TextRow[]> {
  if (workerErrors === null) return []
  return session.query(workerErrors).catch((error) => {
    if (isMissingPrivilege(error)) return []
    throw error
  })
}

function factsOf(row: TextRow, workers: readonly TextRow[]): ChannelFacts {
  const channel = channelOf(row)
  const failed = workers.filter((worker) => worker.channel === channel.name)
  return {
    ...channel,
    sourceHost: fieldOf(row, 'Source_Host', 'Master_Host'),
    sourcePort: Number(fieldOf(row, 'Source_Port', 'Master_Port')),
    receiverError: errorOf(row, 'Last_IO_Errno', 'Last_IO_Error'),
    applierError: applierErrorOf(row, failed[0]),
    failedWorkers: failed.length,
    encrypted: fieldOf(row, 'Source_SSL_Allowed', 'Master_SSL_Allowed') === 'Yes',
    filters: filtersOf(row),
    skipCounter: Number(fieldOf(row, 'Skip_Counter'))
  }
}

function errorOf(row: TextRow, number: string, message: string): ChannelError | null {
  const errno = Number(fieldOf(row, number))
  return errno === 0 ? null : { errno, message: fieldOf(row, message) }
}

function applierErrorOf(row: TextRow, worker: TextRow | undefined): ApplierError | null {
  const told = errorOf(row, 'Last_SQL_Errno', 'Last_SQL_Error')
  if (told === null) return null
  const message = worker?.message ?? told.message
  const gtid = worker?.gtid || /transaction '([^']+)'/.exec(told.message)?.[1]
  return { errno: Number(worker?.errno ?? told.errno), message, gtid: gtid ?? null }
}

/** `Replicate_Do_DB`, `Replicate_Wild_Ignore_Table`, `Replicate_Ignore_Server_Ids`, `Replicate_Do_Domain_Ids`, …. */
function filtersOf(row: TextRow): Readonly<Record<string, string>> {
  const found = Object.entries(row).filter(([name, value]) => name.startsWith('Replicate_') && value)
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? '']))
}
