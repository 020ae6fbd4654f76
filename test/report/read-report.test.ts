import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/model/divergence.js'
import { MmauditError } from '../../src/model/errors.js'
import type { TableResult } from '../../src/model/report.js'
import type { SavedReport } from '../../src/model/saved-report.js'
import { summarise } from '../../src/model/summary.js'
import { JsonReport } from '../../src/report/json.js'
import { readReport, readReportFrom } from '../../src/report/read-report.js'
import { Spool } from '../../src/report/spool.js'
import { collect } from '../support/collect.js'
import { arbitraryDivergence, MASTERS } from './arbitrary.js'
import { MemoryOutput } from './memory-output.js'
import { numRuns } from './runs.js'
import { divergence, header, master, result } from './samples.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mmaudit-read-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A report as mmaudit writes it. */
async function written(divergences: readonly Divergence[], tables: readonly TableResult[] = [], names = ['a', 'b']) {
  const output = new MemoryOutput()
  const report = new JsonReport(output, await Spool.create(tmpdir()), '0.1.0')
  await report.open(header({ masters: names.map((name) => master(name)) }))
  await report.divergences(divergences)
  for (const each of tables) await report.table(each)
  await report.close(new Date('2026-01-02T03:05:00.250Z'), summarise(tables))
  return output.text
}

function file(text: string | Buffer): string {
  const path = join(folder, 'report.json')
  writeFileSync(path, text)
  return path
}

function read(text: string | Buffer): Promise<SavedReport> {
  return readReport(file(text), 'report.json')
}

/** Layouts of the same report: ours, and what `jq` and `jq -c` make of it. */
const LAYOUTS: readonly [string, (text: string) => string][] = [
  ['as written', (text) => text],
  ['indented', (text) => JSON.stringify(JSON.parse(text), null, 2)],
  ['on one line', (text) => JSON.stringify(JSON.parse(text))]
]

async function rowsOf(report: SavedReport): Promise<readonly Divergence[]> {
  const byTable = await Promise.all(report.named.map(({ ref }) => collect(report.divergences(ref))))
  return byTable.flat()
}

function undecided(divergences: readonly Divergence[]): readonly Divergence[] {
  return divergences.map((each) => ({ ...each, decision: null, evidence: null }))
}

