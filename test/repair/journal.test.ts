import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { MasterInfo } from '../../src/model/master.js'
import { Journal, type NewChange, readJournal } from '../../src/repair/apply/journal.js'

const MASTERS = ['a', 'b'].map(
  (name, at): MasterInfo => ({
    ...{ name, host: '10.0.0.1', port: 3306 + at, vendor: 'mariadb', serverVersion: '10.11.6', serverId: at + 1 },
    position: '0-1-1'
  })
)

const change = (id: number, body = 'Łódź'): NewChange => ({
  ...{ master: 'b', database: 'shop', table: 'items', key: { id: String(id) }, why: 'conflict; rule 1' },
  before: { id: String(id), body: "'été'" },
  after: { id: String(id), body: `'${body}'` }
})

describe('a journal', () => {
  let folder: string
  let path: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-journal-'))
    path = join(folder, 'it.journal')
  })
  beforeEach(() => rm(path, { force: true }))
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const open = (run = 'run 1') => Journal.open(path, run, MASTERS)
  const keys = (changes: readonly { readonly key: NewChange['key'] }[]) => changes.map(({ key }) => key.id)

  /** One transaction that was committed, one that was given up, and one that was cut off. */
  async function threeTransactions(): Promise<void> {
    const journal = await open()
    await journal.committed(await journal.prepare([change(1), change(2)]))
    await journal.abandoned(await journal.prepare([change(3)]))
    await journal.prepare([change(4)])
    await journal.close()
  }

  test('knows which ids were reserved, and which changes belong together', async () => {
    const journal = await open()
    const id = {
      database: 'shop',
      table: 'items',
      column: 'id',
      from: '7',
      key: ['7'],
      id: '12',
      master: 'b',
      keeper: 'a'
    }
    await journal.reserved([id])
    const family = { family: 'shop.items (id = 7)', guards: ['SELECT 1'] }
    await journal.committed(await journal.prepare([{ ...change(12), ...family }]))
    await journal.close()
    const { reserved, committed } = await readJournal(path)
    expect(reserved).toEqual([id])
    expect(committed).toMatchObject([family])
  })

  test('knows what was committed, what was given up and what is open', async () => {
    await threeTransactions()
    const contents = await readJournal(path)
    expect(keys(contents.committed)).toEqual(['1', '2'])
    expect([...contents.unresolved].map(([transaction, changes]) => [transaction, keys(changes)])).toEqual([[3, ['4']]])
    expect(contents).toMatchObject({ lastTransaction: 3, lastChange: 4 })
    expect(contents.masters).toMatchObject([
      { name: 'a', serverId: 1 },
      { name: 'b', serverId: 2 }
    ])
  })

  test('is gone on with where it ended, and what is found out later counts', async () => {
    await threeTransactions()
    const journal = await open('run 2')
    expect(keys(journal.earlier.committed)).toEqual(['1', '2'])
    await journal.committed(3)
    expect(await journal.prepare([change(5)])).toBe(4)
    await journal.close()
    const contents = await readJournal(path)
    expect(keys(contents.committed)).toEqual(['1', '2', '4'])
    expect(contents.unresolved.get(4)).toMatchObject([{ change: 5, transaction: 4 }])
  })

  test('is for its owner only, and a line each', async () => {
    await threeTransactions()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0])).toEqual([
      'journal',
      'change',
      'change',
      'prepared',
      'committed',
      'change',
      'prepared',
      'abandoned',
      'change',
      'prepared'
    ])
  })

  test('of which only a part of the end arrived loses that part and nothing else', async () => {
    await threeTransactions()
    const whole = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
        const part = whole.subarray(0, length)
        await writeFile(path, part)
        const before = await readJournal(path)
        const journal = await open('run 2')
        const number = await journal.prepare([change(9)])
        await journal.close()
        const bytes = await readFile(path)
        expect(bytes.subarray(0, part.lastIndexOf('\n') + 1)).toEqual(part.subarray(0, part.lastIndexOf('\n') + 1))
        const after = await readJournal(path)
        expect(keys(after.committed)).toEqual(keys(before.committed))
        expect([...after.unresolved.keys()]).toEqual([...before.unresolved.keys(), number])
        expect(keys(after.unresolved.get(number) ?? [])).toEqual(['9'])
      })
    )
  })

  test('holds changes that were not all written down for never made', async () => {
    const journal = await open()
    await journal.prepare([change(1), change(2)])
    await journal.close()
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.slice(0, text.indexOf('{"prepared"')))
    expect(await readJournal(path)).toMatchObject({ committed: [], unresolved: new Map(), lastTransaction: 1 })
  })

  test.each([
    'hello',
    'hello\n',
    '{"journal":"Nature","year":1999}',
    '{"journal":"Nature","year":1999}\n',
    '{"journal":2,"run":"x"}\n',
    '{"version":1,"tool":{"name":"mmaudit"}}\n'
  ])('refuses %j and leaves it as it is', async (text) => {
    await writeFile(path, text)
    await expect(open()).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('cannot be used') })
    await expect(readJournal(path)).rejects.toMatchObject({ code: 'usage' })
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await readdir(folder)).toEqual(['it.journal'])
  })

  test('refuses a line in its midst that is none of its own', async () => {
    await threeTransactions()
    await appendFile(path, 'scribble\n')
    const text = await readFile(path, 'utf8')
    await expect(open()).rejects.toThrow('line 11 is no journal record')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('is written by one run at a time', async () => {
    const journal = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('is busy: a repair')
    })
    await journal.close()
    await expect(open().then((again) => again.close())).resolves.toBeUndefined()
  })

  test('that was cut off leaves a lock that is nobody’s', async () => {
    await writeFile(`${path}.lock`, '999999999 1\na repair\n')
    const journal = await open()
    await journal.close()
    expect(await readdir(folder)).not.toContain('it.journal.lock')
  })

  test('in a folder that is not there cannot be used', async () => {
    await expect(Journal.open(join(folder, 'no', 'it.journal'), 'run', MASTERS)).rejects.toMatchObject({
      code: 'usage'
    })
  })
})
