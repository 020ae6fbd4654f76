import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lookingBack } from '../../src/cli/evidence-since.js'
import { createLog } from '../../src/cli/log.js'
import { summarise } from '../../src/model/summary.js'
import { JsonReport } from '../../src/report/json.js'
import { Spool } from '../../src/report/spool.js'
import { configOf } from '../checkpoint/samples.js'
import { MemoryOutput } from '../report/memory-output.js'
import { header, result } from '../report/samples.js'
import { FakeStream } from './fake-io.js'

const HOUR = 3600

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mmaudit-since-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The report of an audit that began so many seconds ago. */
async function reportOf(secondsAgo: number, ...tables: readonly ReturnType<typeof result>[]): Promise<string> {
  const output = new MemoryOutput()
  const report = new JsonReport(output, await Spool.create(tmpdir()), '0.1.0')
  await report.open(header({ startedAt: new Date(Date.now() - secondsAgo * 1000) }))
  for (const each of tables) await report.table(each)
  await report.close(new Date(), summarise(tables))
  const path = join(folder, 'report.json')
  writeFileSync(path, output.text)
  return path
}

async function windowSince(evidenceSince: string | null, evidence: 'auto' | 'off' = 'auto') {
  const said = new FakeStream()
  const config = { ...configOf(), evidence, evidenceSince, evidenceWindow: 5 * HOUR }
  const { evidenceWindow } = await lookingBack(config, createLog('text', said, {}))
  return { evidenceWindow, said: said.text }
}

describe('binlogs are read back', () => {
  test('to some minutes before the audit that found all equal', async () => {
    const { evidenceWindow, said } = await windowSince(
      await reportOf(90 * HOUR, result('orders', { status: 'consistent' }))
    )
    expect(evidenceWindow).toBeGreaterThan(90 * HOUR)
    expect(evidenceWindow).toBeLessThan(90 * HOUR + 600)
    expect(said).toBe('')
  })

  test.each([
    ['found differences', 'divergent', /found differences: binlogs are read back 18000 s/],
    ['did not see everything', 'failed', /did not see everything: binlogs are read back 18000 s/]
  ] as const)('as far as was set after one that %s', async (_, status, told) => {
    const path = await reportOf(HOUR, result('orders', { status }))
    expect(await windowSince(path)).toEqual({ evidenceWindow: 5 * HOUR, said: expect.stringMatching(told) })
  })

  test('as far as was set before there is any', async () => {
    const { evidenceWindow, said } = await windowSince(join(folder, 'none.json'))
    expect(evidenceWindow).toBe(5 * HOUR)
    expect(said).toMatch(/none\.json is not there/)
  })

  test('or not at all', async () => {
    expect(await windowSince(join(folder, 'none.json'), 'off')).toEqual({ evidenceWindow: 5 * HOUR, said: '' })
  })
})

test('a file that is no report is an error', async () => {
  const path = join(folder, 'notes.json')
  writeFileSync(path, '{"notes": []}')
  await expect(windowSince(path)).rejects.toMatchObject({ code: 'usage' })
})
