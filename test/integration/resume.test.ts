import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { labDiverge } from '../../src/lab/index.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Many chunks, so that there are many moments to be cut short at. */
const SMALL_CHUNKS = ['--chunk-rows', '50']
const ROWS = 2_000
/** Less than an audit takes, and enough to begin one. */
const RUN_TIME = '0.3s'
/** A run that is cut short this often was cut short often enough. */
const MOST_CUTS = 3

describe.each(representativeKinds())('an audit of %s that is cut short', (kind) => {
  let lab: TestLab
  let folder: string
  let whole: unknown
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: ROWS })
    await labDiverge({ dir: lab.dir, count: 3 })
    // A table without a key has no place to go on from.
    for (const master of ['a', 'b']) {
      await lab.runLocally(
        master,
        'CREATE TABLE retail_db.log_lines (line VARCHAR(30))',
        `INSERT INTO retail_db.log_lines SELECT CONCAT('line ', order_id) FROM retail_db.orders WHERE order_id < 500`,
        `INSERT INTO retail_db.log_lines VALUES ('only on ${master}')`
      )
    }
    whole = plain((await lab.diff(SMALL_CHUNKS)).report)
  })
  afterAll(() => lab?.down())
  beforeEach(async () => {
    folder = await mkdtemp(join(lab.dir, 'run-'))
  })

  /** Runs `mmaudit diff` in the folder of the test. */
  function diff(args: readonly string[], kill?: (send: (signal: NodeJS.Signals) => void) => Promise<void>) {
    let killing: Promise<void> | null = null
    return mmaudit(['diff', '--config', join(lab.dir, 'mmaudit.yaml'), '--json', 'report.json', ...args], {
      cwd: folder,
      onOutput: (_text, send) => {
        if (kill !== undefined) killing ??= kill(send)
      }
    }).finally(() => killing)
  }

  async function report(): Promise<ReportFile> {
    return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as ReportFile
  }

  const checkpoint = () => join(folder, 'x.resume')

  const saved = () => readFile(checkpoint(), 'utf8').catch(() => '')

  /** Lets the run get somewhere: until what it saved is enough, or it ended. */
  async function until(isEnough: (text: string) => boolean): Promise<void> {
    for (let tries = 0; tries < 2_000 && !isEnough(await saved()); tries++) await sleep(4)
  }

  const begun = () => until((text) => text !== '')
  const oneTable = () => until((text) => text.includes('{"result"'))
  async function grown(by: number): Promise<void> {
    const before = (await saved()).length
    await until((text) => text.length >= before + by || text === '')
  }

  /** Is cut short by a signal, again and again, and then runs to its end. Returns how often it was cut short. */
  async function withCuts(signal: NodeJS.Signals, args: readonly string[] = SMALL_CHUNKS): Promise<number> {
    let cuts = 0
    for (; cuts < MOST_CUTS; cuts++) {
      const run = await diff([...args, '--resume', 'x.resume'], async (send) => {
        await (cuts === 0 ? begun() : grown(Math.random() * 3_000))
        send(signal)
      })
      if (run.code < 2 && run.code >= 0) return cuts
      expect(run.code).toBe({ SIGINT: 130, SIGTERM: 143 }[signal as string] ?? -2)
      if (signal !== 'SIGKILL') expect(run.stderr).toContain('go on with: mmaudit diff … --resume x.resume')
      expect(existsSync(checkpoint())).toBe(true)
    }
    expect((await diff([...args, '--resume', 'x.resume'])).code).toBe(1)
    return cuts
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'by %s tells in the end what one in one piece tells',
    async (signal) => {
      const cuts = await withCuts(signal)
      expect(cuts).toBeGreaterThan(0)
      expect(plain(await report())).toEqual(whole)
      // A process that is killed leaves its unfinished report behind, under a hidden name.
      const files = (await left(folder)).filter((file) => !file.startsWith('.report.json.'))
      expect(files, 'nothing is left for the next night').toEqual(['report.json'])
    }
  )

  it('reads only what was not compared before', async () => {
    await diff([...SMALL_CHUNKS, '--resume', 'x.resume'], async (send) => {
      await grown(8_000)
      send('SIGTERM')
    })
    // The first table, which was compared already; what comes to differ there now is not looked for.
    expect(await saved()).toMatch(/"result":\{"database":"retail_db","table":"customers"/)
    await lab.runLocally(
      'a',
      'UPDATE retail_db.customers SET credit = credit + 1, updated_at = updated_at WHERE customer_id = 7'
    )
    try {
      const run = await diff([...SMALL_CHUNKS, '--resume', 'x.resume'])
      expect(run.code).toBe(1)
      expect(run.stderr).toContain('going on with the audit that began')
      expect(plain(await report())).toEqual(whole)
    } finally {
      await lab.runLocally(
        'a',
        'UPDATE retail_db.customers SET credit = credit - 1, updated_at = updated_at WHERE customer_id = 7'
      )
    }
  })

  it('saves its progress unasked, and says how to go on', async () => {
    const run = await diff(SMALL_CHUNKS, async (send) => {
      await sleep(300)
      send('SIGINT')
    })
    expect(run.code).toBe(130)
    const name = (await left(folder)).find((file) => file.endsWith('.resume')) ?? ''
    expect(name).toMatch(/^mmaudit-\d{8}T\d{6}Z-[0-9a-f]{4}\.resume$/)
    expect(run.stderr).toContain(`go on with: mmaudit diff … --resume ${name}`)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await report()).summary.complete).toBe(false)
    expect((await diff([...SMALL_CHUNKS, '--resume', name])).code).toBe(1)
    expect(plain(await report())).toEqual(whole)
    expect(await left(folder)).toEqual(['report.json'])
  })

  it('ends at once by a second signal, and keeps what was saved', async () => {
    const run = await diff([...SMALL_CHUNKS, '--resume', 'x.resume'], async (send) => {
      await oneTable()
      send('SIGTERM')
      send('SIGTERM')
      send('SIGINT')
    })
    expect([130, 143]).toContain(run.code)
    expect((await diff([...SMALL_CHUNKS, '--resume', 'x.resume'])).code).toBe(1)
    expect(plain(await report())).toEqual(whole)
  })

  it('ends in order when its run time is over, and goes on', async () => {
    let run: Run = await diff([...SMALL_CHUNKS, '--run-time', RUN_TIME, '--resume', 'x.resume'])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('go on with: mmaudit diff … --resume x.resume')
    expect((await report()).summary.complete).toBe(false)
    run = await diff([...SMALL_CHUNKS, '--resume', 'x.resume'])
    expect(run.code).toBe(1)
    expect(plain(await report())).toEqual(whole)
  })

  it('goes on to its end when the disk of its progress is full, and says so', async (test) => {
    const full = await tinyDisk(folder, '16k')
    if (full === null) return test.skip('a tmpfs cannot be mounted here')
    try {
      await writeFile(join(full, 'filler'), Buffer.alloc(12_288))
      const run = await diff([...SMALL_CHUNKS, '--resume', 'disk/x.resume'])
      expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('progress could not be saved') })
      expect(run.stderr).toContain('ENOSPC')
      expect(plain(await report())).toEqual(whole)
      expect(await left(full)).toEqual(['filler'])
    } finally {
      unmount(full)
    }
  })

  it('leaves no partial report on a full disk, and keeps its progress to write it another time', async (test) => {
    const full = await tinyDisk(folder, '8k')
    if (full === null) return test.skip('a tmpfs cannot be mounted here')
    try {
      const run = await diff(['--json', 'disk/report.json', '--resume', 'x.resume'])
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('go on with: mmaudit diff') })
      expect(await left(full)).toEqual([])
    } finally {
      unmount(full)
    }
    // On another device than the working directory, and without reading a row again.
    const elsewhere = await mkdtemp(join(tmpdir(), 'mmaudit-report-'))
    const file = join(elsewhere, 'report.json')
    expect((await diff(['--json', file, '--resume', 'x.resume'])).code).toBe(1)
    const { divergences } = JSON.parse(await readFile(file, 'utf8')) as ReportFile
    expect(divergences).toEqual((whole as ReportFile).divergences)
    expect(await left(elsewhere)).toEqual(['report.json'])
    await rm(elsewhere, { recursive: true })
    expect(existsSync(checkpoint())).toBe(false)
  })

  it('is refused to a second run at the same time', async () => {
    let second: Promise<Run> | null = null
    const first = diff([...SMALL_CHUNKS, '--resume', 'x.resume'], async () => {
      await begun()
      second = diff([...SMALL_CHUNKS, '--resume', 'x.resume', '--json', 'second.json'])
      await second
    })
    await first
    expect(await second).toMatchObject({ code: 2, stderr: expect.stringContaining('x.resume is busy: an audit') })
    expect(existsSync(join(folder, 'second.json'))).toBe(false)
    expect(plain(await report())).toEqual(whole)
  })

  describe('later', () => {
    let kept: string
    beforeAll(async () => {
      folder = await mkdtemp(join(lab.dir, 'run-'))
      await diff([...SMALL_CHUNKS, '--resume', 'x.resume'], async (send) => {
        await oneTable()
        send('SIGTERM')
      })
      kept = join(lab.dir, 'kept.resume')
      await copyFile(checkpoint(), kept)
    })
    beforeEach(() => copyFile(kept, checkpoint()))

    it.each([
      ['other conditions', ['--where', '1 = 1'], 'where was null and is "1 = 1"'],
      ['other columns', ['--ignore-columns', 'updated_at'], 'ignoreColumns was [] and is ["updated_at"]'],
      ['other tables', ['retail_db.customers'], 'include was'],
      ['other rules', ['--strict-schema'], 'strictSchema was false and is true'],
      ['fewer doubts', ['--no-confirm'], 'confirm was true and is false'],
      ['another checksum', ['--checksum', 'pushdown'], 'checksum was "xxhash" and is "pushdown"']
    ])('is refused for %s, and left as it was', async (_, args, reason) => {
      const run = await diff([...args, '--resume', 'x.resume'])
      expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining(reason) })
      expect(run.stderr).toContain('delete the file to begin anew, or name another')
      expect(await readFile(checkpoint(), 'utf8')).toBe(await readFile(kept, 'utf8'))
      expect(await left(folder)).toEqual(['x.resume'])
    })

    it('is refused for other servers', async () => {
      const swapped = ['a', 'b'].map((name, at) => `${name}=${lab.masterUrl('ba'.charAt(at)).slice(2)}`)
      const text = await readFile(join(lab.dir, 'mmaudit.yaml'), 'utf8')
      expect(text).toContain('masters')
      const run = await mmaudit(
        [
          'diff',
          '--config',
          join(lab.dir, 'mmaudit.yaml'),
          ...swapped.flatMap((url) => ['--master', url]),
          '--resume',
          'x.resume'
        ],
        { cwd: folder }
      )
      expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('master a was ') })
    })

    it('begins a table again whose shape has changed since', async () => {
      const alter = async (change: string) => {
        for (const master of ['a', 'b']) await lab.runLocally(master, `ALTER TABLE retail_db.customers ${change}`)
      }
      await alter("ADD COLUMN extra VARCHAR(5) NOT NULL DEFAULT 'x'")
      await lab.runLocally(
        'a',
        "UPDATE retail_db.customers SET extra = 'y', updated_at = updated_at WHERE customer_id = 7"
      )
      try {
        expect((await diff([...SMALL_CHUNKS, '--resume', 'x.resume'])).code).toBe(1)
        const keys = (await report()).divergences.filter(({ table }) => table === 'customers').map(({ key }) => key)
        expect(keys).toContainEqual({ customer_id: '7' })
        expect(new Set(keys.map((key) => JSON.stringify(key))).size, 'none is told twice').toBe(keys.length)
      } finally {
        await alter('DROP COLUMN extra')
      }
    })

    it('fails a table that one master has lost since', async () => {
      await lab.runLocally('b', 'RENAME TABLE retail_db.customers TO retail_db.gone')
      try {
        expect((await diff([...SMALL_CHUNKS, '--resume', 'x.resume'])).code).toBe(2)
        const customers = (await report()).tables.find(({ table }) => table === 'customers')
        expect(customers).toMatchObject({ status: 'failed', reason: expect.stringContaining('does not exist on b') })
      } finally {
        await lab.runLocally('b', 'RENAME TABLE retail_db.gone TO retail_db.customers')
      }
    })

    it('shows with --repair what a whole audit would', async () => {
      const args = [...SMALL_CHUNKS, '--repair', '--dry-run', '--policy', 'prefer:a', '--max-percent', '100']
      expect((await diff([...args, '--max-deletes', '1000', '--resume', 'x.resume'])).code).toBe(1)
      const resumed = plain(await report())
      expect((await diff([...args, '--max-deletes', '1000'])).code).toBe(1)
      const { repair: _, ...expected } = plain(await report()) as Record<string, unknown>
      expect(resumed).toMatchObject(expected)
    })

    it('is no report', async () => {
      await writeFile(join(folder, 'rows.csv'), 'database,table\n')
      const run = await diff(['--resume', 'rows.csv'])
      expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('another kind of file') })
      expect(await readFile(join(folder, 'rows.csv'), 'utf8')).toBe('database,table\n')
    })

    // It changes the rows, so it comes last.
    it('repairs what was found before and after', async () => {
      const limits = ['--max-percent', '100', '--max-deletes', '1000']
      const repair = ['--repair', '--yes', '--policy', 'prefer:a', '--journal', 'x.journal', ...limits]
      const account = ['--config', join(lab.dir, 'repair.yaml')]
      const run = await diff([...SMALL_CHUNKS, ...account, ...repair, '--resume', 'x.resume'])
      const { divergences } = await report()
      const applied = divergences.filter(({ decision }) => decision?.status === 'applied')
      expect(new Set(applied.map(({ table }) => table)).size, run.stderr).toBeGreaterThan(1)
      expect(applied.map(({ table }) => table)).toContain('customers')
      expect(existsSync(checkpoint())).toBe(false)
      const { tables } = (await lab.diff(SMALL_CHUNKS)).report
      expect(tables.find(({ table }) => table === 'customers')).toMatchObject({ status: 'consistent' })
    })
  })
})

/** A report without what differs from run to run. */
function plain(report: ReportFile): unknown {
  const { startedAt: _started, finishedAt: _finished, ...others } = report
  const { costs: _costs, ...rest } = others as typeof others & { costs?: unknown }
  return { ...rest, masters: report.masters.map(({ position: _, ...master }) => master) }
}

/** A file system of its own below a folder; `null`, said loudly, where none can be mounted. */
async function tinyDisk(folder: string, size: string): Promise<string | null> {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'mmaudit-test', disk], { encoding: 'utf8' })
  if (mounted.status === 0) return disk
  process.stderr.write(`\n*** LEFT OUT: nothing was tried on a full disk: ${mounted.stderr ?? mounted.error}\n\n`)
  return null
}

function unmount(disk: string): void {
  spawnSync('umount', [disk])
}

async function left(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).sort()
}
