import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Vendor } from '../../src/model/master.js'

/** One feature of a server in a table: how to make it on every master, and what to change on one. */
export interface Fixture {
  /** The file below `fixtures`, without its ending: `types/decimal-65-30`. */
  readonly name: string
  readonly table: string
  /** The servers that have the feature; empty for all. */
  readonly only: readonly Requirement[]
  /** Why masters of different vendors cannot hold these rows alike; `null` when they can. */
  readonly notMixed: string | null
  /** Creates the table and fills it. */
  readonly setUp: readonly string[]
  /** Makes one master differ. */
  readonly change: readonly string[]
  /** What an audit says of the table after the change; see `outcomeOf` in the test. */
  readonly finds: string
  /** What an audit says of the table before the change. */
  readonly before: string
}

interface Requirement {
  readonly vendor: Vendor
  /** The least version, as in {@link Server}. */
  readonly version: number
}

/** A server as fixtures tell servers apart. */
export interface Server {
  readonly vendor: Vendor
  /** `11.8.6` as 11.008. */
  readonly version: number
}

/** What is tried on servers. Other folders hold files that are not fixtures, or not yet right. */
const FOLDERS = ['types', 'keys', 'tables', 'names']

const ROOT = new URL('../../fixtures/', import.meta.url).pathname

/** Every fixture, in order of their names. */
export async function readFixtures(): Promise<readonly Fixture[]> {
  const names = await Promise.all(
    FOLDERS.map(async (folder) => (await readdir(join(ROOT, folder))).map((file) => join(folder, file)))
  )
  const files = names.flat().filter((file) => file.endsWith('.sql'))
  return Promise.all(
    files
      .sort()
      .map(async (file) => parseFixture(file.slice(0, -'.sql'.length), await readFile(join(ROOT, file), 'utf8')))
  )
}

/**
 * Reads a file of SQL statements, one or more lines each, under comments: first what it is about, then headers
 * (`-- only: mariadb>=11.7, mysql>=9`, `-- table: t`, `-- not mixed: reason`, `-- finds: 1 conflict in v`,
 * `-- before: failed: reason`), and `-- rows` and `-- change`, which begin the parts of the file.
 */
function parseFixture(name: string, text: string): Fixture {
  const lines = text.split('\n')
  const header = (key: string) => {
    const line = lines.find((each) => each.startsWith(`-- ${key}: `))
    return line === undefined ? null : line.slice(`-- ${key}: `.length)
  }
  const [setUp = '', change = ''] = text.split('\n-- change\n')
  return {
    name,
    table: header('table') ?? name.replaceAll(/[/-]/g, '_'),
    only: (header('only') ?? '')
      .split(', ')
      .filter((part) => part !== '')
      .map(parseRequirement),
    notMixed: header('not mixed'),
    setUp: statements(setUp),
    change: statements(change),
    finds: header('finds') ?? '1 conflict in v',
    before: header('before') ?? 'nothing'
  }
}

/** Whether the server has the feature. */
export function isFor(fixture: Fixture, server: Server): boolean {
  return (
    fixture.only.length === 0 ||
    fixture.only.some(({ vendor, version }) => vendor === server.vendor && server.version >= version)
  )
}

/** Major and minor version as one number. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0] = version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0)
  return major + minor / 1000
}

function parseRequirement(text: string): Requirement {
  const [, vendor, version = '0'] = /^(mariadb|mysql)(?:>=([\d.]+))?$/.exec(text) ?? []
  if (vendor !== 'mariadb' && vendor !== 'mysql') throw new Error(`no server is called ${text}`)
  return { vendor, version: versionNumber(version) }
}

function statements(part: string): readonly string[] {
  return part
    .replaceAll(/^-- .*$/gm, '')
    .split(/;\s*\n/)
    .map((statement) => statement.trim().replace(/;$/, ''))
    .filter((statement) => statement !== '')
}
