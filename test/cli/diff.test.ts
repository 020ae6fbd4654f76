import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../src/cli/program.js'
import type { Audit } from '../../src/cli/run-audit.js'
import type { AuditConfig } from '../../src/model/config.js'
import { MmauditError } from '../../src/model/errors.js'
import type { AuditEvent } from '../../src/model/events.js'
import type { TableResult } from '../../src/model/report.js'
import { summarise } from '../../src/model/summary.js'
import { divergence, header, result } from '../report/samples.js'
import { type FakeIo, FakeStream, fakeIo } from './fake-io.js'

const MASTERS = ['--master', 'a=mysql://u@h1', '--master', 'b=mysql://u@h2']
const FINISHED_AT = new Date('2026-01-02T03:04:17Z')
const conflicting = result('orders', { status: 'divergent', conflict: 1 })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mmaudit-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function* events(results: readonly TableResult[]): Generator<AuditEvent> {
  yield { type: 'started', header: header({ tables: results.length }) }
  for (const each of results) {
    yield { type: 'table-started', ref: each }
    if (each.conflict > 0) yield { type: 'divergences', found: [{ divergence: divergence() }] }
    yield { type: 'table-finished', result: each }
  }
}

/** An audit with these results; `config` is told what it was called with. */
function auditOf(results: readonly TableResult[], config: (config: AuditConfig) => void = () => {}): Audit {
  return async function* (given) {
    config(given)
    yield* events(results)
    yield { type: 'finished', finishedAt: FINISHED_AT, summary: summarise(results) }
  }
}

async function diff(args: readonly string[], audit: Audit, over: Partial<FakeIo> = {}) {
  const io = fakeIo({ cwd: folder, ...over })
  const code = await runCli(['diff', ...args], io, audit)
  return { code, io, out: io.stdout.text, err: io.stderr.text }
}

const never: Audit = () => {
  throw new Error('must not be called')
}

describe('exit status', () => {
  test.each([
    [0, [result('orders')]],
    [1, [conflicting]],
    [2, [conflicting, result('log', { status: 'skipped', reason: 'no key' })]],
    [2, [result('orders', { status: 'failed', reason: 'no privilege' })]]
  ])('%i by what was found', async (expected, results) => {
    expect((await diff(MASTERS, auditOf(results))).code).toBe(expected)
  })

  test.each([
    ['usage', 64],
    ['config', 78],
    ['incomplete', 2]
  ] as const)('of an error: %s', async (code, expected) => {
    const run = await diff(MASTERS, () => {
      throw new MmauditError(code, 'it went wrong', { hint: 'do this' })
    })
    expect([run.code, run.err, run.out]).toEqual([expected, 'mmaudit: it went wrong\n  do this\n', ''])
  })

  test('2 for a bug, which is told as one', async () => {
    const run = await diff(MASTERS, never)
    expect(run.code).toBe(2)
    expect(run.err).toBe(
      'mmaudit: internal error: must not be called\n  this is a bug in mmaudit; please report it with what MMAUDIT_DEBUG=1 shows\n'
    )
    expect((await diff(MASTERS, never, { env: { MMAUDIT_DEBUG: '1' } })).err).toContain('at ')
  })
})

