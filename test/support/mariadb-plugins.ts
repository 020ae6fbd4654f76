import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { waitForLock } from '../../src/files/lock.js'
import { cacheFolder } from '../../src/lab/environment.js'
import { unpackPackages } from '../../src/lab/private-apt.js'

/** The Debian whose servers the kinds are: a plugin only fits the server that it was built with. */
const SUITES: Readonly<Record<string, string>> = { 'mariadb-10.11': 'bookworm', 'mariadb-11.8': 'trixie' }

/**
 * A folder that holds the plugins of a MariaDB server that its core package comes without, `ed25519` and `parsec` among
 * them. Unpacked from the Debian package the first time; `null` where that cannot be had.
 */
export async function mariadbPlugins(kind: string): Promise<string | null> {
  const suite = SUITES[kind]
  if (suite === undefined) return null
  const folder = join(cacheFolder(), 'plugins', suite)
  const wanted = { suite, packages: ['mariadb-server'], alone: true }
  await mkdir(join(folder, '..'), { recursive: true })
  try {
    await waitForLock(`${folder}.lock`, `unpacking the plugins of ${kind}`, async () => {
      if (!existsSync(folder)) await unpackPackages(wanted, folder)
    })
    return join(folder, 'usr/lib/mysql/plugin')
  } catch {
    return null
  }
}
