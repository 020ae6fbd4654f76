import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { recheck as recheckEvents } from '../../src/audit/recheck.js'
import { resolveAuditConfig } from '../../src/config/resolve.js'
import { labDiverge } from '../../src/lab/index.js'
import { mariadbReplication } from '../../src/lab/replication/mariadb.js'
import { mysqlReplication } from '../../src/lab/replication/mysql.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { changedSince } from '../../src/model/changed-since.js'
import type { Divergence } from '../../src/model/divergence.js'
import { rowsFoundIn } from '../../src/model/events.js'
import { readReport } from '../../src/report/read-report.js'
import { isFor, readFixtures, versionNumber } from '../support/fixture.js'
import { mmauditInside } from '../support/inside.js'
import type { Run } from '../support/mmaudit.js'
import type { ReportFile } from '../support/report-file.js'
import { schemaErrors } from '../support/report-schema.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const kinds = representativeKinds()

/** Each master has rows 1 to 300 of `again.t`, as `CHANGES` leaves them on b. */
const ROWS = `INSERT INTO again.t
  WITH RECURSIVE i AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM i WHERE n < 300)
  SELECT n, CONCAT('Name ', n), n, n FROM i`

/** 280 rows differ: more than are read at a time. */
const CHANGES = [
  "UPDATE again.t SET note = 'other' WHERE id <= 260",
  'DELETE FROM again.t WHERE id BETWEEN 261 AND 279',
  "INSERT INTO again.t VALUES (1001, 'Name 1001', 1, 'only b')"
]

async function fill(lab: TestLab, masters = ['a', 'b']): Promise<void> {
  const columns = 'id INT PRIMARY KEY, name VARCHAR(30), n INT, note VARCHAR(30)'
  for (const master of masters) {
    await lab.runLocally(
      master,
      'DROP DATABASE IF EXISTS again',
      'CREATE DATABASE again CHARACTER SET utf8mb4',
      `CREATE TABLE again.t (${columns}) ENGINE = InnoDB`,
      ROWS
    )
  }
}

interface Rechecked {
  readonly run: Run
  readonly report: ReportFile
}

async function recheck(lab: TestLab, args: readonly string[] = [], input?: ReportFile): Promise<Rechecked> {
  const [from, to] = ['report.json', 'left.json'].map((name) => join(lab.dir, name))
  if (input !== undefined) await writeFile(from ?? '', JSON.stringify(input))
  const options = ['--config', join(lab.dir, 'mmaudit.yaml'), '--json', to ?? '']
  const run = await mmauditInside(['recheck', from ?? '', ...options, ...args])
  const text = await readFile(to ?? '', 'utf8').catch(() => {
    throw new Error(`no report was written; exit status ${run.code}: ${run.stderr}`)
  })
  const report = JSON.parse(text) as ReportFile
  expect(schemaErrors(report)).toEqual([])
  return { run, report }
}

function ids(report: ReportFile): readonly number[] {
  return report.divergences.map(({ key }) => Number(key.id))
}

