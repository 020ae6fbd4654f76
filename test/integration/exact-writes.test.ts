import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminOf, type LabMaster } from '../../src/lab/lab-state.js'
import { Session } from '../../src/masters/session.js'
import type { Step } from '../../src/model/repair.js'
import { keyOf, rowGuard } from '../../src/sql/guard.js'
import { tableIdentifier } from '../../src/sql/identifier.js'
import { stepStatement } from '../../src/sql/repair.js'
import { scriptLines } from '../../src/sql/repair-script.js'
import { type FixtureLab, startFixtureLab } from '../support/fixture-lab.js'
import type { Run } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { comparedText, type ImageTable, imageTables, readImages, repairSteps, turns } from '../support/row-images.js'
import { findSqlClient, runSqlFile } from '../support/sql-client.js'
import { step } from '../support/writable.js'
import { hasZero, wrongConditions } from '../support/wrong-conditions.js'

/** What a repair's session goes by; a script sets it by itself. */
const SETTINGS = [
  'SET sql_log_bin = 0',
  "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES'",
  'SET NAMES utf8mb4',
  "SET time_zone = '+00:00'"
]

/** How a user may have set up client and session before a script begins. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'no sql_mode': ["--init-command=SET sql_mode = ''"],
  ANSI_QUOTES: ["--init-command=SET sql_mode = 'ANSI_QUOTES'"],
  NO_BACKSLASH_ESCAPES: ["--init-command=SET sql_mode = 'NO_BACKSLASH_ESCAPES'"],
  TRADITIONAL: ["--init-command=SET sql_mode = 'TRADITIONAL'"],
  latin1: ['--default-character-set=latin1']
}

/** Values of many megabytes are written by statements on the first kind, and by a script on the others. */
const LARGE = /megabytes|packet_edges/

/** What text does not tell, and so cannot bring back. */
const NOT_EXACT: ReadonlySet<string> = new Set([
  // Two rows whose key reads as the empty text: the member, and the invalid one.
  'keys_enum_invalid',
  // The DECIMAL 1.10 in JSON is read as 1.10, which written as JSON is the DOUBLE 1.1.
  'types_json_typed'
])

/** Between vendors MariaDB compares JSON by value, and takes escapes, large numbers and members named twice for others. */
const STALE_ON_MARIADB = 'types_json_forms'

const ER_DUP_ENTRY = 1062

const client = findSqlClient()
if (client === null) process.stderr.write('\n*** LEFT OUT: no mysql client is installed: no script is tried\n\n')

const kinds = representativeKinds()
const local = kinds.filter((kind) => !kind.includes(':'))
/**
 * Pairs of two vendors take as long again, and are tried on kinds that were asked for by name. What two versions of one
 * vendor do differently shows in the fixtures.
 */
const asked = (process.env.MMAUDIT_TEST_SERVERS ?? '') !== ''
if (!asked)
  process.stderr.write('*** LEFT OUT: writing between vendors; name the kinds in MMAUDIT_TEST_SERVERS to try it\n')
const pairs = (asked ? local : [])
  .flatMap((left, at) => local.slice(at + 1).map((right) => `${left},${right}`))
  .filter((pair) => /^mariadb.*,mysql/.test(pair))
  .slice(0, 1)
/** The same with MariaDB as the one that is written to. */
const backwards = pairs.map((pair) => pair.split(',').reverse().join())

