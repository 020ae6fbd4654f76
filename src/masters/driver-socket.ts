import { connect, type Socket } from 'node:net'
import type { Connection } from 'mysql2'
import type { MasterConfig } from '../model/config.js'
import { insideOf } from './driver-inside.js'

/**
 * What one read of the socket can bring. Servers send 16 KB at a time, and a kernel keeps some hundred for whoever is late.
 */
const READ_BYTES = 256 * 1024

/** After so many milliseconds of silence the kernel looks whether the other side is there. */
export const KEEP_ALIVE_MS = 10_000

/**
 * Connects to a master with a socket that reads into the same memory again and again, where Node would take new memory for
 * each read: for an audit, that is most of what there is to be collected. What it reads is valid during the event only; see
 * {@link keepingCopies}.
 */
export function openSocket({ host, port, socketPath }: MasterConfig): Socket {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES)
  const socket = connect({
    ...(socketPath === null ? { host, port } : { path: socketPath }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    onread: {
      buffer: memory,
      callback(bytes) {
        socket.emit('data', memory.subarray(0, bytes))
        return true
      }
    }
  })
  return socket
}

/** Lets the driver have copies of what its socket reads: it keeps parts of that. Whoever takes its place need not copy. */
export function keepingCopies(connection: Connection): void {
  const driver = insideOf(connection)
  const parser = driver.packetParser
  driver.packetParser = { execute: (chunk) => parser.execute(Buffer.from(chunk)) }
}
