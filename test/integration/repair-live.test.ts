import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster } from '../../src/lab/cluster.js'
import { labDiverge, labTraffic } from '../../src/lab/index.js'
import { DATABASE, LAB_FILES } from '../../src/lab/lab-state.js'
import { rowName } from '../../src/lab/tables.js'
import { mmaudit } from '../support/mmaudit.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const REPAIRS = 5
/** A row that its neighbours kept from being locked is left, as it should be; then the repair is run again. */
const MOST_RUNS = 3

describe.each(representativeKinds().filter((kind) => !kind.includes('://')))(
  '%s, repaired while it is written to',
  (kind) => {
    let lab: TestLab
    beforeAll(async () => {
      lab = await startTestLab(kind)
    })
    afterAll(() => lab?.down())

    it(`finds and repairs what is planted, ${REPAIRS} times in a row`, async () => {
      for (let at = 0; at < REPAIRS; at++) {
        const { made } = await labDiverge({ dir: lab.dir, count: 3, seed: 100 + at })
        const planted = made.map(rowName).sort()
        expect(planted.length).toBeGreaterThan(0)
        await underTraffic(async () => {
          const first = await repair()
          expect(first.report.divergences.map(nameOfReported).sort()).toEqual(planted)
          let last = first
          for (let runs = 1; runs < MOST_RUNS && last.code !== 0; runs++) {
            expect(last.code, last.stderr).toBe(1)
            last = await repair()
          }
          expect(last).toMatchObject({ code: 0 })
        })
        await expectRunning()
        const { run } = await lab.diff()
        expect(run).toMatchObject({ code: 0 })
        // What differed is equal, so traffic may write to it again.
        await rm(join(lab.dir, LAB_FILES.truth), { force: true })
      }
    }, 600_000)

    async function repair() {
      const [file, journal] = ['repair.json', 'repair.journal'].map((name) => join(lab.dir, name)) as [string, string]
      await rm(journal, { force: true })
      const run = await mmaudit([
        ...['diff', '--config', join(lab.dir, LAB_FILES.repairConfig), '--json', file, '--progress', 'never'],
        ...['--repair', '--yes', '--journal', journal, '--policy', 'missing=union'],
        ...['--policy', 'conflict,collision=prefer:a']
      ])
      return { ...run, report: JSON.parse(await readFile(file, 'utf8')) as ReportFile }
    }

    /** Runs `work` while every master takes writes. */
    async function underTraffic(work: () => Promise<void>): Promise<void> {
      const stop = new AbortController()
      const traffic = labTraffic({ dir: lab.dir, seconds: 300, writesPerSecond: 60, signal: stop.signal })
      await work().finally(() => stop.abort())
      await traffic
    }

    /** Waits until everything has arrived, which it only does while appliers run. */
    async function expectRunning(): Promise<void> {
      const cluster = await Cluster.open(lab.state, DATABASE)
      try {
        await cluster.catchUp()
        for (const { session, replication } of cluster.members) {
          expect(await replication.status(session)).toMatchObject({ receiving: true, applying: true, errno: 0 })
        }
      } finally {
        await cluster.close()
      }
    }
  }
)

function nameOfReported({ table, key }: ReportFile['divergences'][number]): string {
  return rowName({ table, key } as Parameters<typeof rowName>[0])
}
