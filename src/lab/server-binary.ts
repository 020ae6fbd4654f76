import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MmauditError } from '../model/errors.js'
import type { Vendor } from '../model/master.js'
import { runProgram } from './children.js'
import { programFolders } from './environment.js'

/** A server program that can be run here. */
export interface ServerBinary {
  /** Kind, version and, where that is not enough, place: one word that names folders. */
  readonly name: string
  readonly vendor: Vendor
  /** As the program itself says it, for example `10.11.19-MariaDB-0+deb12u1`. */
  readonly version: string
  /** The program, with the loader before it where it needs one. */
  readonly command: readonly string[]
  /** Where it finds its own files. */
  readonly flags: readonly string[]
  /** The program that fills an empty MariaDB data folder; `null` for MySQL, which does that itself. */
  readonly installer: Installer | null
}

/** How to run `mariadb-install-db`. */
interface Installer {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Looks at a server program and finds out what it is. */
async function inspectServer(
  kind: string,
  command: readonly string[]
): Promise<Omit<ServerBinary, 'flags' | 'installer'>> {
  const [program = '', ...args] = command
  const said = await runProgram(program, [...args, '--no-defaults', '--version'])
  const version = versionIn(said)
  if (version === null) {
    throw new MmauditError('usage', `${command.at(-1)} does not look like a MySQL or MariaDB server: ${said.trim()}`)
  }
  return { name: `${kind}-${version.replaceAll(/[^\w.-]/g, '_')}`, vendor: vendorOf(said), version, command }
}

/** The version in what `mysqld --version` prints, `null` when there is none. */
export function versionIn(said: string): string | null {
  return /\bVer (\d+\.\d+\.\d+\S*)/.exec(said)?.[1] ?? null
}

function vendorOf(said: string): Vendor {
  return said.includes('MariaDB') ? 'mariadb' : 'mysql'
}

/** A server that is installed as its makers meant it: in the system, or unpacked from a binary tarball. */
async function installedServer(kind: string, path: string): Promise<ServerBinary> {
  const server = await inspectServer(kind, [realpathSync(path)])
  const flags = baseDirectory(path)
  const installer = server.vendor === 'mysql' ? null : { program: installerNear(path), args: flags, env: {} }
  return { ...server, flags, installer }
}

/** A server named by its path; two of the same version in two places keep apart. */
export function namedServer(path: string): Promise<ServerBinary> {
  if (!existsSync(path)) throw new MmauditError('usage', `there is no server at ${path}`)
  const place = createHash('sha256').update(realpathSync(path)).digest('hex').slice(0, 8)
  return installedServer(`custom-${place}`, path)
}

/** The first of the system's servers that is of this vendor. */
export async function systemServer(kind: string, vendor: Vendor): Promise<ServerBinary | null> {
  const programs = vendor === 'mariadb' ? ['mariadbd', 'mysqld'] : ['mysqld']
  for (const path of programFolders().flatMap((folder) => programs.map((program) => join(folder, program)))) {
    if (!existsSync(path)) continue
    const server = await inspectServer(kind, [path])
    if (server.vendor === vendor) return installedServer(kind, path)
  }
  return null
}

/** A binary tarball keeps its messages beside the program and does not find them by itself. */
function baseDirectory(path: string): readonly string[] {
  const base = dirname(dirname(realpathSync(path)))
  return base !== '/usr' && existsSync(join(base, 'share')) ? [`--basedir=${base}`] : []
}

function installerNear(path: string): string {
  const base = dirname(dirname(realpathSync(path)))
  const folders = [dirname(realpathSync(path)), join(base, 'scripts'), join(base, 'bin'), ...programFolders()]
  const found = folders.map((folder) => join(folder, 'mariadb-install-db')).find((file) => existsSync(file))
  if (found === undefined) {
    throw new MmauditError('incomplete', `mariadb-install-db, which belongs to ${path}, is not found`, {
      hint: 'install it: apt-get install mariadb-server-core'
    })
  }
  return found
}

/** A server unpacked from Debian packages into `root`; it runs with the C library that was unpacked with it. */
export async function unpackedServer(kind: string, root: string): Promise<ServerBinary> {
  const usr = join(root, 'usr')
  const program = ['mariadbd', 'mysqld'].map((name) => join(usr, 'sbin', name)).find((path) => existsSync(path))
  const server = await inspectServer(kind, [...loader(usr), program ?? join(usr, 'sbin/mysqld')])
  const flags = [
    `--basedir=${usr}`,
    `--lc-messages-dir=${join(usr, 'share/mysql')}`,
    `--character-sets-dir=${join(usr, 'share/mysql/charsets')}`,
    `--plugin-dir=${join(usr, 'lib/mysql/plugin')}`
  ]
  const installer = server.vendor === 'mysql' ? null : await unpackedInstaller(usr, server.command)
  return { ...server, flags, installer }
}

function loader(usr: string): readonly string[] {
  const program = firstIn(join(usr, 'lib64'), /^ld-linux/) ?? firstIn(join(usr, 'lib'), /^ld-linux/)
  const libraries = firstIn(join(usr, 'lib'), /-linux-gnu/)
  if (program === null || libraries === null) {
    throw new MmauditError('incomplete', `the server unpacked in ${dirname(usr)} is not complete`, {
      hint: `remove ${dirname(usr)} and run this again with --install`
    })
  }
  return [program, '--library-path', libraries]
}

function firstIn(folder: string, pattern: RegExp): string | null {
  const name = existsSync(folder) ? readdirSync(folder).find((each) => pattern.test(each)) : undefined
  return name === undefined ? null : join(folder, name)
}

/** `mariadb-install-db` starts the server by a name of one word: a script beside the unpacked files. */
async function unpackedInstaller(usr: string, command: readonly string[]): Promise<Installer> {
  const script = join(dirname(usr), `${basename(command.at(-1) ?? '')}.sh`)
  await writeFile(script, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`)
  await chmod(script, 0o755)
  return {
    program: join(usr, 'bin/mariadb-install-db'),
    args: ['--force', `--basedir=${usr}`],
    env: { MYSQLD_BOOTSTRAP: script }
  }
}
