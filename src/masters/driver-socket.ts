import type { Socket } from 'node:net'
import type { Connection } from 'mysql2'

/**
 * The socket of a connection, or the TLS socket around it: the driver's property `stream`, which it changes when it goes over
 * to TLS and does not declare.
 */
export function socketOf(connection: Connection): Socket {
  return (connection as unknown as { readonly stream: Socket }).stream
}
