import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Servers that the lab itself started can be killed. */
const local = representativeKinds().filter((kind) => !kind.includes(':'))

describe.each(local)('a master of %s dies half-way', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3, rows: 60_000 })
  })
  afterAll(() => lab?.down())

  it('fails the tables it could not read, goes on with the others, and writes a report that says so', async () => {
    const pid = lab.state.masters[2]?.pid ?? 0
    let alive = true
    const { run, report } = await lab.diff(['--chunk-rows', '50', '--log-format', 'json'], {
      onOutput: (text) => {
        // The first table is done, so the audit is well under way.
        if (!alive || !text.includes('table-finished')) return
        alive = false
        process.kill(pid, 'SIGKILL')
      }
    })
    expect(run.code).toBe(2)
    expect(report.summary).toMatchObject({ complete: false, tables: 6 })
    expect(report.divergences, 'what could not be read is not missing').toEqual([])
    const failed = report.tables.filter(({ status }) => status === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    for (const table of failed) expect(table.reason).toMatch(/master c/)
    // The survivors are compared with each other all the same.
    expect(report.tables.at(-1)).toMatchObject({
      status: 'failed',
      rows: { a: expect.any(Number), b: expect.any(Number) }
    })
    expect(Object.keys(report.tables.at(-1)?.rows ?? {})).toEqual(['a', 'b'])
  })
})