describe.each(LAYOUTS)('a report %s', (_, layOut) => {
  test('reads back to what was written, whatever its values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryDivergence, { maxLength: 5 }), async (divergences) => {
        const table = result('orders', { status: 'failed', reason: 'why', rows: { a: 7 }, sums: { x: { a: '0.10' } } })
        const report = await read(layOut(await written(divergences, [table], [...MASTERS])))
        expect(report).toMatchObject({ name: 'report.json', startedAt: '2026-01-02T03:04:05.000Z' })
        expect(report.masters).toEqual(MASTERS.map((name) => master(name)))
        expect(report.tables).toEqual([table])
        expect(report.summary).toEqual(summarise([table]))
        expect(report.named.reduce((sum, { rows }) => sum + rows, 0)).toBe(divergences.length)
        const byTable = report.named.flatMap(({ ref }) =>
          divergences.filter(({ database, table: name }) => database === ref.database && name === ref.table)
        )
        expect(await rowsOf(report)).toEqual(undecided(byTable))
      }),
      { numRuns }
    )
  })

  test('without any divergence is a report', async () => {
    const report = await read(layOut(await written([], [result('orders')])))
    expect(report.named).toEqual([])
    expect(await collect(report.divergences({ database: 'retail_db', table: 'orders' }))).toEqual([])
  })

  test('gives the rows of each table in their order, as often as asked, also where tables are mixed', async () => {
    const rows = ['x', 'y', 'x', 'z', 'x', 'y'].map((table, at) => divergence({ table, key: { id: String(at) } }))
    const report = await read(layOut(await written(rows)))
    expect(report.named.map(({ ref, rows: count }) => [ref.table, count])).toEqual([
      ['x', 3],
      ['y', 2],
      ['z', 1]
    ])
    for (const _again of [1, 2]) {
      expect((await rowsOf(report)).map(({ key }) => key.id)).toEqual(['0', '2', '4', '1', '5', '3'])
    }
  })

  test('may have fields that are not known here', async () => {
    const text = (await written([divergence()], [result('orders')]))
      .replaceAll('"evidence":null', '"evidence":null,"note":{"by":"hand"}')
      .replaceAll('"drift":[]', '"drift":[],"more":1')
      .replace('"checksum"', '"comment":[1],\n"checksum"')
    expect(await rowsOf(await read(layOut(text)))).toEqual([divergence()])
  })

  test('keeps a column of the name __proto__', async () => {
    const key = JSON.parse('{"__proto__":"1"}')
    const report = await read(layOut(await written([divergence({ key, rows: { a: key, b: null } })])))
    const [row] = await rowsOf(report)
    expect(JSON.stringify([row?.key, row?.rows.a])).toBe('[{"__proto__":"1"},{"__proto__":"1"}]')
  })

  test.each<[string, string, string]>([
    ['"key":{"order_id":"40009"},', '', 'key is missing'],
    ['"key":{"order_id":"40009"}', '"key":{}', 'key must not be empty'],
    ['"key":{"order_id":"40009"}', '"key":{"order_id":40009}', 'key.order_id must be text, null or {"hex":"…"}'],
    ['"key":{"order_id":"40009"}', '"key":{"__proto__":40009}', 'key.__proto__ must be text, null or {"hex":"…"}'],
    ['"key":{"order_id":"40009"}', '"key":["40009"]', 'key must be an object'],
    ['"amount":"402.79"', '"amount":{"hex":"abc"}', 'rows.a must be text, null or {"hex":"…"}'],
    ['"class":"conflict","reason"', '"class":"odd","reason"', 'class must be missing, conflict or collision'],
    ['"columns":["amount"]', '"columns":"amount"', 'columns must be a list of names']
  ])('with %s as %s is refused', async (from, to, problem) => {
    const text = (await written([divergence({ table: 'first' }), divergence()])).split('"divergences":[')
    const changed = `${text[0]}"divergences":[${text[1]
      ?.split('\n')
      .with(2, (text[1].split('\n')[2] ?? '').replace(from, to))
      .join('\n')}`
    expect(changed).not.toBe(text.join('"divergences":['))
    const error = await read(layOut(changed)).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(MmauditError)
    expect(error.code).toBe('usage')
    expect(error.message).toMatch(/^report\.json(, line 12|: divergences\[1\]): /)
    expect(error.message).toContain(problem)
    expect(error.hint).toContain('docs/reference/json-report.md')
  })

  test.each<[string, string, string]>([
    ['"version":1', '"version":2', 'report.json is a report of version 2, and this mmaudit reads version 1'],
    ['"version":1', '"version":"1"', 'report.json: version must be 1'],
    ['"status":"consistent"', '"status":"fine"', 'report.json: tables[0].status must be the status of a table'],
    ['"missing":0', '"missing":-1', 'report.json: tables[0].missing must be a whole number'],
    ['"serverId":1,', '', 'report.json: masters[0].serverId is missing'],
    ['"complete":true', '"complete":"yes"', 'report.json: summary.complete must be true or false']
  ])('with %s as %s is refused as a whole', async (from, to, problem) => {
    const text = await written([], [result('orders')])
    expect(text).toContain(from)
    await expect(read(layOut(text.replace(from, to)))).rejects.toMatchObject({ code: 'usage', message: problem })
  })
})

