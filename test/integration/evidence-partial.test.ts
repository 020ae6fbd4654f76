import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labDiverge, readTruth } from '../../src/lab/index.js'
import { encryptedBinlogs } from '../support/encrypted-binlogs.js'
import { VERDICTS } from '../support/lab-verdicts.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Tables with foreign keys. */
const CHILDREN: ReadonlySet<string> = new Set(['orders', 'order_items', 'sessions'])

const local = representativeKinds().filter((kind) => !kind.includes(':'))

describe.each(local)('evidence of masters on %s that encrypt their binlogs and log only their own changes', (kind) => {
  let lab: TestLab
  let isEncrypted: boolean

  beforeAll(async () => {
    const equip = await encryptedBinlogs(kind)
    isEncrypted = equip !== null
    const flag = kind.startsWith('mysql') ? '--log-replica-updates=OFF' : '--log-slave-updates=OFF'
    lab = await startTestLab(kind, { rows: 60, own: { flags: [flag], ...(equip === null ? {} : { equip }) } })
    const table = 'CREATE TABLE retail_db.notes (id INT PRIMARY KEY, n INT, note TEXT)'
    for (const master of ['a', 'b']) await lab.runLocally(master, table)
  })
  afterAll(() => lab?.down())

  /** MariaDB hides from accounts that only read whether foreign keys delete rows along, which is in no log. */
  function mayLoseRows(table: string): boolean {
    return kind.startsWith('mariadb') && CHILDREN.has(table)
  }

  /** Whether any file of a's binlog has this text in it. */
  async function hasText(text: string): Promise<boolean> {
    const [row] = await lab.query('a', 'SELECT @@log_bin_basename AS path')
    const path = row?.path ?? ''
    const files = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.0`))
    expect(files).not.toEqual([])
    return files.some((name) => readFileSync(join(dirname(path), name)).includes(text))
  }

  /** Purges all but the newest file, as far as replicas have left the others; returns how many are left. */
  async function purgedTo(master: string): Promise<number> {
    const files = await lab.query(master, 'SHOW BINARY LOGS')
    await lab.run(master, `PURGE BINARY LOGS TO '${files.at(-1)?.Log_name}'`)
    return (await lab.query(master, 'SHOW BINARY LOGS')).length
  }

  /** What is concluded of the only row of `notes`, and what is said beside the report. */
  async function ofNote(): Promise<string> {
    const { run, report } = await lab.diff(['retail_db.notes'])
    const [only, ...others] = report.divergences
    expect(others).toEqual([])
    return `${only?.evidence?.verdict}: ${only?.evidence?.because}\n${run.stderr}`
  }

  it('is read as it is of others, and goes by the images of rows', async () => {
    await labDiverge({ dir: lab.dir, class: 'all', count: 2 })
    expect(await hasText('order_items')).toBe(!isEncrypted)
    const { run, report } = await lab.diff()
    expect(run.stderr).toContain('a does not log what it applies')
    const { divergences } = await readTruth(lab.dir)
    const made = divergences.map(({ table, key, how }) => {
      const verdict = how === 'lost-insert' && mayLoseRows(table) ? 'unknown' : VERDICTS[how]
      return `${table} ${JSON.stringify(key)} ${verdict}`
    })
    const told = report.divergences.map(
      ({ table, key, evidence }) => `${table} ${JSON.stringify(key)} ${evidence?.verdict}`
    )
    expect(told.sort()).toEqual(made.sort())
  })

  it.each(['NOBLOB', 'MINIMAL'])('concludes nothing from images that lack columns: %s', async (image) => {
    await lab.run(
      'a',
      "INSERT INTO retail_db.notes VALUES (1, 1, 'as it was')",
      `SET binlog_row_image = '${image}'`,
      'UPDATE retail_db.notes SET n = 2'
    )
    await expect.poll(() => lab.query('b', 'SELECT n FROM retail_db.notes'), { timeout: 20_000 }).toEqual([{ n: '2' }])
    await lab.runLocally('b', 'UPDATE retail_db.notes SET n = 3')
    expect(await ofNote()).toMatch(/^unknown: .*binlog_row_image/)
    await lab.run('a', 'DELETE FROM retail_db.notes')
    await expect.poll(() => lab.query('b', 'SELECT n FROM retail_db.notes'), { timeout: 20_000 }).toEqual([])
  })

  it('says from when on binlogs are there, and concludes nothing from those that were purged', async () => {
    await lab.runLocally('b', "INSERT INTO retail_db.notes VALUES (1, 1, 'nobody knows')")
    for (const master of ['a', 'b']) {
      await lab.run(master, 'FLUSH BINARY LOGS')
      await expect.poll(() => purgedTo(master), { timeout: 20_000 }).toBe(1)
    }
    const told = await ofNote()
    expect(told).toMatch(/^unknown: the binlogs that were read hold no change of this row/)
    expect(told).toMatch(/the binlog of a begins at [\dTZ:-]+; what came before is not known/)
  })
})
