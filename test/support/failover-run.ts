import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { LAB_FILES } from '../../src/lab/lab-state.js'
import type { FailoverTruth } from '../../src/lab/scenarios/killed.js'
import type { FailoverReport } from '../../src/model/failover.js'
import { mmauditInside } from './inside.js'
import type { Run } from './mmaudit.js'
import type { ReportFile } from './report-file.js'
import { schemaErrors } from './report-schema.js'
import type { TestLab } from './test-lab.js'

const schema = JSON.parse(readFileSync(new URL('../../docs/reference/failover.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true })
const validate = ajv.compile(schema)

/** What `mmaudit failover` said. */
export interface FailoverRun {
  readonly run: Run
  readonly report: ReportFile & { readonly failover: FailoverReport }
  readonly failover: FailoverReport
  /** Why the answer is what it is. */
  readonly ids: readonly string[]
}

/** Runs `mmaudit failover` on a lab as its repair account, and holds its report against the published schemas. */
export async function runFailover(lab: TestLab, ...args: readonly string[]): Promise<FailoverRun> {
  const file = join(lab.dir, 'failover.json')
  await rm(file, { force: true })
  const masters = args.includes('--master') ? [] : ['--config', join(lab.dir, 'repair.yaml')]
  const run = await mmauditInside(['failover', ...masters, '--json', file, ...args], { cwd: lab.dir })
  const text = readFileSync(file, 'utf8')
  const report = JSON.parse(text) as FailoverRun['report']
  expect(schemaErrors(report)).toEqual([])
  expect(validate(report.failover), ajv.errorsText(validate.errors)).toBe(true)
  return { run, report, failover: report.failover, ids: report.failover.reasons.map(({ id }) => id) }
}

/** What the lab knows that a failover has to find. */
export function failoverTruth(lab: TestLab): FailoverTruth {
  return JSON.parse(readFileSync(join(lab.dir, LAB_FILES.failover), 'utf8'))
}

/** Rows as text, in order, to be compared. */
export function rowsText(
  rows: readonly { readonly table: string; readonly key: Readonly<Record<string, unknown>> }[]
): readonly string[] {
  return rows.map(({ table, key }) => `${table} ${Object.values(key).join(' ')}`).toSorted()
}
