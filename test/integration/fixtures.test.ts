import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { messageOf } from '../../src/model/errors.js'
import type { TableResult } from '../../src/model/report.js'
import { type Fixture, isFor, readFixtures, type Server, versionNumber } from '../support/fixture.js'
import type { ReportFile } from '../support/report-file.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Small chunks, so that tables of few rows have bounds too. */
const ARGS = ['fixtures.*', '--chunk-rows', '7']

/** What a session that writes rows goes by, whatever the server's own settings. */
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

const kinds = inject('serverKinds')
const local = kinds.filter((kind) => !kind.includes(':'))
const pairs = local.flatMap((left, at) => local.slice(at + 1).map((right) => `${left},${right}`))

describe.each([...kinds, ...pairs])('every feature on %s', (kind) => {
  let lab: TestLab
  let fixtures: readonly Fixture[]

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
    fixtures = await fixturesFor(lab)
    for (const name of ['a', 'b']) {
      await lab.runLocally(name, 'DROP DATABASE IF EXISTS fixtures', 'CREATE DATABASE fixtures CHARACTER SET utf8mb4')
    }
    for (const fixture of fixtures) {
      await Promise.all(['a', 'b'].map((name) => write(lab, name, fixture.name, fixture.setUp)))
    }
    // Servers that were there before the test keep their settings.
    if (!kind.includes('://')) await lab.run('b', ...OWN_WAYS)
  })
  afterAll(() => lab?.down())

  it('is no difference where nothing was changed', async () => {
    const { run, report } = await lab.diff(ARGS)
    expect(outcomes(report, fixtures)).toEqual(expected(fixtures, (fixture) => fixture.before))
    expect(run.code).toBe(report.summary.complete ? 0 : 2)
  })

  it('is found where it was changed', async () => {
    for (const fixture of fixtures) await write(lab, 'b', fixture.name, fixture.change)
    const { run, report } = await lab.diff(ARGS)
    expect(outcomes(report, fixtures)).toEqual(expected(fixtures, (fixture) => fixture.finds))
    expect(run.code).toBe(report.summary.complete ? 1 : 2)
  })
})

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

/** What is said of each table of the report, by the name of its fixture. */
function outcomes(report: ReportFile, fixtures: readonly Fixture[]): Readonly<Record<string, string>> {
  const names = new Map(fixtures.map(({ name, table }) => [table, name]))
  return Object.fromEntries(
    report.tables.map((result) => [names.get(result.table) ?? result.table, outcomeOf(result, report)])
  )
}

function expected(fixtures: readonly Fixture[], pick: (fixture: Fixture) => string) {
  return Object.fromEntries(fixtures.map((fixture) => [fixture.name, pick(fixture)]))
}

/** `nothing`, or `2 missing, 1 conflict in v and w`, or `failed: why`; and what was left out of the comparison. */
function outcomeOf(result: TableResult, report: ReportFile): string {
  const { table, status, reason } = result
  if (status === 'failed' || status === 'skipped') return `${status}: ${reason}`
  const columns = report.divergences.filter((each) => each.table === table).flatMap((each) => each.columns)
  const where = columns.length === 0 ? '' : ` in ${[...new Set(columns)].join(' and ')}`
  const counts = [
    ...(result.missing > 0 ? [`${result.missing} missing`] : []),
    ...(result.conflict > 0 ? [`${result.conflict} conflict${where}`] : []),
    ...(result.collision > 0 ? [`${result.collision} collision`] : []),
    ...(result.unsettled > 0 ? [`${result.unsettled} unsettled`] : [])
  ]
  const leftOut = reason?.includes('was not compared') ? `; ${reason}` : ''
  return (counts.join(', ') || 'nothing') + leftOut
}
