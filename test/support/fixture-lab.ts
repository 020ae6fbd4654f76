import { adminOf } from '../../src/lab/lab-state.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { Master } from '../../src/masters/master.js'
import { messageOf } from '../../src/model/errors.js'
import { type Fixture, isFor, readFixtures, type Server, versionNumber } from './fixture.js'
import { startTestLab, type TestLab } from './test-lab.js'

/** What a session that writes the rows of fixtures goes by, whatever the server's own settings. */
const SESSION = [
  'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci',
  "SET time_zone = '+00:00'",
  "SET sql_mode = 'STRICT_ALL_TABLES'",
  'USE fixtures'
]

/** Settings that change how a server reads and prints, which the other master does not have. */
const OWN_WAYS = [
  "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT'",
  "SET GLOBAL time_zone = '+05:30'"
]

/** Two masters with the tables of every fixture that both can hold alike. */
export interface FixtureLab {
  readonly lab: TestLab
  readonly fixtures: readonly Fixture[]
  /** Sessions as an audit has them, on a and b. */
  readonly masters: readonly [Master, Master]
  /** Makes master b differ as the fixtures of these tables say. */
  change(tables: ReadonlySet<string>): Promise<void>
  down(): Promise<void>
}

/** Starts two masters and fills both; b has ways of its own, unless it was there before. */
export async function startFixtureLab(kind: string): Promise<FixtureLab> {
  const lab = await startTestLab(kind, { rows: 10 })
  const fixtures = await fixturesFor(lab)
  for (const name of ['a', 'b']) {
    await lab.runLocally(name, 'DROP DATABASE IF EXISTS fixtures', 'CREATE DATABASE fixtures CHARACTER SET utf8mb4')
  }
  for (const fixture of fixtures) {
    await Promise.all(['a', 'b'].map((name) => write(lab, name, fixture.name, fixture.setUp)))
  }
  if (!kind.includes('://')) await lab.run('b', ...OWN_WAYS)
  const masters = await Promise.all([connect(lab, 'a'), connect(lab, 'b')])
  return {
    lab,
    fixtures,
    masters,
    change: async (tables) => {
      for (const { table, name, change } of fixtures) if (tables.has(table)) await write(lab, 'b', name, change)
    },
    down: async () => {
      for (const master of masters) await master.close()
      await lab.down()
    }
  }
}

function connect(lab: TestLab, name: string): Promise<Master> {
  const master = lab.state.masters.find((each) => each.name === name)
  if (master === undefined) throw new Error(`the lab has no master ${name}`)
  return Master.connect(adminOf(master), 2)
}

async function fixturesFor(lab: TestLab): Promise<readonly Fixture[]> {
  const servers = await Promise.all(['a', 'b'].map((name) => serverOf(lab, name)))
  const mixed = new Set(servers.map((server) => server.vendor)).size > 1
  return (await readFixtures())
    .filter((fixture) => servers.every((server) => isFor(fixture, server)))
    .filter((fixture) => !mixed || fixture.notMixed === null)
}

async function serverOf(lab: TestLab, name: string): Promise<Server> {
  const [row] = await lab.query(name, 'SELECT VERSION() AS version, @@version_comment AS comment')
  const version = row?.version ?? ''
  return { vendor: capabilitiesOf(version, row?.comment ?? '').vendor, version: versionNumber(version) }
}

async function write(lab: TestLab, master: string, name: string, statements: readonly string[]): Promise<void> {
  await lab.runLocally(master, ...SESSION, ...statements).catch((cause) => {
    throw new Error(`fixtures/${name}.sql on master ${master}: ${messageOf(cause)}`, { cause })
  })
}
