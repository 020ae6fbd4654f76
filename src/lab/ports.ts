import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { MmauditError } from '../model/errors.js'

const LOOPBACK = '127.0.0.1'

/** Below the ports that Linux gives to outgoing connections: one of those may be taken before the server listens. */
const RANGE = { from: 15_000, to: 32_000 }
const MOST_TRIES = 50

/** Loopback ports that nobody listens on: `base` and those after it, or any. */
export async function choosePorts(count: number, base: number | null): Promise<readonly number[]> {
  // All are held until the last is found, so that none is offered twice.
  const held: Server[] = []
  try {
    for (let i = 0; i < count; i++) held.push(base === null ? await holdAny() : await hold(base + i))
    return held.map(portOf)
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

async function holdAny(): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await hold(randomInt(RANGE.from, RANGE.to))
    } catch (error) {
      if (tries >= MOST_TRIES) throw error
    }
  }
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
