import type { Socket } from 'node:net'
import type { Connection } from 'mysql2'

/**
 * Those parts of a connection that its driver does not declare, and may change: all of them stand here, `package.json` pins
 * the exact version of mysql2, and every master proves when it is connected that rows do arrive (see `set-up.ts`).
 */
export interface DriverInside {
  /** The socket, or the TLS socket around it once the driver goes over to TLS. */
  readonly stream: Socket
  /** Takes what the socket reads. */
  packetParser: { execute(chunk: Buffer): void }
  /** The sequence number that the driver expects of the next packet. */
  sequenceId: number
  write(packet: Buffer): void
  startTLS?: (done: (error?: Error) => void) => void
}

/** The same connection, with what is used of its inside. */
export function insideOf(connection: Connection): DriverInside {
  return connection as unknown as DriverInside
}
