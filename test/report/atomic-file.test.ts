import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MmauditError } from '../../src/model/errors.js'
import { AtomicFile } from '../../src/report/atomic-file.js'

let folder = ''
const at = (name: string) => join(folder, name)
const mode = (name: string) => statSync(at(name)).mode & 0o777

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mmaudit-report-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function refusal(path: string): Promise<MmauditError> {
  const error = await AtomicFile.create(path).catch((reason: unknown) => reason)
  if (error instanceof MmauditError) return error
  throw new Error('expected a refusal')
}

describe('a report file', () => {
  test('appears when it is whole, for its owner only', async () => {
    const file = await AtomicFile.create(at('report.json'))
    await file.write('x'.repeat(100_000))
    const [temporary = ''] = readdirSync(folder)
    expect(temporary).toMatch(/^\.report\.json\.\w+\.tmp$/)
    expect(mode(temporary)).toBe(0o600)
    await file.write('end')
    await file.commit()
    expect(readdirSync(folder)).toEqual(['report.json'])
    expect(mode('report.json')).toBe(0o600)
    expect(readFileSync(at('report.json'), 'utf8')).toBe(`${'x'.repeat(100_000)}end`)
  })

  test('replaces an older one, keeping its permissions', async () => {
    writeFileSync(at('report.json'), 'old')
    chmodSync(at('report.json'), 0o644)
    const file = await AtomicFile.create(at('report.json'))
    await file.write('new')
    expect(readFileSync(at('report.json'), 'utf8')).toBe('old')
    await file.commit()
    expect(readFileSync(at('report.json'), 'utf8')).toBe('new')
    expect(mode('report.json')).toBe(0o644)
  })

  test('is written where a link leads', async () => {
    mkdirSync(at('real'))
    writeFileSync(at('real/report.json'), 'old')
    symlinkSync(at('real/report.json'), at('latest.json'))
    const file = await AtomicFile.create(at('latest.json'))
    await file.write('new')
    await file.commit()
    expect(readFileSync(at('real/report.json'), 'utf8')).toBe('new')
    expect(readdirSync(folder).sort()).toEqual(['latest.json', 'real'])
  })

  test.each(['discard', 'discardNow'] as const)('leaves nothing behind after %s', async (how) => {
    writeFileSync(at('report.json'), 'old')
    const file = await AtomicFile.create(at('report.json'))
    await file.write('partial')
    await file[how]()
    expect(readdirSync(folder)).toEqual(['report.json'])
    expect(readFileSync(at('report.json'), 'utf8')).toBe('old')
    await file.discard()
  })

  test('that cannot be finished is an incomplete run and leaves nothing behind', async () => {
    const file = await AtomicFile.create(at('report.json'))
    mkdirSync(at('report.json'))
    const error = await file.commit().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'incomplete', message: expect.stringContaining('cannot write the report') })
    expect(readdirSync(folder)).toEqual(['report.json'])
  })

  test('goes into a pipe as it is', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', at('pipe')])
    const reader = import('node:fs/promises').then(({ readFile }) => readFile(at('pipe'), 'utf8'))
    const file = await AtomicFile.create(at('pipe'))
    await file.write('through')
    await file.commit()
    expect(await reader).toBe('through')
    expect(statSync(at('pipe')).isFIFO()).toBe(true)
  })
})

describe('a path that cannot be written to is found at once', () => {
  test('no such folder', async () => {
    const error = await refusal(at('nowhere/report.json'))
    expect([error.code, error.message]).toEqual([
      'usage',
      `cannot write a report to ${at('nowhere/report.json')}: its folder does not exist`
    ])
    expect(error.hint).toContain('- for standard output')
  })

  test('a folder', async () => {
    expect((await refusal(folder)).message).toBe(`cannot write a report to ${folder}: it is a directory`)
  })

  test('a file for a folder', async () => {
    writeFileSync(at('file'), '')
    expect((await refusal(at('file/report.json'))).message).toContain('its folder does not exist')
  })
})