function span(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

describe.each(kinds)('on %s', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 500 })
  })
  afterAll(() => lab?.down())

  it('says the same as the audit where nothing changed since', async () => {
    await labDiverge({ dir: lab.dir, count: 3 })
    const { report: before } = await lab.diff()
    expect(before.divergences.length).toBeGreaterThan(9)
    const { run, report } = await recheck(lab)
    expect(report.divergences).toEqual(before.divergences)
    expect(report.summary).toMatchObject({ consistent: false, complete: true })
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining('Divergent: recheck of ') })
  })

  it('tells its caller what the report says of each row', async () => {
    await fill(lab)
    await lab.runLocally('b', ...CHANGES)
    await lab.diff(['again.t'])
    await lab.runLocally('b', "UPDATE again.t SET note = 'newer' WHERE id = 103", 'DELETE FROM again.t WHERE id = 104')
    const { config } = resolveAuditConfig({ flags: {}, env: {}, cwd: lab.dir, home: lab.dir })
    const changes: (string | null)[] = []
    for await (const event of recheckEvents(config, await readReport(join(lab.dir, 'report.json')))) {
      for (const { divergence, reported } of rowsFoundIn(event)) {
        if (reported === undefined) continue
        expect(reported.key).toEqual(divergence.key)
        changes.push(changedSince(reported, divergence))
      }
    }
    expect(changes).toHaveLength(280)
    expect(changes.filter((change) => change !== null)).toEqual(['note changed on b', 'b has the row no longer'])
  })

  describe('when rows were mended or changed since', () => {
    let before: ReportFile
    beforeEach(async () => {
      await fill(lab)
      await lab.runLocally('b', ...CHANGES)
      before = (await lab.diff(['again.t'])).report
      expect(before.divergences).toHaveLength(280)
    })

    it('reports exactly what is left, as it is now', async () => {
      await lab.runLocally('b', 'UPDATE again.t SET note = id WHERE id <= 100')
      await lab.runLocally('b', 'DELETE FROM again.t WHERE id = 101')
      for (const master of ['a', 'b']) await lab.runLocally(master, 'DELETE FROM again.t WHERE id = 102')
      await lab.runLocally('b', "UPDATE again.t SET note = 'newer', name = 'New' WHERE id = 103")
      await lab.runLocally('b', "INSERT INTO again.t VALUES (261, 'Name 261', 261, 'back')")
      await lab.runLocally('b', "UPDATE again.t SET note = 'new trouble' WHERE id = 290")

      const { run, report } = await recheck(lab)
      expect(ids(report)).toEqual([101, ...span(103, 279), 1001])
      const byId = new Map(report.divergences.map((each) => [each.key.id, each]))
      expect(byId.get('101')).toMatchObject({ class: 'missing', rows: { a: { note: '101' }, b: null } })
      expect(byId.get('103')).toMatchObject({ columns: ['name', 'note'], rows: { b: { name: 'New', note: 'newer' } } })
      expect(byId.get('261')).toMatchObject({ class: 'conflict', columns: ['note'], rows: { b: { note: 'back' } } })
      const unchanged = (rows: readonly Divergence[]) =>
        rows.filter(({ key }) => !['101', '103', '261'].includes(String(key.id)))
      expect(unchanged(report.divergences)).toEqual(
        unchanged(before.divergences).filter(({ key }) => Number(key.id) > 102)
      )
      expect(report.tables).toMatchObject([
        {
          status: 'divergent',
          reason: 'read again: 280 rows of the report; 101 of them agree now (1 on no master any more)',
          chunks: { total: 0, mismatched: 0 },
          rows: {},
          sums: {},
          missing: 20,
          conflict: 158
        }
      ])
      expect(run.code).toBe(1)
    })

    it('ends with 0 when all agree', async () => {
      await lab.runLocally('b', 'DELETE FROM again.t', ROWS)
      const { run, report } = await recheck(lab)
      expect(report.divergences).toEqual([])
      expect(report.summary).toMatchObject({ consistent: true, complete: true, tables: 1 })
      expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Consistent: of 280 rows in ') })
    })

    it('goes on from its own report, also in the same place', async () => {
      await lab.runLocally('b', 'UPDATE again.t SET note = id WHERE id <= 100')
      const file = join(lab.dir, 'report.json')
      expect((await recheck(lab, ['--json', file])).run.code).toBe(1)
      await lab.runLocally('b', 'UPDATE again.t SET note = id WHERE id <= 200')
      const { report } = await recheck(lab)
      expect(ids(report)).toEqual([...span(201, 279), 1001])
      expect(report.tables[0]?.reason).toBe('read again: 180 rows of the report; 100 of them agree now')
    })

    it('names each row once, whatever the order and the layout of the report', async () => {
      const rows = [...before.divergences].reverse()
      const { report } = await recheck(lab, [], { ...before, divergences: [...rows, ...rows] })
      expect(ids(report)).toEqual(rows.map(({ key }) => Number(key.id)))
    })

    it('reads only rows that meet the condition, and says so', async () => {
      const { report } = await recheck(lab, ['--where', 'id > 250'])
      expect(ids(report)).toEqual([...span(251, 279), 1001])
      expect(report.tables[0]?.reason).toContain('(250 on no master any more, or outside the condition)')
    })

    it('leaves out columns that are ignored', async () => {
      const { report } = await recheck(lab, ['--ignore-columns', 'note'])
      expect(ids(report)).toEqual([...span(261, 279), 1001])
    })
  })

  describe('what the audit could not look at', () => {
    it('stays incomplete, and rows that it did name are read', async () => {
      await fill(lab)
      await lab.runLocally('b', ...CHANGES)
      const { report: before } = await lab.diff(['again.t'])
      const failed = { ...before.tables[0], status: 'failed' as const, reason: 'master b went away' }
      const other = { ...failed, table: 'other', missing: 0, conflict: 0 }
      await lab.runLocally('b', 'DELETE FROM again.t', ROWS)
      const input = { ...before, tables: [failed, other] as ReportFile['tables'] }
      const { run, report } = await recheck(lab, [], input)
      const text = `was not compared to its end in the audit of ${before.startedAt}: master b went away; audit it again`
      expect(report.tables).toMatchObject([
        { table: 't', status: 'failed', reason: expect.stringContaining(text), conflict: 0 },
        { table: 'other', status: 'failed', reason: text }
      ])
      expect(report.divergences).toEqual([])
      expect(run.code).toBe(2)
      const again = await recheck(lab, [], report)
      expect(again.report.tables.map(({ reason }) => reason)).toEqual(report.tables.map(({ reason }) => reason))
    })

    it('counts also where the audit was cut short, or rows did not settle', async () => {
      await fill(lab)
      const { report: before } = await lab.diff(['again.t'])
      const cut = { ...before, summary: { ...before.summary, complete: false, tables: 4, failed: 3 } }
      expect((await recheck(lab, [], cut)).report.summary).toMatchObject({ complete: false, tables: 3, failed: 3 })
      const [table] = before.tables
      const unsettled = { ...before, tables: [{ ...table, unsettled: 6 }] as ReportFile['tables'] }
      const { run, report } = await recheck(lab, [], unsettled)
      expect(report.tables[0]?.reason).toMatch(
        /^6 rows did not settle in the audit of .*, and the report does not name/
      )
      expect(run.code).toBe(2)
    })
  })

  describe('a table that is no longer what it was', () => {
    let before: ReportFile
    beforeEach(async () => {
      await fill(lab)
      await lab.runLocally('b', ...CHANGES)
      before = (await lab.diff(['again.t'])).report
    })

    it.each<[string, string, string]>([
      ['dropped', 'DROP TABLE again.t', 'is on no master any more, or the accounts may not see it'],
      [
        'with another key',
        'ALTER TABLE again.t DROP PRIMARY KEY, ADD PRIMARY KEY (n, id)',
        'the report names rows by id, and the key of the table is n, id (audit the table again)'
      ],
      [
        'with its key renamed',
        'ALTER TABLE again.t CHANGE id number INT',
        'the report names rows by id, and the key of the table is number (audit the table again)'
      ]
    ])('%s, has failed', async (_, change, reason) => {
      for (const master of ['a', 'b']) await lab.runLocally(master, change)
      const { run, report } = await recheck(lab)
      expect(report.tables).toMatchObject([{ status: 'failed', reason }])
      expect(run.code).toBe(2)
    })

    it('dropped on one master, has failed', async () => {
      await lab.runLocally('b', 'DROP TABLE again.t')
      const { report } = await recheck(lab)
      expect(report.tables).toMatchObject([{ status: 'failed', reason: expect.stringContaining('not exist on b') }])
    })

    it('with more columns or a wider key, is read as it is', async () => {
      for (const master of ['a', 'b']) {
        await lab.runLocally(master, 'ALTER TABLE again.t ADD extra INT DEFAULT 5, MODIFY id DECIMAL(12, 2)')
      }
      const { report } = await recheck(lab)
      expect(report.divergences).toHaveLength(before.divergences.length)
      expect(report.divergences[0]).toMatchObject({ key: { id: '1.00' }, rows: { b: { extra: '5', note: 'other' } } })
    })
  })

  describe('values that somebody put into the report', () => {
    const EVIL = ['1 OR 1=1', "1' OR '1'='1", "x'; DROP TABLE again.t; -- ", '\\', "\\' OR 1=1 -- ", '`', '1e400', '']

    async function withKeys(column: string, values: readonly unknown[]): Promise<Rechecked> {
      const { report: before } = await lab.diff(['again.t'])
      const [first] = before.divergences
      const divergences = values.map((value) => ({ ...first, key: { [column]: value } })) as unknown as Divergence[]
      return recheck(lab, [], { ...before, divergences })
    }

    beforeEach(async () => {
      await fill(lab)
      await lab.runLocally('b', ...CHANGES)
    })

    it.each(EVIL)('%j is no number', async (value) => {
      const { run, report } = await withKeys('id', ['1', value])
      expect(report.tables).toMatchObject([
        { status: 'failed', reason: expect.stringContaining('does not fit the table') }
      ])
      expect(run.code).toBe(2)
    })

    it('are texts in a text key', async () => {
      for (const master of ['a', 'b']) {
        await lab.runLocally(master, 'ALTER TABLE again.t DROP PRIMARY KEY, ADD PRIMARY KEY (name)')
      }
      const { report } = await withKeys('name', [...EVIL, { hex: '274f522031' }, 'Name 1'])
      expect(report.divergences.map(({ key }) => key)).toEqual([{ name: 'Name 1' }])
      expect(report.tables[0]?.reason).toBe(
        'read again: 10 rows of the report; 9 of them agree now (9 on no master any more)'
      )
      expect(await lab.query('a', 'SELECT COUNT(*) AS n FROM again.t')).toEqual([{ n: '300' }])
    })

    it('are not NULL where keys never are', async () => {
      const { report } = await withKeys('id', [null])
      expect(report.tables).toMatchObject([
        { status: 'failed', reason: expect.stringContaining('has no value for id') }
      ])
    })
  })

  it('knows the masters of the report', async () => {
    await fill(lab)
    const { report: before } = await lab.diff(['again.t'])
    const renamed = before.masters.map((master) => (master.name === 'b' ? { ...master, name: 'z' } : master))
    await writeFile(join(lab.dir, 'renamed.json'), JSON.stringify({ ...before, masters: renamed }))
    const run = await mmauditInside([
      'recheck',
      join(lab.dir, 'renamed.json'),
      '--config',
      join(lab.dir, 'mmaudit.yaml')
    ])
    expect(run).toMatchObject({ code: 78, stderr: expect.stringContaining('no master is configured as z') })

    const others = before.masters.map((master) => (master.name === 'b' ? { ...master, serverId: 77 } : master))
    const { run: warned } = await recheck(lab, [], { ...before, masters: others })
    expect(warned.stdout).toContain('b may be another server than in the report')
  })
})

