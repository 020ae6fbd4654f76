import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { labDiverge } from '../../src/lab/index.js'
import { mmaudit } from '../support/mmaudit.js'
import { schemaErrors } from '../support/report-schema.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  let config: readonly string[]
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 20_000 })
    await labDiverge({ dir: lab.dir, count: 3 })
    config = ['--config', join(lab.dir, 'mmaudit.yaml')]
  })
  afterAll(() => lab?.down())

  it('writes JSON as published, with both masters and where they stood', async () => {
    const { report } = await lab.diff()
    expect(schemaErrors(report)).toEqual([])
    expect(report.masters).toMatchObject([
      { name: 'a', vendor: lab.state.masters[0]?.vendor, serverId: 1 },
      { name: 'b', serverId: 2 }
    ])
    for (const master of report.masters) expect(master.position).not.toBe('')
  })

  it('tells the same facts in CSV', async () => {
    const csv = join(lab.dir, 'rows.csv')
    const { report } = await lab.diff(['--csv', csv])
    const lines: Record<string, string>[] = parse(await readFile(csv, 'utf8'), { columns: true })
    expect(lines.map(({ table, class: kind, reason }) => ({ table, kind, reason }))).toEqual(
      report.divergences.map(({ table, class: kind, reason }) => ({ table, kind, reason }))
    )
    for (const [at, { key, rows }] of report.divergences.entries()) {
      const shown = Object.values(key)
      if (shown.length === 1 && typeof shown[0] === 'string') expect(lines[at]?.key).toBe(shown[0])
      expect(lines[at]?.a === '(missing)').toBe(rows.a === null)
      expect(lines[at]?.b === '(missing)').toBe(rows.b === null)
    }
  })

  it('keeps reports to their owner, and leaves nothing else behind', async () => {
    const before = await readdir(lab.dir)
    await lab.diff(['--csv', join(lab.dir, 'private.csv')])
    for (const file of ['report.json', 'private.csv'])
      expect((await stat(join(lab.dir, file))).mode & 0o777).toBe(0o600)
    expect((await readdir(lab.dir)).filter((name) => !before.includes(name))).toEqual(['private.csv'])
  })

  it('writes a report to standard output alone when it is asked to', async () => {
    const run = await mmaudit(['diff', ...config, '--json', '-'])
    expect(schemaErrors(JSON.parse(run.stdout))).toEqual([])
    expect(run.stderr).toContain('Divergent')
    expect(run.code).toBe(1)
  })

  it('says nothing when all is equal and --quiet is given', async () => {
    const run = await mmaudit(['diff', ...config, '--quiet', 'retail_db.orders', '--where', 'order_id < 0'])
    expect(run).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('leaves a partial report that says so after %s', async (signal, code) => {
    let sent = false
    const { run, report } = await lab.diff(['--chunk-rows', '10', '--log-format', 'json'], {
      onOutput: (text, kill) => {
        if (sent || !text.includes('table-started')) return
        sent = true
        kill(signal)
      }
    })
    expect(run.code).toBe(code)
    expect(schemaErrors(report)).toEqual([])
    expect(report.summary).toMatchObject({ complete: false })
  })
})
