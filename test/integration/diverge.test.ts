import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { labDiverge, readTruth } from '../../src/lab/index.js'
import { factsOfReport, factsOfTruth } from '../support/report-file.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const kinds = inject('serverKinds')
const local = kinds.filter((kind) => !kind.includes(':'))
const layouts = [
  ...kinds.map((kind) => ({ kind, masters: 2 })),
  ...kinds.map((kind) => ({ kind, masters: 3 })),
  // Servers of different vendors in one audit; they do not replicate to each other.
  ...(new Set(local.map((kind) => kind.split('-')[0])).size > 1
    ? [{ kind: local.join(','), masters: local.length }]
    : [])
]

describe.each(layouts)('$masters masters of $kind', ({ kind, masters }) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters })
  })
  afterAll(() => lab?.down())

  it('calls equal masters equal', async () => {
    const { run, report } = await lab.diff()
    expect(run).toMatchObject({ code: 0 })
    expect(report.divergences).toEqual([])
    expect(report.summary).toMatchObject({ consistent: true, complete: true, tables: 6, failed: 0, skipped: 0 })
  })

  // One after the other on the same lab: each must be found beside all that came before.
  it.each(['missing', 'conflict', 'swap', 'collision'])('finds exactly what was made to differ: %s', async (kind) => {
    const before = (await readTruth(lab.dir)).divergences.length
    await labDiverge({ dir: lab.dir, class: kind, count: 4, seed: masters })
    const truth = await readTruth(lab.dir)
    expect(truth.divergences.length).toBeGreaterThan(before)

    const { run, report } = await lab.diff(['--chunk-rows', '100'])
    expect(factsOfReport(report)).toEqual(factsOfTruth(truth))
    expect(run).toMatchObject({ code: 1 })
    expect(report.summary).toMatchObject({ consistent: false, complete: true, unsettled: 0 })
  })

  it('finds the same with any chunk size and number of lanes', async () => {
    const truth = factsOfTruth(await readTruth(lab.dir))
    for (const args of [
      ['--chunk-rows', '7'],
      ['--chunk-rows', '100000', '--concurrency', '1'],
      ['--concurrency', '8', '--no-confirm']
    ]) {
      const { report } = await lab.diff(args)
      expect(factsOfReport(report)).toEqual(truth)
    }
  })

  it('counts and adds up what each master really holds', async () => {
    const { report } = await lab.diff()
    const orders = report.tables.find((table) => table.table === 'orders')
    for (const { name } of lab.state.masters) {
      const [row] = await lab.query(name, 'SELECT COUNT(*) AS n, SUM(amount) AS amount FROM retail_db.orders')
      expect(String(orders?.rows[name])).toBe(row?.n)
      expect(orders?.sums.amount?.[name]).toBe(row?.amount)
    }
  })
})
