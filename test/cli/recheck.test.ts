import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../src/cli/program.js'
import type { Audit } from '../../src/cli/run-audit.js'
import type { AuditConfig } from '../../src/model/config.js'
import type { TableResult } from '../../src/model/report.js'
import { summarise } from '../../src/model/summary.js'
import { divergence, header, result } from '../report/samples.js'
import { type FakeIo, fakeIo } from './fake-io.js'

const MASTERS = ['--master', 'a=mysql://u@h1', '--master', 'b=mysql://u@h2']
/** How tables look of which only rows were read. */
const NOT_COUNTED = { chunks: { total: 0, mismatched: 0 }, rows: {}, sums: {} }

let folder = ''
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mmaudit-recheck-'))
  const io = fakeIo({ cwd: folder })
  await runCli(['diff', ...MASTERS, '--json', 'report.json'], io, found([result('orders', { conflict: 1 })]))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An audit or a recheck with these results. */
function found(results: readonly TableResult[], config: (config: AuditConfig) => void = () => {}): Audit {
  return async function* (given) {
    config(given)
    const rechecked = { report: 'report.json', rows: 17 }
    yield { type: 'started', header: header({ tables: results.length, rechecked }) }
    for (const each of results) {
      yield { type: 'table-started', ref: each }
      if (each.conflict > 0) yield { type: 'divergences', found: [{ divergence: divergence() }] }
      yield { type: 'table-finished', result: each }
    }
    yield { type: 'finished', finishedAt: new Date('2026-01-02T03:04:05.300Z'), summary: summarise(results) }
  }
}

const never: Audit = () => {
  throw new Error('must not be called')
}

async function recheck(args: readonly string[], audit: Audit, over: Partial<FakeIo> = {}) {
  const io = fakeIo({ cwd: folder, ...over })
  const code = await runCli(['recheck', ...args], io, audit)
  return { code, out: io.stdout.text, err: io.stderr.text }
}

test('passes on what is to be compared and how', async () => {
  let seen: AuditConfig | null = null
  const options = ['--where', 'x > 1', '--ignore-columns', 'c', '--no-confirm', '--confirm-timeout', '5']
  await recheck(
    ['report.json', ...MASTERS, ...options, '--concurrency', '4'],
    found([], (config) => (seen = config))
  )
  expect(seen).toMatchObject({
    where: 'x > 1',
    ignoreColumns: ['c'],
    confirm: false,
    confirmTimeout: 5,
    concurrency: 4
  })
})

test.each<[number, string, Partial<TableResult>]>([
  [0, '✓ Consistent: of 17 rows in report.json, none differs now on a (10.0.0.1:3306) and b (10.0.0.2:3306).', {}],
  [
    1,
    '✗ Divergent: recheck of report.json (17 rows): 1 of 1 table differs: 1 conflict.',
    { status: 'divergent', conflict: 1 }
  ],
  [
    2,
    '! Incomplete: recheck of report.json (17 rows): of 1 table, 1 failed; no divergence in what was compared.',
    { status: 'failed', reason: 'it was not compared then' }
  ]
])('exit status %i, and the verdict tells that it is a recheck', async (code, verdict, over) => {
  const reason = 'read again: 17 rows of the report; 16 of them agree now'
  const run = await recheck(['report.json', ...MASTERS], found([result('orders', { ...NOT_COUNTED, reason, ...over })]))
  expect(run.code).toBe(code)
  expect(run.out).toContain(`${verdict}\n  rechecked in 0.3 s\n`)
  expect(run.out).toContain(over.reason ?? reason)
  const quiet = await recheck(
    ['report.json', ...MASTERS, '--quiet'],
    found([result('orders', { ...NOT_COUNTED, ...over })])
  )
  expect(quiet.out).toBe(code === 0 ? '' : `${verdict}\n`)
})

test.each<[string, string[], number, string]>([
  ['a report that is not there', ['no.json', ...MASTERS], 64, 'mmaudit: there is no report no.json\n'],
  ['no report', MASTERS, 64, "mmaudit: missing required argument 'report.json'"],
  ['what is no report', ['text', ...MASTERS], 64, 'mmaudit: text is not JSON: '],
  ['no masters', ['report.json'], 64, 'mmaudit: no masters are named'],
  ['an option of diff alone', ['report.json', ...MASTERS, '--chunk-rows', '5'], 64, "unknown option '--chunk-rows'"]
])('%s is refused before anything is done', async (_, args, code, message) => {
  writeFileSync(join(folder, 'text'), 'hello')
  const run = await recheck([...args, '--json', 'left.json'], never)
  expect(run.code).toBe(code)
  expect(run.err).toContain(message)
  expect(readdirSync(folder).sort()).toEqual(['report.json', 'text'])
})

test('reads standard input', async () => {
  const stdin = Readable.from([readFileSync(join(folder, 'report.json'))])
  expect((await recheck(['-', ...MASTERS], found([result('orders')]), { stdin })).code).toBe(0)
  const run = await recheck(['-', ...MASTERS], never, { stdin: Readable.from(['{']) })
  expect([run.code, run.err]).toEqual([64, expect.stringContaining('mmaudit: standard input is cut off: ')])
})

test('may put the smaller report in the place of the one that it reads', async () => {
  await recheck(['report.json', ...MASTERS, '--json', 'report.json'], found([result('orders', NOT_COUNTED)]))
  expect(readdirSync(folder)).toEqual(['report.json'])
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')).divergences).toEqual([])
})

test('has help with examples', async () => {
  const run = await recheck(['--help'], never)
  expect(run.code).toBe(0)
  expect(run.out).toMatch(/Examples:\n {2}\$ mmaudit [\s\S]*Exit status:/)
})
