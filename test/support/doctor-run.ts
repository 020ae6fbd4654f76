import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect } from 'vitest'
import type { Finding, StoppedTransaction } from '../../src/model/doctor.js'
import { mmaudit, type Run } from './mmaudit.js'
import type { TestLab } from './test-lab.js'

const schema = JSON.parse(readFileSync(new URL('../../docs/reference/doctor.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true })
formats.default(ajv)
const validate = ajv.compile(schema)

/** What `mmaudit doctor` said. */
export interface Examined {
  readonly run: Run
  readonly findings: readonly Finding[]
  readonly stopped: readonly StoppedTransaction[]
  /** Ids of the findings above `info`, in order of their names. */
  readonly ids: readonly string[]
}

/** Runs `mmaudit doctor` on a lab with one of its configurations, and holds its report against the published schema. */
export async function examine(
  lab: TestLab,
  config: 'mmaudit' | 'repair' | 'admin',
  ...args: readonly string[]
): Promise<Examined> {
  const file = join(lab.dir, 'doctor.json')
  await rm(file, { force: true })
  const run = await mmaudit(['doctor', '--config', join(lab.dir, `${config}.yaml`), '--json', file, ...args], {
    cwd: lab.dir
  })
  if (!existsSync(file)) throw new Error(`no report was written; exit status ${run.code}: ${run.stderr}`)
  const report = JSON.parse(readFileSync(file, 'utf8'))
  expect(validate(report), ajv.errorsText(validate.errors)).toBe(true)
  const findings: readonly Finding[] = report.findings
  const grave = findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id)
  return { run, findings, stopped: report.stopped, ids: [...new Set(grave)].toSorted() }
}
