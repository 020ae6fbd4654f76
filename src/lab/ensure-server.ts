import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { waitForLock } from '../files/lock.js'
import { MmauditError } from '../model/errors.js'
import { runProgram } from './children.js'
import { cacheFolder } from './environment.js'
import { parseServer, type ServerKind } from './kinds.js'
import { unpackPackages } from './private-apt.js'
import { isRoot } from './processes.js'
import { namedServer, type ServerBinary, systemServer, unpackedServer } from './server-binary.js'

/** What may be done to get a server, and who hears of it. */
export interface EnsureOptions {
  /** Install it when it is missing. */
  readonly install: boolean
  readonly say: (line: string) => void
}

/**
 * Finds a server, and installs it when it is missing and that is allowed.
 * @param server a kind (`mariadb`, `mariadb-11.8`, `mysql`) or the path of a server program.
 */
export async function ensureServer(server: string, options: EnsureOptions): Promise<ServerBinary> {
  const choice = parseServer(server)
  if ('path' in choice) return namedServer(choice.path)
  const { kind } = choice
  const found = await find(kind)
  if (found !== null) return found
  if (!options.install) throw missing(kind)
  await mkdir(cacheFolder(), { recursive: true })
  await waitForLock(join(cacheFolder(), 'install.lock'), `installing ${kind.name}`, async () => {
    // Whoever held the lock may have done it already.
    if ((await find(kind)) === null) await install(kind, options.say)
  })
  const installed = await find(kind)
  if (installed === null) throw new MmauditError('incomplete', `${kind.name} was installed but is not found`)
  return installed
}

async function find(kind: ServerKind): Promise<ServerBinary | null> {
  if (kind.unpack !== null && existsSync(privateFolder(kind))) return unpackedServer(kind.name, privateFolder(kind))
  return kind.name === kind.vendor ? systemServer(kind.name, kind.vendor) : null
}

function privateFolder(kind: ServerKind): string {
  return join(cacheFolder(), 'servers', kind.name)
}

function missing(kind: ServerKind): MmauditError {
  const packages = kind.systemPackages?.join(' ')
  const how =
    packages === undefined
      ? `lab up --server ${kind.name} --install unpacks a private copy (about 300 MB, below the cache folder)`
      : `install it: apt-get install ${packages} (lab up --install does that when run as root)`
  return new MmauditError('incomplete', `no ${kind.name} server is found on this machine`, {
    hint: `${how}; or name one with --server <path of mysqld or mariadbd>`
  })
}

async function install(kind: ServerKind, say: (line: string) => void): Promise<void> {
  await refreshPackageLists()
  if (kind.systemPackages !== null) return installIntoSystem(kind, kind.systemPackages, say)
  const { unpack } = kind
  if (unpack === null) throw missing(kind)
  const folder = privateFolder(kind)
  await mkdir(join(folder, '..'), { recursive: true })
  say(`unpacking ${unpack.packages.join(' ')} of Debian ${unpack.suite} into ${folder}`)
  await unpackPackages(unpack, folder)
}

/** A fresh machine has no package lists, an old one may have lists of packages that are gone. Only root can mend either. */
async function refreshPackageLists(): Promise<void> {
  if (isRoot())
    await runProgram('apt-get', ['update'], { hint: 'look at what apt-get says, and at /etc/apt/sources.list' })
}

async function installIntoSystem(
  kind: ServerKind,
  packages: readonly string[],
  say: (line: string) => void
): Promise<void> {
  if (!isRoot()) throw missing(kind)
  say(`installing ${packages.join(' ')}`)
  await runProgram('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    hint: 'look at what apt-get says'
  })
}
