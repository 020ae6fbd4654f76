import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const MIB = 1024 ** 2

/** The largest row here. What an audit needs beside its rows, and what its masters send of such a row, comes on top. */
const ROW_MIB = 64
const MASTERS = 2

/** Node itself, the modules and the sessions of an audit of small rows; measured 85 MiB. */
const IDLE_MIB = 200
/** Chunks that are read at once on each master: the default of --concurrency. */
const LANES = 2
/** A row is held as the packet that it is put together in, and as the parts that are still to be put together. */
const COPIES = 2
/** A row that differs is also held as hexadecimal text, and that as a line of the report; measured 1.9 GiB in all. */
const COPIES_WHERE_IT_DIFFERS = 18

/** MySQL and MariaDB take no more. */
const MOST_PARTITIONS = 8192

describe.each(representativeKinds().filter((kind) => !kind.includes('://')))('on %s', (kind) => {
  let lab: TestLab
  let folder: string
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-limits-'))
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  async function everywhere(...statements: readonly string[]): Promise<void> {
    for (const { name } of lab.state.masters) await lab.runLocally(name, ...statements)
  }

  /** Audits, and measures the most memory that took, in MiB. */
  async function measured(...args: readonly string[]): Promise<{ run: Run; peak: number }> {
    const file = join(folder, 'peak')
    const preload = new URL('../support/peak-memory.mjs', import.meta.url).pathname
    const env = { NODE_OPTIONS: `--import ${preload}`, MMAUDIT_TEST_PEAK_FILE: file }
    const run = await mmaudit(['diff', '--config', join(lab.dir, 'mmaudit.yaml'), ...args], { env })
    return { run, peak: Number(await readFile(file, 'utf8')) / 1024 }
  }

  describe(`rows of ${ROW_MIB} MiB`, () => {
    // More of them would not fit into the bound that is tested.
    const ROWS = 12
    beforeAll(() => {
      const big = (seed: number) => `REPEAT(UNHEX('0${seed}FF41'), ${(ROW_MIB * MIB) / 3})`
      const rows = Array.from({ length: ROWS }, (_, at) => `INSERT INTO big.t VALUES (${at}, ${big(at)})`)
      return everywhere('CREATE DATABASE big', 'CREATE TABLE big.t (id INT PRIMARY KEY, v LONGBLOB)', ...rows)
    })

    it('are compared in the memory of the few that are read at once', async () => {
      const { run, peak } = await measured('big.t')
      process.stderr.write(`${kind}: ${ROWS} rows of ${ROW_MIB} MiB compared in ${Math.round(peak)} MiB\n`)
      expect(run).toMatchObject({ code: 0 })
      expect(peak).toBeLessThan(IDLE_MIB + MASTERS * LANES * COPIES * ROW_MIB)
    })

    it('are reported where they differ, in bounded memory', async () => {
      await lab.runLocally('b', "UPDATE big.t SET v = CONCAT(v, 'x') WHERE id = 2")
      const { run, peak } = await measured('big.t', '--json', join(folder, 'big.json'))
      process.stderr.write(`${kind}: a row of ${ROW_MIB} MiB that differs reported in ${Math.round(peak)} MiB\n`)
      expect(run).toMatchObject({ code: 1, stdout: expect.stringMatching(/big\.t/) })
      expect(peak).toBeLessThan(IDLE_MIB + MASTERS * ROW_MIB * COPIES_WHERE_IT_DIFFERS)
    })
  })

  it(`a table of ${MOST_PARTITIONS} partitions is compared in bounded memory`, async () => {
    await everywhere(
      'CREATE DATABASE parts',
      `CREATE TABLE parts.t (id INT PRIMARY KEY, v INT)
         PARTITION BY HASH (id) PARTITIONS ${MOST_PARTITIONS}`,
      'INSERT INTO parts.t VALUES (1, 1), (8192, 2), (8193, 3), (100000, 4)'
    )
    const equal = await measured('parts.t')
    process.stderr.write(`${kind}: ${MOST_PARTITIONS} partitions compared in ${Math.round(equal.peak)} MiB\n`)
    expect(equal.run).toMatchObject({ code: 0 })
    expect(equal.peak).toBeLessThan(IDLE_MIB)
    await lab.runLocally('b', 'DELETE FROM parts.t WHERE id = 8193')
    const { report } = await lab.diff(['parts.t'])
    expect(report.divergences).toMatchObject([{ class: 'missing', key: { id: '8193' } }])
  })
})
