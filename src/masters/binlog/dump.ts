import type { Connection } from 'mysql2'
import { insideOf } from '../driver-inside.js'
import { RowFramer, rowByRow } from '../row-framer.js'
import type { Spending } from '../spending.js'

/**
 * Reads a server's binlog as a replica would, over a connection that serves nothing else from then on. Like
 * `row-stream.ts`, this takes the place of the driver's packet parser (`packetParser`, an internal name), and writes its
 * own command to the connection.
 */

/** Takes one event, `buffer[start, end)`, valid during the call; `false` ends the reading. */
export type TakeEvent = (buffer: Buffer, start: number, end: number) => boolean

/**
 * What the session has to say before: it knows that events may have checksums, and the events that older replicas do not.
 * Servers ignore the words of the other vendor.
 */
export const DUMP_SETTINGS: readonly string[] = [
  "SET @master_binlog_checksum = 'NONE', @source_binlog_checksum = 'NONE'",
  'SET @mariadb_slave_capability = 4'
]

const COM_BINLOG_DUMP = 0x12
/** The server sends an end instead of waiting for more. */
const NON_BLOCKING = 1
/** Every file begins with four bytes that are no event. */
const FIRST_POSITION = 4
/**
 * That of no replica, as `mysqlbinlog` has it: nobody is taken for a replica that comes again, whose old connection would
 * be closed.
 */
const NO_SERVER = 0
const END = 0xfe
/** Before each event: a byte that says that it is no error. */
const STATUS_BYTES = 1

/**
 * Hands over every event from the beginning of `file`, or from the event that begins at `from`, to the end of the last
 * file. The description of the format always comes first. Resolves at the server's own end, or
 * when enough was taken; rejects when the connection ends before. The connection is of no use afterwards.
 */
export function dumpBinlog(
  connection: Connection,
  file: string,
  take: TakeEvent,
  spending: Spending,
  from = FIRST_POSITION
): Promise<void> {
  const driver = insideOf(connection)
  return new Promise((resolve, reject) => {
    let open = true
    let bytes = 0
    const settle = (end: () => void) => {
      if (!open) return
      open = false
      spending.addStream(0, bytes)
      end()
    }
    const guarded = (work: () => void) => {
      try {
        if (open) work()
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const events = rowByRow((buffer, start, end) =>
      guarded(() => {
        if (!take(buffer, start + STATUS_BYTES, end)) settle(resolve)
      })
    )
    const framer = new RowFramer(events, {
      expectsRows: () => true,
      forward: (packet) => settle(() => (packet[4] === END ? resolve() : reject(serverError(packet.subarray(4)))))
    })
    driver.packetParser = {
      execute(chunk) {
        bytes += chunk.length
        framer.push(chunk)
      }
    }
    connection.once('error', (error) => settle(() => reject(error)))
    connection.once('end', () => settle(() => reject(new Error('the connection ended before the binlog did'))))
    driver.write(request(file, from))
  })
}

function request(file: string, from: number): Buffer {
  const name = Buffer.from(file)
  const packet = Buffer.alloc(15 + name.length)
  packet.writeUIntLE(packet.length - 4, 0, 3)
  packet[4] = COM_BINLOG_DUMP
  packet.writeUInt32LE(Math.max(from, FIRST_POSITION), 5)
  packet.writeUInt16LE(NON_BLOCKING, 9)
  packet.writeUInt32LE(NO_SERVER, 11)
  name.copy(packet, 15)
  return packet
}

/** An error packet: 0xff, the number, `#` and five characters of state, the message. */
function serverError(packet: Buffer): Error {
  const message = packet.toString('utf8', packet[3] === 0x23 ? 9 : 3)
  return Object.assign(new Error(message), { errno: packet.readUInt16LE(1) })
}