describe('the command line', () => {
  test('becomes the configuration', async () => {
    let seen: AuditConfig | null = null
    const args = [
      ...['retail_db.*', ...MASTERS, '--chunk-rows', '500', '--concurrency', '4', '--where', 'x > 1'],
      ...[
        '--ignore-columns',
        'a,b',
        '--ignore-columns',
        'c',
        '--strict-schema',
        '--no-confirm',
        '--confirm-timeout',
        '5',
        '--chunk-time',
        '1'
      ]
    ]
    await diff(
      args,
      auditOf([], (config) => (seen = config))
    )
    expect(seen).toMatchObject({
      include: ['retail_db.*'],
      includeOrigin: 'usage',
      chunkRows: 500,
      concurrency: 4,
      where: 'x > 1',
      ignoreColumns: ['a', 'b', 'c'],
      strictSchema: true,
      confirm: false,
      confirmTimeout: 5,
      chunkTime: 1
    })
  })

  test.each<[string, string[], string]>([
    ['no masters', [], 'mmaudit: no masters are named'],
    ['one master', MASTERS.slice(0, 2), 'mmaudit: an audit needs two masters or more, and only a is named'],
    ['a chunk of nothing', [...MASTERS, '--chunk-rows', '0'], 'mmaudit: --chunk-rows 0: must be a whole number'],
    [
      'an unknown option',
      [...MASTERS, '--jsn', 'x'],
      "mmaudit: unknown option '--jsn'\n(Did you mean --json?)\n  see mmaudit diff --help"
    ],
    ['two reports in one place', [...MASTERS, '--json', '-', '--csv', '-'], 'mmaudit: --json - and --csv -'],
    ['two reports in one file', [...MASTERS, '--json', 'x', '--csv', './x'], 'mmaudit: --json and --csv both name x'],
    [
      'a folder that is not there',
      [...MASTERS, '--json', 'no/x'],
      'mmaudit: cannot write a report to no/x: its folder'
    ],
    ['an unknown format', [...MASTERS, '--log-format', 'xml'], 'mmaudit: --log-format xml: must be one of text, json']
  ])('%s is refused before anything is done', async (_, args, message) => {
    const run = await diff(args, never)
    expect(run.code).toBe(64)
    expect(run.err).toContain(message)
    expect(run.out).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })

  test('a report that cannot be opened leaves no trace of the other', async () => {
    expect((await diff([...MASTERS, '--json', 'r.json', '--csv', 'no/x'], never)).code).toBe(64)
    expect(readdirSync(folder)).toEqual([])
  })

  test('an unknown command', async () => {
    const io = fakeIo()
    expect(await runCli(['dif'], io)).toBe(64)
    expect(io.stderr.text).toBe("mmaudit: unknown command 'dif'\n(Did you mean diff?)\n  see mmaudit --help\n")
  })

  test.each([['--help'], ['diff', '--help']])('%s %s has examples', async (...args) => {
    const io = fakeIo()
    expect(await runCli(args, io)).toBe(0)
    expect(io.stdout.text).toMatch(/Examples:\n {2}\$ mmaudit /)
  })

  test('the version', async () => {
    const io = fakeIo()
    expect(await runCli(['--version'], io)).toBe(0)
    expect(io.stdout.text).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('reports', () => {
  test('go to the files named, the one for people to standard output', async () => {
    const run = await diff([...MASTERS, '--json', 'r.json', '--csv', 'r.csv'], auditOf([conflicting]))
    expect(readdirSync(folder).sort()).toEqual(['r.csv', 'r.json'])
    expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8')).summary).toMatchObject({
      conflict: 1,
      complete: true
    })
    expect(readFileSync(join(folder, 'r.csv'), 'utf8').split('\r\n')).toHaveLength(3)
    expect(run.out).toContain('every divergent row is in r.json and r.csv')
    expect(run.out).not.toContain('\u001b')
  })

  test('standard output belongs to the report that was sent there', async () => {
    const run = await diff([...MASTERS, '--json', '-', '--progress', 'never'], auditOf([conflicting]))
    expect(JSON.parse(run.out).divergences).toHaveLength(1)
    expect(run.err).toContain('✗ Divergent')
  })

  test('can be named in the environment', async () => {
    await diff(MASTERS, auditOf([result('orders')]), { env: { MMAUDIT_JSON: 'r.json' } })
    expect(readdirSync(folder)).toEqual(['r.json'])
  })

  test('one that fails on the way does not take the others along', async () => {
    const io = fakeIo({ cwd: folder })
    io.stdout._write = (_chunk, _encoding, done: (error?: Error) => void) => done(new Error('disk full'))
    io.stdout.on('error', () => {})
    const code = await runCli(['diff', ...MASTERS, '--json', '-', '--csv', 'r.csv'], io, auditOf([result('orders')]))
    expect(code).toBe(2)
    expect(io.stderr.text).toContain('mmaudit: cannot write to standard output: disk full')
    expect(io.stderr.text).toContain('✓ Consistent')
    expect(readdirSync(folder)).toEqual(['r.csv'])
  })

  test('quiet', async () => {
    const equal = await diff([...MASTERS, '--quiet'], auditOf([result('orders')]))
    expect([equal.out, equal.err]).toEqual(['', ''])
    const other = await diff([...MASTERS, '--quiet'], auditOf([conflicting]))
    expect([other.out, other.err]).toEqual(['✗ Divergent: 1 of 1 table differs: 1 conflict.\n', ''])
  })
})

describe('an audit that breaks off', () => {
  const dying: Audit = async function* () {
    const [started, tableStarted, found] = [...events([conflicting])]
    if (started !== undefined) yield started
    if (tableStarted !== undefined) yield tableStarted
    if (found !== undefined) yield found
    throw new MmauditError('incomplete', 'master b is gone')
  }

  test('leaves a partial report, marked as such', async () => {
    const run = await diff([...MASTERS, '--json', 'r.json'], dying)
    expect(run.code).toBe(2)
    expect(run.err).toContain('mmaudit: master b is gone')
    const report = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))
    expect(report.tables).toMatchObject([
      { table: 'orders', status: 'failed', reason: 'master b is gone', conflict: 1 }
    ])
    expect(report.divergences).toHaveLength(1)
    expect(report.summary).toMatchObject({ consistent: false, complete: false, tables: 1, failed: 1 })
    expect(run.out).toContain('! Incomplete')
  })

  test('before its start leaves an older report as it was', async () => {
    writeFileSync(join(folder, 'r.json'), 'old')
    const run = await diff([...MASTERS, '--json', 'r.json'], () => {
      throw new MmauditError('incomplete', 'cannot connect')
    })
    expect([run.code, run.out]).toEqual([2, ''])
    expect(readdirSync(folder)).toEqual(['r.json'])
    expect(readFileSync(join(folder, 'r.json'), 'utf8')).toBe('old')
  })
})