describe.each(kinds)('keys of every kind on %s', (kind) => {
  let lab: TestLab
  let tables: readonly string[]
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
    const [row] = await lab.query('a', 'SELECT VERSION() AS version, @@version_comment AS comment')
    const version = row?.version ?? ''
    const server = { vendor: capabilitiesOf(version, row?.comment ?? '').vendor, version: versionNumber(version) }
    const fixtures = (await readFixtures()).filter(({ name }) => name.startsWith('keys/'))
    const session = ['SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci', "SET time_zone = '+00:00'", 'USE fixtures']
    const chosen = fixtures.filter((fixture) => isFor(fixture, server))
    for (const master of ['a', 'b']) {
      await lab.runLocally(master, 'DROP DATABASE IF EXISTS fixtures', 'CREATE DATABASE fixtures CHARACTER SET utf8mb4')
      for (const { setUp, change } of chosen) {
        const strict = "SET sql_mode = 'STRICT_ALL_TABLES'"
        await lab.runLocally(master, ...session, strict, ...setUp, ...(master === 'b' ? change : []))
      }
    }
    tables = chosen.map(({ table }) => table)
  })
  afterAll(() => lab?.down())

  it('find the same rows again', async () => {
    const { report: before } = await lab.diff(['fixtures.*'])
    const { report } = await recheck(lab)
    expect(new Set(report.divergences.map(({ table }) => table)).size).toBeGreaterThan(50)
    // Rows of tables without a key have no order of their own.
    const [then, now] = [before, report].map(({ divergences }) =>
      divergences.map((each) => JSON.stringify(each)).sort()
    )
    expect(now).toEqual(then)
  })

  it('find nothing where there is nothing any more', async () => {
    for (const master of ['a', 'b']) {
      await lab.runLocally(master, 'USE fixtures', ...tables.map((table) => `DELETE FROM \`${table}\``))
    }
    const { report } = await recheck(lab)
    expect(report.divergences).toEqual([])
  })
})

