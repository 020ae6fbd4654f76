import type { Capabilities } from './capabilities.js'
import type { FilePosition } from './position.js'
import type { Session, TextRow } from './session.js'

/** One replication channel of a server, as it stands now: where it reads from, and how far its applier is. */
export interface Channel {
  /** Empty for the default channel. */
  readonly name: string
  readonly sourceServerId: number
  readonly receiverRunning: boolean
  readonly applierRunning: boolean
  /** The last error of receiver or applier in the server's words; `null` when there is none. */
  readonly error: string | null
  /** Binlog file and position of the source up to which everything was applied. */
  readonly applied: FilePosition
  /** Seconds; `null` when the server does not know. */
  readonly secondsBehind: number | null
  /** Seconds by which the applier is held back on purpose. */
  readonly delay: number
}

/** Reads every channel of a server; none means that it replicates from nobody. */
export async function readChannels(session: Session, capabilities: Capabilities): Promise<readonly Channel[]> {
  const rows = await session.query(capabilities.showReplicas)
  return rows.map(channelOf)
}

/** Both vendors tell the same facts, under the old or the new words. */
function channelOf(row: TextRow): Channel {
  const field = (...names: readonly string[]) => names.map((name) => row[name]).find((value) => value != null) ?? ''
  return {
    name: field('Channel_Name', 'Connection_name'),
    sourceServerId: Number(field('Source_Server_Id', 'Master_Server_Id')),
    receiverRunning: field('Replica_IO_Running', 'Slave_IO_Running') === 'Yes',
    applierRunning: field('Replica_SQL_Running', 'Slave_SQL_Running') === 'Yes',
    error: field('Last_SQL_Error') || field('Last_IO_Error') || null,
    applied: {
      file: field('Relay_Source_Log_File', 'Relay_Master_Log_File'),
      offset: Number(field('Exec_Source_Log_Pos', 'Exec_Master_Log_Pos'))
    },
    secondsBehind: numberOrNull(field('Seconds_Behind_Source', 'Seconds_Behind_Master')),
    delay: Number(field('SQL_Delay'))
  }
}

function numberOrNull(text: string): number | null {
  return text === '' ? null : Number(text)
}

/** A server and its channels, for questions about who receives whose writes. */
export interface Node {
  readonly name: string
  readonly serverId: number
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
    if (node.channels.length === 0) {
      breaks.push({ kind: 'apart', reason: `${node.name} does not replicate from any server` })
    }
    return node.channels.some((channel) => {
      const broken = whyStopped(channel)
      if (broken !== null) {
        breaks.push({ kind: 'stopped', reason: `on ${node.name}, ${broken}` })
        return false
      }
      if (channel.sourceServerId === source.serverId) return true
      const upstream = nodes.find((each) => each.serverId === channel.sourceServerId)
      return upstream === undefined || (!seen.has(upstream) && reaches(upstream))
    })
  }
  if (reaches(follower)) return null
  return (
    breaks.find((each) => each.kind === 'stopped') ??
    breaks[0] ?? { kind: 'apart', reason: `${follower.name} does not receive the writes of ${source.name}` }
  )
}

function whyStopped(channel: Channel): string | null {
  if (channel.receiverRunning && channel.applierRunning) return null
  const part = channel.applierRunning ? 'receiver' : 'applier'
  const stopped = `the replication ${part} has stopped`
  return channel.error === null ? stopped : `${stopped}: ${channel.error}`
}
