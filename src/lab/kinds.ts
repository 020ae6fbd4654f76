import { MmauditError } from '../model/errors.js'
import type { Vendor } from '../model/master.js'
import type { PrivatePackages } from './private-apt.js'

/** A server that a lab knows how to find and how to install. */
export interface ServerKind {
  readonly name: string
  readonly vendor: Vendor
  /** Debian packages to install into the system, `null` when it is only ever unpacked privately. */
  readonly systemPackages: readonly string[] | null
  /** Where the private copy comes from, `null` when the system's own is used. */
  readonly unpack: PrivatePackages | null
}

const MARIADB: ServerKind = {
  name: 'mariadb',
  vendor: 'mariadb',
  systemPackages: ['mariadb-server-core', 'mariadb-client-core'],
  unpack: null
}

/** The client package holds a program that the installer of the data folder asks for. */
const MARIADB_11: ServerKind = {
  name: 'mariadb-11.8',
  vendor: 'mariadb',
  systemPackages: null,
  unpack: { suite: 'trixie', packages: ['mariadb-server-core', 'mariadb-client-core'] }
}

/** No stable Debian has MySQL; the unstable suite does. */
const MYSQL: ServerKind = {
  name: 'mysql',
  vendor: 'mysql',
  systemPackages: null,
  unpack: { suite: 'sid', packages: ['mysql-server-core'] }
}

/** By the names a user may give them. */
const KINDS: ReadonlyMap<string, ServerKind> = new Map([
  ['mariadb', MARIADB],
  ['mariadb-10.11', MARIADB],
  ['mariadb-11.8', MARIADB_11],
  ['mysql', MYSQL],
  ['mysql-9.7', MYSQL]
])

/** A known kind, or the path of a server program. */
export type ServerChoice = { readonly kind: ServerKind } | { readonly path: string }

/** Reads one name or path of `--server`. */
export function parseServer(text: string): ServerChoice {
  const kind = KINDS.get(text)
  if (kind !== undefined) return { kind }
  if (text.includes('/')) return { path: text }
  throw new MmauditError('usage', `no server is called '${text}'`, {
    hint: `name one of ${[...KINDS.keys()].join(', ')}, or the path of a mysqld or mariadbd`
  })
}

/** Reads `--server`: one or more of them, separated by commas. */
export function parseServers(text: string): readonly ServerChoice[] {
  return text.split(',').map((name) => parseServer(name.trim()))
}
