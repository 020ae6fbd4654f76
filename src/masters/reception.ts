import type { Capabilities } from './capabilities.js'
import type { FilePosition } from './position.js'
import { type Channel, channelOf, fieldOf, readChannels } from './replication.js'
import type { Session, TextRow } from './session.js'

/** A channel, and how far its receiver is ahead of its applier. */
export interface Reception extends Channel {
  readonly sourceHost: string
  readonly sourcePort: number
  /** MySQL: the uuid of the source; `null` where the server does not tell. */
  readonly sourceUuid: string | null
  /** Binlog file and position of the source up to which everything was received. */
  readonly received: FilePosition
  /** MySQL: the GTID set received since the channel was set up. MariaDB: the last GTID received in each domain. */
  readonly receivedGtids: string
  /** The applier says that it has nothing left to do. */
  readonly isIdle: boolean
}

/** Reads every channel of a server with what it has received. */
export async function readReceptions(session: Session, capabilities: Capabilities): Promise<readonly Reception[]> {
  const rows = await session.query(capabilities.showReplicas)
  const inFull = await readChannels(session, capabilities)
  return rows.map((row) => {
    const channel = channelOf(row)
    return { ...channel, ...receivedOf(row), ...inFull.find(({ name }) => name === channel.name) }
  })
}

function receivedOf(row: TextRow): Omit<Reception, keyof Channel> {
  const field = (...names: readonly string[]) => fieldOf(row, ...names)
  return {
    sourceHost: field('Source_Host', 'Master_Host'),
    sourcePort: Number(field('Source_Port', 'Master_Port')),
    sourceUuid: field('Source_UUID', 'Master_UUID').toLowerCase() || null,
    received: {
      file: field('Source_Log_File', 'Master_Log_File'),
      offset: Number(field('Read_Source_Log_Pos', 'Read_Master_Log_Pos'))
    },
    receivedGtids: field('Retrieved_Gtid_Set', 'Gtid_IO_Pos').replaceAll(/\s/g, ''),
    isIdle: /has read all relay log/i.test(field('Replica_SQL_Running_State', 'Slave_SQL_Running_State'))
  }
}
