import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { labDiverge, labTraffic, readTruth } from '../../src/lab/index.js'
import { factsOfReport, factsOfTruth } from '../support/report-file.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const AUDITS = 4

describe.each(inject('serverKinds').filter((kind) => !kind.includes('://')))(
  '%s, written to while it is audited',
  (kind) => {
    let lab: TestLab
    beforeAll(async () => {
      lab = await startTestLab(kind)
    })
    afterAll(() => lab?.down())

    /** Runs `work` while every master takes writes. */
    async function underTraffic(work: () => Promise<void>): Promise<void> {
      const stop = new AbortController()
      const traffic = labTraffic({ dir: lab.dir, seconds: 120, writesPerSecond: 100, signal: stop.signal })
      await work().finally(() => stop.abort())
      await traffic
    }

    it('reports nothing while the masters agree', async () => {
      await underTraffic(async () => {
        for (let audit = 0; audit < AUDITS; audit++) {
          const { run, report } = await lab.diff(['--chunk-rows', '200'])
          expect(report.divergences).toEqual([])
          expect(report.summary).toMatchObject({ consistent: true, complete: true })
          expect(run).toMatchObject({ code: 0 })
        }
      })
    })

    it('finds planted divergence each time', async () => {
      await labDiverge({ dir: lab.dir, count: 3 })
      const truth = factsOfTruth(await readTruth(lab.dir))
      await underTraffic(async () => {
        for (let audit = 0; audit < 2; audit++) {
          const { report } = await lab.diff()
          expect(factsOfReport(report)).toEqual(truth)
        }
      })
    })
  }
)
