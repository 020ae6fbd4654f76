import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../../bin/setup.mjs'

const PROXY = join(root, 'bench', 'programs', 'proxy.mjs')

/**
 * Puts a link of a given kind in front of each port while `use(ports)` runs. The proxy is a process of its own, so that it
 * takes no time of what is measured on this one.
 *
 * @param link `{ roundTripMs, megabitsPerSecond }`
 * @returns `{ sample, bytes }`: what `use` resolved to, and the bytes that went through, in both directions.
 */
export async function withProxy(ports, { roundTripMs, megabitsPerSecond }, use) {
  const proxy = fork(PROXY, [roundTripMs, megabitsPerSecond, ...ports].map(String))
  try {
    const [{ ports: front }] = await once(proxy, 'message')
    const sample = await use(front)
    proxy.send('end')
    const [{ bytes }] = await once(proxy, 'message')
    return { sample, bytes }
  } finally {
    proxy.kill()
  }
}
