import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labDiverge, readTruth } from '../../src/lab/index.js'
import type { Divergence } from '../../src/model/divergence.js'
import type { EvidenceVerdict } from '../../src/model/evidence.js'
import { groupBy } from '../../src/model/group-by.js'
import { VERDICTS } from '../support/lab-verdicts.js'
import { repairRun } from '../support/repair-runs.js'
import type { ReportFile } from '../support/report-file.js'
import { schemaErrors } from '../support/report-schema.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Whatever share of a table it is. */
const ANY_SHARE = ['--max-percent', '100', '--max-deletes', '1000']

describe.each(representativeKinds())('evidence on %s', (kind) => {
  let lab: TestLab

  beforeAll(async () => {
    lab = await startTestLab(kind)
    await labDiverge({ dir: lab.dir, class: 'all', count: 4 })
  })
  afterAll(() => lab?.down())

  it('tells of every row what was done to it', async () => {
    const { run, report } = await lab.diff(['--evidence', 'require'])
    expect(run.code, run.stderr).toBe(1)
    expect(schemaErrors(report)).toEqual([])
    const { divergences } = await readTruth(lab.dir)
    const expected = divergences.map((row) => `${rowName(row)} ${row.class} ${VERDICTS[row.how]}`)
    const told = report.divergences.map((row) => `${rowName(row)} ${row.class} ${row.evidence?.verdict}`)
    expect(told.sort()).toEqual(expected.sort())
    const patterns = [
      ...groupBy(
        report.divergences.filter((row) => row.class === 'missing'),
        patternOf
      ).values()
    ]
    const verdicts = patterns.map((rows) => new Set(rows.map((row) => row.evidence?.verdict)))
    expect(verdicts, 'rows that look the same').toContainEqual(new Set(['never-arrived', 'deleted']))
    const counted = (name: 'missing' | 'conflict' | 'collision') =>
      report.divergences.filter((row) => row.class === name).length
    expect(report.summary).toMatchObject({ conflict: counted('conflict'), collision: counted('collision') })
  })

  it('lets changes of different columns be merged, and no others', async () => {
    const { report } = await repairRun(lab, ['--policy', 'conflict=merge', ...ANY_SHARE])
    const crosswise = report.divergences.filter((row) => row.evidence?.verdict === 'crosswise')
    const merged = crosswise.filter((row) => row.decision?.status === 'applied')
    expect([...new Set(crosswise.map((row) => row.decision?.status))].sort()).toEqual(['applied', 'manual'])
    for (const row of merged) {
      const [column = '', key] = Object.entries(row.key)[0] ?? []
      const [now] = await lab.query('a', `SELECT * FROM retail_db.${row.table} WHERE ${column} = ${String(key)}`)
      for (const [name, value] of Object.entries(mergedByHand(row))) expect(now?.[name], name).toBe(value)
    }
  })

  it('lets what is proven be repaired', async () => {
    const { report, run } = await repairRun(lab, ['--policy', 'evidence', ...ANY_SHARE])
    const statusOf = (...verdicts: readonly EvidenceVerdict[]) =>
      new Set(
        report.divergences
          .filter((row) => verdicts.includes(row.evidence?.verdict ?? 'unknown'))
          .map((row) => row.decision?.status)
      )
    expect(statusOf('never-arrived', 'deleted'), run.stdout).toEqual(new Set(['applied']))
    const { report: after } = await lab.diff()
    expect(verdictsOf(after).filter((verdict) => verdict === 'never-arrived' || verdict === 'deleted')).toEqual([])
    for (const { key, how } of (await readTruth(lab.dir)).divergences.filter(({ table }) => table === 'orders')) {
      if (how !== 'lost-insert' && how !== 'lost-delete') continue
      const rows = await lab.query('b', `SELECT 1 FROM retail_db.orders WHERE order_id = ${key.order_id}`)
      expect(rows.length, `${how} ${key.order_id}`).toBe(how === 'lost-insert' ? 1 : 0)
    }
  })

  it('proves nothing of what no binlog tells, nor of what one tells in part', async () => {
    await lab.runLocally('b', 'DELETE FROM retail_db.sessions LIMIT 1')
    const { report } = await lab.diff(['retail_db.sessions'])
    expect(verdictsOf(report)).toEqual(['unknown'])

    if (lab.state.masters.every(({ vendor }) => vendor === 'mysql')) {
      await lab.run(
        'b',
        'SET binlog_transaction_compression = 1',
        'UPDATE retail_db.stores SET turnover = turnover + 1'
      )
      expect((await lab.diff(['retail_db.sessions'])).run.stderr).toContain('b: transactions are compressed')
    }
    await lab.run('a', "SET binlog_format = 'STATEMENT'", 'UPDATE retail_db.stores SET manager = UPPER(manager)')
    const loose = await lab.diff(['retail_db.sessions'])
    expect(loose.run.code).toBe(1)
    expect(loose.run.stderr).toContain('a logs changes as statements')
    const strict = await lab.diff(['retail_db.sessions', '--evidence', 'require'])
    expect(strict.run.code).toBe(2)
    expect(strict.report.tables[0]).toMatchObject({ status: 'failed' })
    expect(strict.report.tables[0]?.reason).toContain('logs changes as statements')
  })

  it('says what privilege is lacking, and goes on without evidence', async () => {
    for (const host of ['localhost', '127.0.0.1', '%']) {
      await lab.runLocally('b', `REVOKE REPLICATION SLAVE ON *.* FROM 'mmaudit'@'${host}'`).catch(() => {})
    }
    const { run, report } = await lab.diff(['retail_db.sessions'])
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('GRANT REPLICATION SLAVE')
    expect(verdictsOf(report)).toEqual(['unknown'])
    const strict = await lab.diff(['retail_db.sessions', '--evidence', 'require'])
    expect(strict.run.code).toBe(2)
    expect(strict.report.tables[0]?.reason).toMatch(/evidence is required: .*GRANT REPLICATION SLAVE/)
    const { run: off, report: without } = await lab.diff(['retail_db.sessions', '--evidence', 'off'])
    expect(off.stderr).not.toContain('evidence')
    expect(without.divergences.map((row) => row.evidence)).toEqual([null])
  })
})

