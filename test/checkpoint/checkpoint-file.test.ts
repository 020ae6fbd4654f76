import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CheckpointFile } from '../../src/checkpoint/checkpoint-file.js'
import type { AuditConfig } from '../../src/model/config.js'
import { collect } from '../support/collect.js'
import { configOf, headerAt, ITEMS, ORDERS, resultOf, rowOf, SERVERS, tallyOf } from './samples.js'

const FIRST = '2026-01-01T00:00:00.000Z'
/** Bytes between the places where a file is cut. */
const CUT_EVERY = 11
const LATER = '2026-01-02T00:00:00.000Z'

let folder = ''
let path = ''
let troubles: unknown[] = []
beforeEach(() => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-checkpoint-'))
  path = join(folder, 'x.resume')
  troubles = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(config: AuditConfig = configOf(), file = path): Promise<CheckpointFile> {
  return CheckpointFile.resume(file, 'x.resume', config, (error) => troubles.push(error))
}

/** A run that finishes items, and is cut short in orders, between two divergences. */
async function cutShort(): Promise<void> {
  const checkpoint = await open()
  await checkpoint.begin(headerAt(FIRST), SERVERS)
  await checkpoint.table(ITEMS, 'shape', false)
  await checkpoint.finished(resultOf('items'))
  await checkpoint.table(ORDERS, 'shape', false)
  await checkpoint.divergences([rowOf('1')])
  await checkpoint.reached(['7', { hex: 'ff' }], tallyOf(3))
  await checkpoint.divergences([rowOf('8')])
  expect(await checkpoint.keep()).toBe('x.resume')
}

async function earlierOf(checkpoint: CheckpointFile, ref = ORDERS, shape = 'shape') {
  const earlier = checkpoint.earlier(ref, shape)
  return earlier === null ? null : { ...earlier, divergences: await collect(earlier.divergences()) }
}

describe('a checkpoint', () => {
  test('tells what an earlier run found, up to where everything was told', async () => {
    await cutShort()
    const again = await open()
    const header = await again.begin(headerAt(LATER), SERVERS)
    expect(header).toMatchObject({ startedAt: new Date(FIRST), masters: headerAt(FIRST).masters })
    expect(header.notes).toEqual([`noted ${FIRST}`, `noted ${LATER}`, expect.stringContaining(`went on ${LATER}`)])
    expect(await earlierOf(again, ITEMS)).toMatchObject({
      kind: 'finished',
      result: resultOf('items'),
      divergences: []
    })
    expect(await earlierOf(again)).toEqual({
      kind: 'begun',
      upTo: ['7', { hex: 'ff' }],
      tally: tallyOf(3),
      divergences: [rowOf('1')]
    })
    await again.keep()
  })

  test('gathers the divergences of several runs', async () => {
    await cutShort()
    const second = await open()
    await second.begin(headerAt(LATER), SERVERS)
    await second.table(ORDERS, 'shape', true)
    await second.divergences([rowOf('9')])
    await second.reached(['10'], tallyOf(4))
    await second.keep()
    const third = await open()
    expect(await earlierOf(third)).toMatchObject({ upTo: ['10'], divergences: [rowOf('1'), rowOf('9')] })
    await third.table(ORDERS, 'shape', true)
    await third.divergences([rowOf('11')])
    await third.finished(resultOf('orders', { status: 'divergent' }))
    await third.keep()
    const last = await open()
    expect(await earlierOf(last)).toMatchObject({
      kind: 'finished',
      divergences: [rowOf('1'), rowOf('9'), rowOf('11')]
    })
    await last.keep()
  })

  test('forgets a table that was begun again, that has another shape, or that failed', async () => {
    await cutShort()
    const again = await open()
    expect(again.earlier(ORDERS, 'another shape')).toBeNull()
    await again.table(ORDERS, 'another shape', false)
    await again.divergences([rowOf('2')])
    await again.reached(['3'], tallyOf(1))
    await again.table(ITEMS, 'shape', false)
    await again.finished(resultOf('items', { status: 'failed' }))
    await again.keep()
    const third = await open()
    expect(third.earlier(ORDERS, 'shape')).toBeNull()
    expect(third.earlier(ITEMS, 'shape')).toBeNull()
    expect(await earlierOf(third, ORDERS, 'another shape')).toMatchObject({ upTo: ['3'], divergences: [rowOf('2')] })
    await third.keep()
  })

  test('is for its owner only, and is gone when the audit comes to its end', async () => {
    const checkpoint = await open()
    await checkpoint.begin(headerAt(FIRST), SERVERS)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain('secret')
    await checkpoint.done()
    expect(existsSync(path)).toBe(false)
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  test('of which nothing was begun is not left behind', async () => {
    expect(await (await open()).keep()).toBeNull()
    expect(existsSync(path)).toBe(false)
  })

  test('cut anywhere, as by a crash, is of use up to there', async () => {
    await cutShort()
    const whole = readFileSync(path)
    const head = whole.indexOf('\n') + 1
    for (let size = 0; size <= whole.length; size += CUT_EVERY) {
      writeFileSync(path, whole.subarray(0, size))
      const checkpoint = await open()
      expect(checkpoint.startedAt).toBe(size < head ? null : FIRST)
      const begun = await earlierOf(checkpoint)
      if (begun !== null) expect(begun.divergences).toEqual([rowOf('1')])
      // What is added now must not run into half a line.
      await checkpoint.begin(headerAt(LATER), SERVERS)
      await checkpoint.table(ITEMS, 'new', false)
      await checkpoint.finished(resultOf('items'))
      await checkpoint.keep()
      const after = await open()
      expect(after.earlier(ITEMS, 'new')?.kind).toBe('finished')
      expect(await earlierOf(after)).toEqual(begun)
      await after.keep()
    }
  }, 60_000)
})

describe('is refused', () => {
  test('for a configuration that would have another result, saying what differs', async () => {
    await cutShort()
    await expect(open(configOf({ where: 'a > 1', ignoreColumns: ['b'] }))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/ignoreColumns was \[\] and is \["b"\]; where was null and is "a > 1"/)
    })
    const [a, b] = configOf().masters
    if (a === undefined || b === undefined) throw new Error('two masters')
    await expect(open(configOf({ masters: [b, a] }))).rejects.toThrow('masters was ["a","b"] and is ["b","a"]')
    // Nothing was changed by that, and speed does not matter.
    const again = await open(configOf({ chunkRows: 50, concurrency: 7, runTime: 3 }))
    expect(again.startedAt).toBe(FIRST)
    await again.keep()
  })

  test('for other servers', async () => {
    await cutShort()
    const checkpoint = await open()
    const other = checkpoint.begin(headerAt(LATER), { ...SERVERS, b: 'uuid-3' })
    await expect(other).rejects.toThrow('master b was uuid-2 and is uuid-3')
    expect(await checkpoint.keep()).toBe('x.resume')
  })

  test('for another run while it is used', async () => {
    const checkpoint = await open()
    await expect(open()).rejects.toMatchObject({ code: 'incomplete', message: expect.stringContaining('is busy') })
    await checkpoint.keep()
    await (await open()).keep()
  })

  test.each([
    ['another kind of file', '{"version":1}\n', 'another kind of file'],
    ['a text without a line end', 'hello', 'another kind of file'],
    ['another format', '{"checkpoint":2}\n', 'another version']
  ])('for %s, which is left as it is', async (_, text, reason) => {
    writeFileSync(path, text)
    await expect(open()).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(reason) })
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  test('for a folder that is not there', async () => {
    await expect(open(configOf(), join(folder, 'no', 'x'))).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a checkpoint of its own', () => {
  test('lies in the first folder that can be written to', async () => {
    const folders = [join(folder, 'missing'), folder]
    const checkpoint = CheckpointFile.unnamed(folders, 'own.resume', configOf(), (error) => troubles.push(error))
    expect(existsSync(join(folder, 'own.resume'))).toBe(false)
    await checkpoint.begin(headerAt(FIRST), SERVERS)
    expect(await checkpoint.keep()).toBe(join(folder, 'own.resume'))
    expect(troubles).toEqual([])
  })

  test('that can be kept nowhere is told of once, and ends nothing', async () => {
    const folders = [join(folder, 'missing')]
    const checkpoint = CheckpointFile.unnamed(folders, 'own.resume', configOf(), (error) => troubles.push(error))
    await checkpoint.begin(headerAt(FIRST), SERVERS)
    await checkpoint.table(ORDERS, 'shape', false)
    await checkpoint.reached(['1'], tallyOf(1))
    expect(await checkpoint.keep()).toBeNull()
    expect(troubles).toHaveLength(1)
  })
})

test('a file that somebody cut meanwhile is begun anew where it ends', async () => {
  await cutShort()
  truncateSync(path, 0)
  const checkpoint = await open()
  expect(checkpoint.startedAt).toBeNull()
  await checkpoint.keep()
})