describe.each([...kinds, ...pairs, ...backwards])('writing rows of every type on %s', (kind) => {
  let started: FixtureLab
  let session: Session
  let tables: readonly ImageTable[]

  beforeAll(async () => {
    started = await startFixtureLab(kind)
    const without = backwards.includes(kind) ? new Set([...NOT_EXACT, STALE_ON_MARIADB]) : NOT_EXACT
    tables = (await imageTables(started.masters)).filter(({ name }) => !without.has(name))
    session = await Session.open(adminOf(masterB()), SETTINGS)
  })
  afterAll(async () => {
    await session?.close()
    await started?.down()
  })

  it('has a condition for every value, which holds for equal values only and is never unknown', async () => {
    const wrong: string[] = []
    for (const table of tables) wrong.push(...(await wrongConditions(session, started.masters[1], table)))
    expect(wrong).toEqual([])
  })

  it('takes every row away and puts it back as it was', async () => {
    for (const table of kind === kinds[0] ? tables : small()) {
      const images = await readImages(started.masters[0], table)
      for (const image of images) expect(await run(step(table.writable, image, null)), table.name).toBe(1)
      expect(await readImages(started.masters[1], table), table.name).toEqual([])
      for (const image of images) expect(await run(step(table.writable, null, image)), table.name).toBe(1)
    }
    expect(await differing()).toEqual([])
  })

  it('puts no row where its key is', async () => {
    for (const table of small()) {
      const [image] = await readImages(started.masters[1], table)
      if (image !== undefined) expect(await run(step(table.writable, null, image)), table.name).toBe(0)
    }
  })

  it('finds a row by its guard until it changes', async () => {
    await started.change(namesOf(small()))
    for (const table of small()) await expectGuards(table)
    for (const table of small()) {
      for (const each of await repairSteps(started.masters, table)) expect(await run(each), table.name).toBe(1)
    }
    expect(await differing()).toEqual([])
  })

  it.runIf(!kind.includes(','))('gives every row the values of another, and its own again', async () => {
    for (const table of small()) await turnAround(table)
    expect(await differing()).toEqual([])
  })

  it('does not store what no strict session can', async () => {
    const name = '`fixtures`.`enum_of_one`'
    const ddl = `CREATE TABLE ${name} (id INT PRIMARY KEY, v ENUM('a') CHARACTER SET utf8mb4)`
    for (const master of ['a', 'b']) {
      await started.lab.runLocally(master, ddl, "SET sql_mode = ''", `INSERT INTO ${name} VALUES (1, 'x')`)
    }
    const table = (await imageTables(started.masters)).find((each) => each.name === 'enum_of_one')
    if (table === undefined) throw new Error('the table was not planned')
    const [image] = await readImages(started.masters[1], table)
    expect(image).toEqual({ id: '1', v: '0' })
    expect(await run(step(table.writable, { id: '1', v: '0' }, null))).toBe(1)
    await expect(run(step(table.writable, null, { id: '1', v: '0' }))).rejects.toThrow(/truncated/i)
    expect(await count(table, 'TRUE')).toBe(0)
  })

  describe.runIf(client !== null && !kind.includes(','))('in scripts', () => {
    it.each(Object.entries(WAYS))('for a client with %s', async (way, flags) => {
      const whole = kind === kinds[0] && kinds.length > 1 ? small() : tables
      const tried = way === 'no sql_mode' ? whole : shareOf(Object.keys(WAYS).indexOf(way) - 1)
      await started.change(namesOf(tried))
      const steps: Step[] = []
      for (const table of tried) steps.push(...(await repairSteps(started.masters, table)))
      const first = await runScript(linesOf(steps), flags)
      expect(first).toEqual({ code: 0, stderr: '', stdout: report(steps.length, steps.length) })
      expect(await differing()).toEqual([])
    })

    it('tells of every row that is not as expected, and leaves it alone', async () => {
      await started.change(namesOf(small()))
      const steps: Step[] = []
      for (const table of small()) steps.push(...(await repairSteps(started.masters, table)))
      await runScript(linesOf(steps), [])
      const again = await runScript(linesOf(steps), [])
      expect(again).toMatchObject({ code: 0, stderr: '' })
      expect(again.stdout.match(/^stale$/gm)).toHaveLength(steps.length)
      expect(again.stdout.endsWith(report(0, steps.length))).toBe(true)
      expect(await differing()).toEqual([])
    })

    it('stops before any change where writes would be logged', async () => {
      const [table] = tables
      if (table === undefined) throw new Error('there are tables')
      const [image] = await readImages(started.masters[1], table)
      const lines = linesOf([step(table.writable, image ?? null, null)])
      const logged = lines.filter((line) => !line.startsWith('SET sql_log_bin'))
      expect(logged).toHaveLength(lines.length - 1)
      const { code, stderr } = await runScript(logged, [])
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('sql_log_bin is not 0') })
      expect(await differing()).toEqual([])
    })
  })

  function masterB(): LabMaster {
    const master = started.lab.state.masters.find(({ name }) => name === 'b')
    if (master === undefined) throw new Error('the lab has no master b')
    return master
  }

  function small(): readonly ImageTable[] {
    return tables.filter(({ name }) => !LARGE.test(name))
  }

  /** Every table is tried in one of the other ways. */
  function shareOf(part: number): readonly ImageTable[] {
    return small().filter((_, at) => at % (Object.keys(WAYS).length - 1) === part)
  }

  /** Tables that the audit does not call equal. */
  async function differing(): Promise<readonly string[]> {
    const { report } = await started.lab.diff(['fixtures.*'])
    const tried = namesOf(tables)
    return report.tables.flatMap(({ table, status }) => (tried.has(table) && status !== 'consistent' ? [table] : []))
  }

  async function expectGuards(table: ImageTable): Promise<void> {
    const now = new Set((await readImages(started.masters[1], table)).map((image) => comparedText(table, image)))
    for (const image of await readImages(started.masters[0], table)) {
      if (hasZero(image)) continue
      const label = `${table.name}: ${keyOf(table.writable, image)}`
      const expected = now.has(comparedText(table, image)) ? 1 : 0
      expect(await count(table, rowGuard(table.writable, image)), label).toBe(expected)
    }
  }

  async function turnAround(table: ImageTable): Promise<void> {
    const turned: Step[] = []
    for (const each of turns(table, await readImages(started.masters[1], table))) {
      if (await runUnlessTaken(each)) turned.push(each)
    }
    const now = (await readImages(started.masters[1], table)).map((image) => comparedText(table, image))
    for (const { after } of turned) expect(now, table.name).toContain(after && comparedText(table, after))
    for (const { before, after } of turned.reverse()) {
      expect(await run(step(table.writable, after, before)), table.name).toBe(1)
    }
  }

  async function run(each: Step): Promise<number> {
    const statement = stepStatement(each)
    const { affectedRows } = await session.run(statement).catch((cause) => {
      throw new Error(`${cause.message}: ${statement.slice(0, 500)}`, { cause })
    })
    return affectedRows
  }

  async function runUnlessTaken(each: Step): Promise<boolean> {
    const changed = await session.run(stepStatement(each)).catch((error) => {
      if (error.errno === ER_DUP_ENTRY) return null
      throw new Error(`${error.message}: ${stepStatement(each).slice(0, 500)}`, { cause: error })
    })
    if (changed !== null) expect(changed.affectedRows, stepStatement(each).slice(0, 500)).toBe(1)
    return changed !== null
  }

  async function count({ writable }: ImageTable, condition: string): Promise<number> {
    const [row] = await session.query(`SELECT COUNT(*) AS n FROM ${tableIdentifier(writable.ref)} WHERE ${condition}`)
    return Number(row?.n)
  }

  async function runScript(lines: readonly string[], flags: readonly string[]): Promise<Run> {
    const file = join(started.lab.dir, 'b.sql')
    await writeFile(file, `${lines.join('\n')}\n`)
    return runSqlFile(client ?? '', masterB(), file, ['--max-allowed-packet=1G', ...flags])
  }
})

function namesOf(tables: readonly ImageTable[]): ReadonlySet<string> {
  return new Set(tables.map(({ name }) => name))
}

function linesOf(steps: readonly Step[]): readonly string[] {
  const script = { master: 'b', settings: SETTINGS, steps, replicas: [] }
  return [...scriptLines(script, { runId: 'test', tool: 'mmaudit', server: 'loopback' })]
}

function report(made: number, of: number): string {
  return `mmaudit\n${made} of ${of} statements changed their row\n`
}
