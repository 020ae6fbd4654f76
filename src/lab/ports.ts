import { createServer, type Server } from 'node:net'
import { MmauditError } from '../model/errors.js'

const LOOPBACK = '127.0.0.1'

/** Loopback ports that nobody listens on: `base` and those after it, or any that the system offers. */
export async function choosePorts(count: number, base: number | null): Promise<readonly number[]> {
  const wanted = Array.from({ length: count }, (_, i) => (base === null ? 0 : base + i))
  // All are held until the last is found, so that none is offered twice.
  const held = await Promise.allSettled(wanted.map(hold))
  const servers = held.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const ports = servers.map(portOf)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  const failed = held.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return ports
}

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) =>
      reject(
        new MmauditError('usage', `port ${port} is not free: ${error.message}`, {
          hint: 'name another with --port, or leave it out to have free ones chosen',
          cause: error
        })
      )
    )
    server.listen({ host: LOOPBACK, port }, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}
