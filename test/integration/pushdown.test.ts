import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { ServerCost } from '../../src/model/costs.js'
import { rowNumber, type SecondCrc } from '../../src/sql/row-digest.js'
import { blindSpot, CASE_COLUMNS, createCases } from '../support/blind-spots.js'
import { type FixtureLab, startFixtureLab } from '../support/fixture-lab.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import type { TestLab } from '../support/test-lab.js'

const NOTE = /^its rows were read and hashed here: /
/** Tables that a server cannot add up are few, and each of one vendor says why. */
const READ_HERE = [
  /: it has no key$/,
  /: a column is called __proto__$/,
  /: the sum of column \S+ may not fit$/,
  /: the (type|charset) of column \S+ is not the same on all masters$/
]
/** Statements that were prepared on a master and not closed since; what a session takes along as it ends is not counted. */
async function keptPrepared(lab: TestLab): Promise<number> {
  const rows = await lab.query('b', "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_stmt_prepare', 'Com_stmt_close')")
  const counted = new Map(rows.map((row) => [row.Variable_name?.toLowerCase(), Number(row.Value)]))
  return (counted.get('com_stmt_prepare') ?? 0) - (counted.get('com_stmt_close') ?? 0)
}

/** Small chunks, so that tables of few rows have bounds too. */
const ARGS = ['fixtures.*', '--chunk-rows', '7']
const CASES = 50 * Number(process.env.MMAUDIT_RUNS ?? 50)

const local = inject('serverKinds').filter((kind) => !kind.includes(':'))
const named = (process.env.MMAUDIT_TEST_SERVERS ?? '') !== ''
const pairs = named ? local.flatMap((left, at) => local.slice(at + 1).map((right) => `${left},${right}`)) : []

describe.each([...representativeKinds(), ...pairs])('rows that %s adds up', (kind) => {
  let fixtures: FixtureLab
  beforeAll(async () => {
    fixtures = await startFixtureLab(kind)
  })
  afterAll(() => fixtures?.down())

  it('are hardly read where nothing differs', async () => {
    const { report } = await fixtures.lab.diff([...ARGS, '--checksum', 'pushdown'])
    const { costs } = report as ReportFile & { readonly costs: Readonly<Record<string, ServerCost>> }
    expect(report.checksum).toBe('pushdown')
    const hereNotes = report.tables.map(({ reason }) => notesOf(reason).find((note) => NOTE.test(note)))
    const said = hereNotes.flatMap((note) => note ?? [])
    if (!kind.includes(',')) expect(said.filter((note) => !READ_HERE.some((known) => known.test(note)))).toEqual([])
    expect(said.length).toBeLessThan(report.tables.length / 4)
    const rowsOf = (here: boolean) =>
      report.tables
        .filter((_, at) => (hereNotes[at] !== undefined) === here)
        .reduce((sum, { rows }) => sum + (rows.b ?? 0), 0)
    // Looking for bounds takes a row for each chunk; tables that differ from the start are read to the row.
    expect((costs.b?.rows ?? 0) - 4 * rowsOf(true)).toBeLessThan(rowsOf(false) / 2)
  })

  it('do not use up the statements that a server keeps prepared for all its clients', async () => {
    const { lab } = fixtures
    const before = await keptPrepared(lab)
    const { report } = await lab.diff([...ARGS, '--checksum', 'pushdown'])
    expect(report.tables.length).toBeGreaterThan(50)
    // Eight on each of four sessions.
    expect((await keptPrepared(lab)) - before).toBeLessThanOrEqual(32)
  })

  it('differ as those that are read, for every feature', async () => {
    const { lab } = fixtures
    // Rows of many megabytes are added up like any others; in reports they would take most of the time.
    const tables = fixtures.fixtures.map(({ table }) => table).filter((table) => !/megabytes/.test(table))
    await fixtures.change(new Set(tables))
    const pushed = await lab.diff([...ARGS, '--checksum', 'pushdown'])
    const read = await lab.diff(ARGS)
    expect(findings(pushed.report)).toEqual(findings(read.report))
    expect(pushed.run.code).toBe(read.run.code)
  }, 300_000)

  it('have another checksum after changes to which XOR over CRC32 is blind', async () => {
    const { lab, masters } = fixtures
    const [cases = []] = fc.sample(fc.array(blindSpot, { minLength: CASES, maxLength: CASES }), 1)
    await lab.runLocally('a', 'USE fixtures', "SET sql_mode = ''", ...createCases(cases))
    const seconds: readonly SecondCrc[] = masters[0].capabilities.hasCrc32c ? ['crc32c', 'reversed'] : ['reversed']
    for (const second of seconds) expect(await missed(rowNumber(CASE_COLUMNS, 1, second))).toEqual([])
    const linear = `CRC32(CONCAT_WS('#', ${CASE_COLUMNS.map(({ expression }) => expression).join(', ')}))`
    expect((await missed(linear)).length).toBeGreaterThan(CASES / 10)
  })

  /** The cases whose two sides have the same XOR of these numbers. */
  async function missed(number: string): Promise<readonly string[]> {
    const rows = await fixtures.lab.query(
      'a',
      `SELECT n FROM (SELECT n, side, BIT_XOR(${number}) AS x FROM fixtures.cases GROUP BY n, side) AS sides
       GROUP BY n HAVING MIN(x) = MAX(x)`
    )
    return rows.map(({ n }) => n ?? '')
  }
})

/** What is said of each table, as one line, without what may differ between two ways to the same result. */
function findings({ tables, divergences }: ReportFile): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tables.map(({ chunks: _, reason, ...result }) => {
      const rows = divergences.filter(({ table }) => table === result.table)
      const notes = notesOf(reason).filter((note) => !NOTE.test(note))
      return [result.table, JSON.stringify([notes, result, rows])]
    })
  )
}

function notesOf(reason: string | null): readonly string[] {
  return reason?.split('; ') ?? []
}