describe.each(representativeKinds())('evidence on three masters of %s', (kind) => {
  let lab: TestLab

  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3 })
    for (const { name, vendor } of lab.state.masters) {
      await lab.run(name, "SET GLOBAL binlog_row_image = 'MINIMAL'")
      if (vendor === 'mariadb')
        await lab.run(name, 'SET GLOBAL log_bin_compress = 1, GLOBAL log_bin_compress_min_len = 10')
    }
    await labDiverge({ dir: lab.dir, class: 'all', count: 3 })
  })
  afterAll(() => lab?.down())

  it('needs no more of a row than what was changed, compressed or not', async () => {
    const { report } = await lab.diff()
    const { divergences } = await readTruth(lab.dir)
    const expected = divergences.map((row) => `${rowName(row)} ${row.class} ${VERDICTS[row.how]}`)
    const told = report.divergences.map((row) => `${rowName(row)} ${row.class} ${row.evidence?.verdict}`)
    expect(told.sort()).toEqual(expected.sort())
  })
})

function rowName({ table, key }: Pick<Divergence, 'table' | 'key'>): string {
  return `${table} ${JSON.stringify(key)}`
}

/** Who holds a row of which table: as much as the rows themselves tell. */
function patternOf({ table, rows }: Divergence): string {
  const holders = Object.entries(rows).flatMap(([name, row]) => (row === null ? [] : [name]))
  return `${table} on ${holders.join(', ')}`
}

function verdictsOf(report: ReportFile): readonly (EvidenceVerdict | undefined)[] {
  return report.divergences.map((row) => row.evidence?.verdict)
}

/** Each value as the master has it that changed it; of the time of the change, the later. */
function mergedByHand({ rows: { a, b }, evidence }: Divergence): Readonly<Record<string, string>> {
  const { base } = evidence ?? {}
  if (a == null || b == null || base == null) throw new Error('nothing to merge')
  return Object.fromEntries(
    Object.keys(a).map((name) => {
      const [left, right] = [String(a[name]), String(b[name])]
      if (name === 'updated_at') return [name, [left, right].sort()[1] ?? left]
      return [name, left === String(base[name]) ? right : left]
    })
  )
}