describe.each(kinds.filter((kind) => !kind.includes('://')))('replication on %s', (kind) => {
  let lab: TestLab
  let statements: { readonly start: string; readonly stop: string; readonly delay: (seconds: number) => string }
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3, rows: 100 })
    statements =
      lab.state.masters[0]?.vendor === 'mysql'
        ? { ...mysqlReplication, delay: (seconds) => `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}` }
        : { ...mariadbReplication, delay: (seconds) => `CHANGE MASTER TO MASTER_DELAY = ${seconds}` }
  })
  afterAll(() => lab?.down())

  beforeEach(async () => {
    await fill(lab, ['a', 'b', 'c'])
    await lab.runLocally('b', "UPDATE again.t SET note = 'b' WHERE id <= 6")
    await lab.runLocally('c', "UPDATE again.t SET note = 'c' WHERE id IN (2, 4)", 'DELETE FROM again.t WHERE id = 3')
    const { report } = await lab.diff(['again.t'])
    expect(ids(report)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('of three masters tells which one still differs', async () => {
    await lab.runLocally('b', 'UPDATE again.t SET note = id WHERE id IN (1, 2, 3)')
    const { run, report } = await recheck(lab)
    expect(report.divergences).toMatchObject([
      { key: { id: '2' }, rows: { a: { note: '2' }, b: { note: '2' }, c: { note: 'c' } } },
      { key: { id: '3' }, class: 'missing', rows: { a: { note: '3' }, b: { note: '3' }, c: null } },
      { key: { id: '4' }, rows: { a: { note: '4' }, b: { note: 'b' }, c: { note: 'c' } } },
      { key: { id: '5' } },
      { key: { id: '6' } }
    ])
    expect(run.code).toBe(1)
  })

  it('that lags is not taken for divergence', async () => {
    await lab.run('b', statements.stop, statements.delay(3), statements.start)
    await lab.run('a', "UPDATE again.t SET note = 'mended' WHERE id IN (1, 5)")
    const { report } = await recheck(lab)
    await lab.run('b', statements.stop, statements.delay(0), statements.start)
    expect(ids(report)).toEqual([2, 3, 4, 6])
  })

  it('that does not arrive in time leaves rows unsettled', async () => {
    await lab.run('b', statements.stop, statements.delay(60), statements.start)
    await lab.run('a', "UPDATE again.t SET note = 'mended' WHERE id IN (1, 5)")
    const { run, report } = await recheck(lab, ['--confirm-timeout', '1'])
    await lab.run('b', statements.stop, statements.delay(0), statements.start)
    const count = "SELECT COUNT(*) AS n FROM again.t WHERE note = 'mended'"
    await vi.waitFor(async () => expect(await lab.query('b', count)).toEqual([{ n: '2' }]), 30_000)
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({ status: 'failed', unsettled: 6 })
    expect(run.code).toBe(2)
  })
})
