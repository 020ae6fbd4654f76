import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labDiverge, labTraffic, readTruth } from '../../src/lab/index.js'
import { holdSession } from '../support/held-session.js'
import { factsOfReport, factsOfTruth } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const AUDITS = 20
const AUDITS_OF_DIVERGED = 4

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))

describe.each(replicating)('%s, written to while it is audited', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind)
  })
  afterAll(() => lab?.down())

  /** Runs `work` while every master takes writes. */
  async function underTraffic(work: () => Promise<void>): Promise<void> {
    const stop = new AbortController()
    const traffic = labTraffic({ dir: lab.dir, seconds: 600, writesPerSecond: 100, signal: stop.signal })
    await work().finally(() => stop.abort())
    await traffic
  }

  /** Changes one row to and fro, as fast as replication may just follow, while `work` runs. */
  async function withRestlessRow(work: () => Promise<void>): Promise<void> {
    const session = await holdSession(lab, 'a')
    const key =
      'region = (SELECT region FROM (SELECT MIN(region) AS region FROM retail_db.stores) r) ORDER BY store_code LIMIT 1'
    let working = true
    const writing = (async () => {
      for (let turn = 0; working; turn++) {
        await session.run(
          `UPDATE retail_db.stores SET manager = '${turn % 2 === 0 ? 'tick' : 'tock'}', updated_at = '2026-01-01' WHERE ${key}`
        )
        await sleep(1)
      }
    })()
    await work().finally(() => {
      working = false
    })
    await writing
    await session.close()
  }

  it(`reports nothing in ${AUDITS} audits in a row while the masters agree`, async () => {
    let inFlight = 0
    await underTraffic(() =>
      withRestlessRow(async () => {
        for (let audit = 0; audit < AUDITS; audit++) {
          const { run, report } = await lab.diff(['--chunk-rows', '200'])
          expect(report.divergences).toEqual([])
          expect(report.summary).toMatchObject({ consistent: true, complete: true, unsettled: 0 })
          expect(run).toMatchObject({ code: 0 })
          inFlight += report.tables.reduce((sum, { chunks }) => sum + chunks.mismatched, 0)
        }
      })
    )
    process.stderr.write(`${kind}: ${inFlight} chunks of ${AUDITS} audits were read while rows were on their way\n`)
    expect(inFlight, 'chunks that were in flight, or this has shown nothing').toBeGreaterThan(0)
  })

  it('finds planted divergence each time', async () => {
    await labDiverge({ dir: lab.dir, count: 3 })
    const truth = factsOfTruth(await readTruth(lab.dir))
    await underTraffic(async () => {
      for (let audit = 0; audit < AUDITS_OF_DIVERGED; audit++) {
        const { run, report } = await lab.diff()
        expect(factsOfReport(report)).toEqual(truth)
        expect(run).toMatchObject({ code: 1 })
      }
    })
  })
})
