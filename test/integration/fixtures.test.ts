import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { TableResult } from '../../src/model/report.js'
import type { Fixture } from '../support/fixture.js'
import { type FixtureLab, startFixtureLab } from '../support/fixture-lab.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'

/** Small chunks, so that tables of few rows have bounds too. */
const ARGS = ['fixtures.*', '--chunk-rows', '7']

const local = inject('serverKinds').filter((kind) => !kind.includes(':'))
/** Each kind with the next, so that there are two of one vendor and one of each; what two kinds do, others do as well. */
const pairs = local.slice(1).map((right, at) => `${local[at]},${right}`)

describe.each([...representativeKinds(), ...pairs])('every feature on %s', (kind) => {
  let started: FixtureLab
  beforeAll(async () => {
    started = await startFixtureLab(kind)
  })
  afterAll(() => started?.down())

  it('is no difference where nothing was changed', async () => {
    const { fixtures, lab } = started
    const { run, report } = await lab.diff(ARGS)
    expect(outcomes(report, fixtures)).toEqual(expected(fixtures, (fixture) => fixture.before))
    expect(run.code).toBe(report.summary.complete ? 0 : 2)
  })

  it('is found where it was changed', async () => {
    const { fixtures, lab } = started
    await started.change(new Set(fixtures.map(({ table }) => table)))
    const { run, report } = await lab.diff(ARGS)
    expect(outcomes(report, fixtures)).toEqual(expected(fixtures, (fixture) => fixture.finds))
    expect(run.code).toBe(report.summary.complete ? 1 : 2)
  })
})

/** What is said of each table of the report, by the name of its fixture. */
function outcomes(report: ReportFile, fixtures: readonly Fixture[]): Readonly<Record<string, string>> {
  const names = new Map(fixtures.map(({ name, table }) => [table, name]))
  return Object.fromEntries(
    report.tables.map((result) => [names.get(result.table) ?? result.table, outcomeOf(result, report)])
  )
}

function expected(fixtures: readonly Fixture[], pick: (fixture: Fixture) => string) {
  return Object.fromEntries(fixtures.map((fixture) => [fixture.name, pick(fixture)]))
}

/** `nothing`, or `2 missing, 1 conflict in v and w`, or `failed: why`; and what was left out of the comparison. */
function outcomeOf(result: TableResult, report: ReportFile): string {
  const { table, status, reason } = result
  if (status === 'failed' || status === 'skipped') return `${status}: ${reason}`
  const columns = report.divergences.filter((each) => each.table === table).flatMap((each) => each.columns)
  const where = columns.length === 0 ? '' : ` in ${[...new Set(columns)].join(' and ')}`
  const counts = [
    ...(result.missing > 0 ? [`${result.missing} missing`] : []),
    ...(result.conflict > 0 ? [`${result.conflict} conflict${where}`] : []),
    ...(result.collision > 0 ? [`${result.collision} collision`] : []),
    ...(result.unsettled > 0 ? [`${result.unsettled} unsettled`] : [])
  ]
  const leftOut = reason?.includes('was not compared') ? `; ${reason}` : ''
  return (counts.join(', ') || 'nothing') + leftOut
}
