import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, Fault } from './proxy-link.js'
import type { TcpProxy } from './tcp-proxy.js'

type After = Fault['after']

/** Node takes a reset that it hears of together with the last bytes for an orderly end. */
const APART_MS = 20

/** The connection breaks off: RST. */
export function cut(after: After = 0): Fault {
  return {
    after,
    async strike(link) {
      await sleep(APART_MS)
      link.reset()
    }
  }
}

/** The answer ends early, and the connection with it, in order: FIN. */
export function truncate(after: After): Fault {
  return { after, strike: (link) => link.end() }
}

/** Half-open: this connection stays, and nothing passes any more. */
export function stall(after: After = 0): Fault {
  return { after, strike: (link) => link.freeze() }
}

/** The answer comes late. */
export function delay(milliseconds: number): Fault {
  return { after: 0, strike: () => sleep(milliseconds) }
}

/** The answer comes slowly, and so does everything that follows on this connection. */
export function throttle(bytesPerSecond: number): Fault {
  return { after: 0, strike: (link) => link.throttle(bytesPerSecond) }
}

/** The server is gone for good: every connection is cut, new ones are refused. */
export function down(after: After = 0): Fault {
  return { after, strike: (_, proxy) => proxy.down() }
}

/** The server's machine is gone for good: nothing passes any more on any connection, and new ones hear nothing. */
export function silence(after: After = 0): Fault {
  return { after, strike: (_, proxy) => proxy.silence() }
}

/** Another server takes over the address. */
export function retarget(target: Address): Fault {
  return { after: null, strike: (_, proxy) => proxy.retarget(target) }
}

/** Something happens to the server before it hears of the statement. */
export function before(action: (proxy: TcpProxy) => Promise<void>): Fault {
  return { after: null, strike: (_, proxy) => action(proxy) }
}