describe('signals', () => {
  /** Sends itself `signals` after the first divergence, then waits to be ended. */
  function signalled(io: FakeIo, ...signals: string[]): Audit {
    return async function* (_config, { signal }) {
      for (const event of events([conflicting])) {
        yield event
        if (event.type === 'divergences') break
      }
      const ended = new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
      for (const name of signals) io.signals.emit(name)
      await ended
    }
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ])('%s ends the audit in order', async (name, expected) => {
    const io = fakeIo({ cwd: folder })
    const code = await runCli(['diff', ...MASTERS, '--json', 'r.json'], io, signalled(io, name))
    expect(code).toBe(expected)
    expect(io.stderr.text).toContain(
      `mmaudit: interrupted by ${name}; nothing was changed on any master, and the report is partial\n`
    )
    const report = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))
    expect(report.summary.complete).toBe(false)
    expect(report.tables[0].reason).toBe(`interrupted by ${name}`)
    expect(io.exits).toEqual([])
    expect(io.signals.listenerCount('SIGINT') + io.signals.listenerCount('SIGTERM')).toBe(0)
  })

  test('a second one ends it at once and leaves nothing half-written', async () => {
    const io = fakeIo({ cwd: folder })
    let left: string[] = []
    const exit = (code: number) => {
      left = readdirSync(folder)
      io.exits.push(code)
    }
    await runCli(['diff', ...MASTERS, '--json', 'r.json'], { ...io, exit }, signalled(io, 'SIGINT', 'SIGTERM'))
    expect(io.exits).toEqual([143])
    expect(left).toEqual([])
  })
})

describe('progress', () => {
  const reading: Audit = async function* (_config, { onProgress }) {
    yield { type: 'started', header: header({ tables: 2 }) }
    const ref = { database: 'retail_db', table: 'orders' }
    yield { type: 'table-started', ref }
    onProgress({ ref, rows: 500, estimatedRows: 1000, chunks: 5, mismatched: 2, tablesDone: 0, tables: 2 })
    onProgress({ ref, rows: 600, estimatedRows: 1000, chunks: 6, mismatched: 2, tablesDone: 0, tables: 2 })
    yield { type: 'table-finished', result: conflicting }
    yield { type: 'finished', finishedAt: FINISHED_AT, summary: summarise([conflicting]) }
  }

  test('is a line on a terminal, redrawn and in the end gone', async () => {
    const stderr = new FakeStream(true)
    await diff(MASTERS, reading, { stderr, env: { NO_COLOR: '1' } })
    expect(stderr.text).toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal is told to erase a line
      /^\r\x1b\[2Kretail_db\.orders {2}━+─+ {2}50 % {2}\S+( [kM])? rows\/s {2}\S+ s left {2}2 chunks ≠ {2}table 1\/2\r\x1b\[2K$/
    )
  })

  test('is plain lines in a log', async () => {
    const run = await diff(MASTERS, reading)
    expect(run.err.replaceAll(/\d+\.\d s/g, '0.0 s')).toBe(
      `mmaudit: comparing 2 tables on a, b
mmaudit: retail_db.orders: reading (1 of 2)
mmaudit: retail_db.orders: differs (1 conflict), 50,000 rows, 0.0 s
mmaudit: compared 1 table: 1 divergent, 0 skipped, 0 failed
`
    )
  })

  test('is JSON where a program reads', async () => {
    const run = await diff([...MASTERS, '--log-format', 'json'], reading)
    const lines = run.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map((line) => `${line.level} ${line.event}`)).toEqual([
      'info started',
      'info table-started',
      'info table-finished',
      'info finished'
    ])
    expect(lines[2]).toMatchObject({ database: 'retail_db', table: 'orders', status: 'divergent', conflict: 1 })
    expect(lines.every((line) => /Z$/.test(line.time))).toBe(true)
  })

  test('errors are JSON as well then', async () => {
    const run = await diff([...MASTERS, '--log-format', 'json', '--concurrency', '0'], never)
    expect(JSON.parse(run.err)).toMatchObject({ level: 'error', event: 'failed', code: 'usage' })
  })

  test('can be had never', async () => {
    expect((await diff([...MASTERS, '--progress', 'never'], reading)).err).toBe('')
  })
})

describe('an estimate', () => {
  test.each([
    ['--repair', '--dry-run'],
    ['--csv', 'rows.csv'],
    ['--resume', 'nightly.resume'],
    ['--policy', 'union']
  ])('is not asked for beside %s', async (...beside) => {
    const run = await diff([...MASTERS, '--estimate', ...beside], never)
    expect([run.code, run.out]).toEqual([64, ''])
    expect(run.err).toContain(beside[0])
    expect(readdirSync(folder)).toEqual([])
  })

  test('finds out that it cannot be written before a master is asked', async () => {
    const run = await diff([...MASTERS, '--estimate', '--json', 'no/such/folder.json'], never)
    expect([run.code, run.err]).toEqual([64, expect.stringContaining('its folder does not exist')])
  })
})
