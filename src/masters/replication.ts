import type { Capabilities } from './capabilities.js'
import { type Downtime, readDowntimes } from './downtime.js'
import type { FilePosition } from './position.js'
import type { Session, TextRow } from './session.js'

/** One replication channel of a server, as it stands now: where it reads from, and how far its applier is. */
export interface Channel {
  /** Empty for the default channel. */
  readonly name: string
  readonly sourceServerId: number
  /**
   * `connecting`: not connected at the moment, and nothing is known to be wrong; `failing`: it tries again and again, with
   * the error that is told.
   */
  readonly receiver: 'running' | 'connecting' | 'failing' | 'stopped'
  readonly applierRunning: boolean
  /** The last error of the applier, or else of the receiver: number and the server's words; `null` when there is none. */
  readonly error: string | null
  /** What is known of when it came to stand still; `null` while it runs, and where the server does not tell. */
  readonly downtime: Downtime | null
  /** Whether it goes by binlog file and position, and so never learns of transactions that lie before. */
  readonly byFile: boolean
  /** Binlog file and position of the source up to which everything was applied. */
  readonly applied: FilePosition
  /** Seconds; `null` when the server does not know. */
  readonly secondsBehind: number | null
  /** Seconds by which the applier is held back on purpose. */
  readonly delay: number
}

/** Whether nothing can arrive over a channel as it stands. */
export function isDown({ receiver, applierRunning }: Pick<Channel, 'receiver' | 'applierRunning'>): boolean {
  return !applierRunning || receiver === 'failing' || receiver === 'stopped'
}

/** Reads every channel of a server; none means that it replicates from nobody. */
export async function readChannels(session: Session, capabilities: Capabilities): Promise<readonly Channel[]> {
  const rows = await session.query(capabilities.showReplicas)
  const channels = rows.map(channelOf)
  if (!channels.some(isDown)) return channels
  const downtimes = await readDowntimes(session, capabilities)
  return channels.map((channel) => {
    if (!isDown(channel)) return channel
    const known = downtimes.of(channel.name, channel.applierRunning ? 'receiver' : 'applier', channels.length)
    return { ...channel, error: inFull(channel.error, known.error), downtime: known.downtime }
  })
}

/** Both vendors tell the same facts, under the old or the new words. */
export function channelOf(row: TextRow): Channel {
  const field = (...names: readonly string[]) => fieldOf(row, ...names)
  const receiverError = errorOf(field('Last_IO_Errno'), field('Last_IO_Error'))
  return {
    name: field('Channel_Name', 'Connection_name'),
    sourceServerId: Number(field('Source_Server_Id', 'Master_Server_Id')),
    receiver: receiverState(field('Replica_IO_Running', 'Slave_IO_Running'), receiverError),
    applierRunning: field('Replica_SQL_Running', 'Slave_SQL_Running') === 'Yes',
    error: errorOf(field('Last_SQL_Errno'), field('Last_SQL_Error')) ?? receiverError,
    downtime: null,
    byFile: ['0', 'No'].includes(field('Auto_Position', 'Using_Gtid')),
    applied: {
      file: field('Relay_Source_Log_File', 'Relay_Master_Log_File'),
      offset: Number(field('Exec_Source_Log_Pos', 'Exec_Master_Log_Pos'))
    },
    secondsBehind: numberOrNull(field('Seconds_Behind_Source', 'Seconds_Behind_Master')),
    delay: Number(field('SQL_Delay'))
  }
}

/** What a row says under the first of these names that it has; empty when it has none of them. */
export function fieldOf(row: TextRow, ...names: readonly string[]): string {
  return names.map((name) => row[name]).find((value) => value != null) ?? ''
}

/** Beside `Yes` and `No` there are `Connecting` and, on MariaDB, `Preparing`. */
function receiverState(running: string, error: string | null): Channel['receiver'] {
  if (running === 'Yes') return 'running'
  if (running === 'No') return 'stopped'
  return error === null ? 'connecting' : 'failing'
}

/** Without the number of the attempt, so that one trouble keeps its words. */
function errorOf(number: string, text: string): string | null {
  if (Number(number) === 0) return null
  return `${number} ${text.replace(/This was attempt \d+\/\d+, with a delay of \d+ seconds? between attempts\. /, '')}`
}

/** MySQL tells in the status only that a worker failed; the worker itself tells why. */
function inFull(error: string | null, words: string | null): string | null {
  return error === null || words === null ? error : `${error.split(' ')[0]} ${words}`
}

function numberOrNull(text: string): number | null {
  return text === '' ? null : Number(text)
}
