import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CutRuns, filesIn, plain, RESUME, SMALL_CHUNKS } from '../support/cut-runs.js'
import { representativeKinds } from '../support/representative.js'

describe.each(representativeKinds())('the checkpoint of an audit of %s, later', (kind) => {
  let on: CutRuns
  let kept: string
  beforeAll(async () => {
    on = await CutRuns.start(kind)
    await on.newFolder()
    await on.diff([...SMALL_CHUNKS, ...RESUME], async (send) => {
      await on.oneTable()
      send('SIGTERM')
    })
    kept = join(on.lab.dir, 'kept.resume')
    await copyFile(on.checkpoint, kept)
  })
  afterAll(() => on?.lab.down())
  beforeEach(async () => {
    await on.newFolder()
    await copyFile(kept, on.checkpoint)
  })

  it.each([
    ['other conditions', ['--where', '1 = 1'], 'where was null and is "1 = 1"'],
    ['other columns', ['--ignore-columns', 'updated_at'], 'ignoreColumns was [] and is ["updated_at"]'],
    ['other tables', ['retail_db.customers'], 'include was'],
    ['other rules', ['--strict-schema'], 'strictSchema was false and is true'],
    ['fewer doubts', ['--no-confirm'], 'confirm was true and is false'],
    ['another checksum', ['--checksum', 'pushdown'], 'checksum was "xxhash" and is "pushdown"']
  ])('is refused for %s, and left as it was', async (_, args, reason) => {
    const run = await on.diff([...args, ...RESUME])
    expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining(reason) })
    expect(run.stderr).toContain('delete the file to begin anew, or name another')
    expect(await readFile(on.checkpoint, 'utf8')).toBe(await readFile(kept, 'utf8'))
    expect(await filesIn(on.folder)).toEqual(['x.resume'])
  })

  it('is refused for other servers', async () => {
    const swapped = ['a', 'b'].map((name, at) => `${name}=${on.lab.masterUrl('ba'.charAt(at)).slice(2)}`)
    const run = await on.diff([...swapped.flatMap((url) => ['--master', url]), ...RESUME])
    expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('master a was ') })
  })

  it('begins a table again whose shape has changed since', async () => {
    const alter = async (change: string) => {
      for (const master of ['a', 'b']) await on.lab.runLocally(master, `ALTER TABLE retail_db.customers ${change}`)
    }
    await alter("ADD COLUMN extra VARCHAR(5) NOT NULL DEFAULT 'x'")
    await on.lab.runLocally(
      'a',
      "UPDATE retail_db.customers SET extra = 'y', updated_at = updated_at WHERE customer_id = 7"
    )
    try {
      expect((await on.diff([...SMALL_CHUNKS, ...RESUME])).code).toBe(1)
      const keys = (await on.report()).divergences.filter(({ table }) => table === 'customers').map(({ key }) => key)
      expect(keys).toContainEqual({ customer_id: '7' })
      expect(new Set(keys.map((key) => JSON.stringify(key))).size, 'none is told twice').toBe(keys.length)
    } finally {
      await alter('DROP COLUMN extra')
    }
  })

  it('fails a table that one master has lost since', async () => {
    await on.lab.runLocally('b', 'RENAME TABLE retail_db.customers TO retail_db.gone')
    try {
      expect((await on.diff([...SMALL_CHUNKS, ...RESUME])).code).toBe(2)
      const customers = (await on.report()).tables.find(({ table }) => table === 'customers')
      expect(customers).toMatchObject({ status: 'failed', reason: expect.stringContaining('does not exist on b') })
    } finally {
      await on.lab.runLocally('b', 'RENAME TABLE retail_db.gone TO retail_db.customers')
    }
  })

  it('shows with --repair what a whole audit would', async () => {
    const args = [...SMALL_CHUNKS, '--repair', '--dry-run', '--policy', 'prefer:a', '--max-percent', '100']
    expect((await on.diff([...args, '--max-deletes', '1000', ...RESUME])).code).toBe(1)
    const resumed = plain(await on.report())
    expect((await on.diff([...args, '--max-deletes', '1000'])).code).toBe(1)
    const { repair: _, ...expected } = plain(await on.report()) as Record<string, unknown>
    expect(resumed).toMatchObject(expected)
  })

  it('is no report', async () => {
    await writeFile(join(on.folder, 'rows.csv'), 'database,table\n')
    const run = await on.diff(['--resume', 'rows.csv'])
    expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('another kind of file') })
    expect(await readFile(join(on.folder, 'rows.csv'), 'utf8')).toBe('database,table\n')
  })

  // It changes the rows, so it comes last.
  it('repairs what was found before and after', async () => {
    const limits = ['--max-percent', '100', '--max-deletes', '1000']
    const repair = ['--repair', '--yes', '--policy', 'prefer:a', '--journal', 'x.journal', ...limits]
    const account = ['--config', join(on.lab.dir, 'repair.yaml')]
    const run = await on.diff([...SMALL_CHUNKS, ...account, ...repair, ...RESUME])
    const { divergences } = await on.report()
    const applied = divergences.filter(({ decision }) => decision?.status === 'applied')
    expect(new Set(applied.map(({ table }) => table)).size, run.stderr).toBeGreaterThan(1)
    expect(applied.map(({ table }) => table)).toContain('customers')
    expect(existsSync(on.checkpoint)).toBe(false)
    const { tables } = (await on.lab.diff(SMALL_CHUNKS)).report
    expect(tables.find(({ table }) => table === 'customers')).toMatchObject({ status: 'consistent' })
  })
})