describe('what is no report', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /^report\.json is empty$/],
    ['text', 'hello', /^report\.json is not JSON: /],
    ['a list', '[]', /^report\.json: must be an object$/],
    ['null', 'null', /^report\.json: must be an object$/],
    ['another document', '{"version":1}', /^report\.json: startedAt is missing$/],
    ['CSV', 'database,table\r\nx,y\r\n', /^report\.json is not JSON: /]
  ])('%s', async (_, text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) })
  })

  test('a report without the list of divergences', async () => {
    const text = JSON.stringify({ ...JSON.parse(await written([])), divergences: undefined })
    await expect(read(text)).rejects.toThrow('report.json: divergences must be a list')
  })

  test('a report cut off anywhere', async () => {
    const text = await written([divergence(), divergence({ key: { order_id: '2' } })], [result('orders')])
    const whole = text.trimEnd()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (length) => {
        await expect(read(whole.slice(0, length))).rejects.toMatchObject({
          code: 'usage',
          message: expect.stringMatching(/^report\.json is (cut off|not JSON): /)
        })
      }),
      { numRuns }
    )
    await expect(read(whole.slice(0, -200))).rejects.toThrow('report.json is cut off')
  })

  test.each<[string, (row: string) => string]>([
    ['a comma is missing between rows', (row) => row.replace(/,$/, '')],
    ['a row is broken', (row) => row.replace('{', '')]
  ])('a report in which %s', async (_, change) => {
    const lines = (await written([divergence(), divergence({ key: { order_id: '2' } })])).split('\n')
    const at = lines.indexOf('"divergences":[') + 1
    await expect(read(lines.with(at, change(lines[at] ?? '')).join('\n'))).rejects.toThrow('report.json is not JSON')
  })

  test('a file that is not there', async () => {
    await expect(readReport(join(folder, 'no.json'), 'no.json')).rejects.toMatchObject({
      code: 'usage',
      message: 'there is no report no.json'
    })
  })

  test('a folder', async () => {
    await expect(readReport(folder, 'x')).rejects.toMatchObject({ code: 'usage', message: /^cannot read x: / })
  })
})

test('a report of many rows is gone through, not held', async () => {
  const texts = ['a\u2028b', 'line\nfeed', 'é🙂', '"],', '],']
  const rows = Array.from({ length: 20_000 }, (_, at) =>
    divergence({ key: { id: String(at) }, reason: texts[at % texts.length] ?? '' })
  )
  const report = await read(await written(rows))
  expect(report.named).toEqual([{ ref: { database: 'retail_db', table: 'orders' }, rows: 20_000 }])
  let at = 0
  for await (const row of report.divergences({ database: 'retail_db', table: 'orders' })) {
    expect(row).toEqual(rows[at])
    at++
  }
  expect(at).toBe(20_000)
})

test('a report that is changed while it is read is an error, never fewer rows', async () => {
  const text = await written([divergence(), divergence({ key: { order_id: '2' } })])
  const path = file(text)
  const report = await readReport(path, 'report.json')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('{', '<'))
  await expect(rowsOf(report)).rejects.toMatchObject({ code: 'incomplete' })
})

test('what cannot be held in memory is refused', async () => {
  const MIB = 1_048_576
  const path = file('')
  for (const size of [129 * MIB, 600 * MIB]) {
    truncateSync(path, size)
    await expect(readReport(path, 'report.json')).rejects.toThrow('report.json is too large to be read whole')
  }
  function* endless() {
    for (;;) yield Buffer.alloc(MIB)
  }
  await expect(readReportFrom(Readable.from(endless()), 'standard input')).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('may have any size')
  })
}, 60_000)

test('standard input is read as well', async () => {
  const bytes = Buffer.from(await written([divergence({ reason: 'für 日本語' })]))
  const pieces = [bytes.subarray(0, 700), bytes.subarray(700, 701), bytes.subarray(701)]
  const report = await readReportFrom(Readable.from(pieces), 'standard input')
  expect(report.name).toBe('standard input')
  expect(await rowsOf(report)).toEqual([divergence({ reason: 'für 日本語' })])
})
