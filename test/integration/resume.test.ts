import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CutRuns, filesIn, plain, RESUME, SMALL_CHUNKS } from '../support/cut-runs.js'
import type { Run } from '../support/mmaudit.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { tinyDisk, unmount } from '../support/tiny-disk.js'

/** Less than an audit takes, and enough to begin one. */
const RUN_TIME = '0.3s'
/** A run that is cut short this often was cut short often enough. */
const MOST_CUTS = 3

describe.each(representativeKinds())('an audit of %s that is cut short', (kind) => {
  let on: CutRuns
  beforeAll(async () => {
    on = await CutRuns.start(kind)
  })
  afterAll(() => on?.lab.down())
  beforeEach(() => on.newFolder())

  /** Is cut short by a signal, again and again, and then runs to its end. Returns how often it was cut short. */
  async function withCuts(signal: NodeJS.Signals, args: readonly string[] = SMALL_CHUNKS): Promise<number> {
    let cuts = 0
    for (; cuts < MOST_CUTS; cuts++) {
      const run = await on.diff([...args, ...RESUME], async (send) => {
        await (cuts === 0 ? on.begun() : on.grown(Math.random() * 3_000))
        send(signal)
      })
      if (run.code < 2 && run.code >= 0) return cuts
      expect(run.code).toBe({ SIGINT: 130, SIGTERM: 143 }[signal as string] ?? -2)
      if (signal !== 'SIGKILL') {
        expect(run.stderr).toContain('go on with: mmaudit diff … --resume x.resume')
        expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain('the same command with --resume x.resume')
      }
      expect(existsSync(on.checkpoint)).toBe(true)
    }
    expect((await on.diff([...args, ...RESUME])).code).toBe(1)
    return cuts
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'by %s tells in the end what one in one piece tells',
    async (signal) => {
      const cuts = await withCuts(signal)
      expect(cuts).toBeGreaterThan(0)
      expect(plain(await on.report())).toEqual(on.whole)
      // A process that is killed leaves its unfinished report behind, under a hidden name.
      const files = (await filesIn(on.folder)).filter((file) => !file.startsWith('.report.json.'))
      expect(files, 'nothing is left for the next night').toEqual(['report.json'])
    }
  )

  it('reads only what was not compared before', async () => {
    await on.diff([...SMALL_CHUNKS, ...RESUME], async (send) => {
      await on.oneTable()
      send('SIGTERM')
    })
    // The first table, which was compared already; what comes to differ there now is not looked for.
    expect(await on.saved()).toMatch(/"result":\{"database":"retail_db","table":"customers"/)
    await on.lab.runLocally(
      'a',
      'UPDATE retail_db.customers SET credit = credit + 1, updated_at = updated_at WHERE customer_id = 7'
    )
    try {
      const run = await on.diff([...SMALL_CHUNKS, ...RESUME])
      expect(run.code).toBe(1)
      expect(run.stderr).toContain('going on with the audit that began')
      expect(plain(await on.report())).toEqual(on.whole)
    } finally {
      await on.lab.runLocally(
        'a',
        'UPDATE retail_db.customers SET credit = credit - 1, updated_at = updated_at WHERE customer_id = 7'
      )
    }
  })

  it('saves its progress unasked, and says how to go on', async () => {
    const run = await on.diff(SMALL_CHUNKS, async (send) => {
      await sleep(300)
      send('SIGINT')
    })
    expect(run.code).toBe(130)
    const name = (await filesIn(on.folder)).find((file) => file.endsWith('.resume')) ?? ''
    expect(name).toMatch(/^mmaudit-\d{8}T\d{6}Z-[0-9a-f]{4}\.resume$/)
    expect(run.stderr).toContain(`go on with: mmaudit diff … --resume ${name}`)
    expect((await stat(join(on.folder, name))).mode & 0o777).toBe(0o600)
    expect((await on.report()).summary.complete).toBe(false)
    expect((await on.diff([...SMALL_CHUNKS, '--resume', name])).code).toBe(1)
    expect(plain(await on.report())).toEqual(on.whole)
    expect(await filesIn(on.folder)).toEqual(['report.json'])
  })

  it('ends at once by a second signal, and keeps what was saved', async () => {
    const run = await on.diff([...SMALL_CHUNKS, ...RESUME], async (send) => {
      await on.oneTable()
      send('SIGTERM')
      send('SIGTERM')
      send('SIGINT')
    })
    expect([130, 143]).toContain(run.code)
    expect((await on.diff([...SMALL_CHUNKS, ...RESUME])).code).toBe(1)
    expect(plain(await on.report())).toEqual(on.whole)
  })

  it('ends in order when its run time is over, and goes on', async () => {
    let run: Run = await on.diff([...SMALL_CHUNKS, '--run-time', RUN_TIME, ...RESUME])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('go on with: mmaudit diff … --resume x.resume')
    expect((await on.report()).summary.complete).toBe(false)
    run = await on.diff([...SMALL_CHUNKS, ...RESUME])
    expect(run.code).toBe(1)
    expect(plain(await on.report())).toEqual(on.whole)
  })

  it('goes on to its end when the disk of its progress is full, and says so', async (test) => {
    const full = await tinyDisk(on.folder, '16k')
    if (full === null) return test.skip('a tmpfs cannot be mounted here')
    try {
      await writeFile(join(full, 'filler'), Buffer.alloc(12_288))
      const run = await on.diff([...SMALL_CHUNKS, '--resume', 'disk/x.resume'])
      expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('progress could not be saved') })
      expect(run.stderr).toContain('ENOSPC')
      expect(plain(await on.report())).toEqual(on.whole)
      expect(await filesIn(full)).toEqual(['filler'])
    } finally {
      unmount(full)
    }
  })

  it('leaves no partial report on a full disk, and keeps its progress to write it another time', async (test) => {
    const full = await tinyDisk(on.folder, '8k')
    if (full === null) return test.skip('a tmpfs cannot be mounted here')
    try {
      const run = await on.diff(['--json', 'disk/report.json', ...RESUME])
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('go on with: mmaudit diff') })
      expect(await filesIn(full)).toEqual([])
    } finally {
      unmount(full)
    }
    // On another device than the working directory, and without reading a row again.
    const elsewhere = await mkdtemp(join(tmpdir(), 'mmaudit-report-'))
    const file = join(elsewhere, 'report.json')
    expect((await on.diff(['--json', file, ...RESUME])).code).toBe(1)
    const { divergences } = JSON.parse(await readFile(file, 'utf8')) as ReportFile
    expect(divergences).toEqual((on.whole as ReportFile).divergences)
    expect(await filesIn(elsewhere)).toEqual(['report.json'])
    await rm(elsewhere, { recursive: true })
    expect(existsSync(on.checkpoint)).toBe(false)
  })

  it('is refused to a second run at the same time', async () => {
    let second: Promise<Run> | null = null
    const first = on.diff([...SMALL_CHUNKS, ...RESUME], async () => {
      await on.begun()
      second = on.diff([...SMALL_CHUNKS, ...RESUME, '--json', 'second.json'])
      await second
    })
    await first
    expect(await second).toMatchObject({ code: 2, stderr: expect.stringContaining('x.resume is busy: an audit') })
    expect(existsSync(join(on.folder, 'second.json'))).toBe(false)
    expect(plain(await on.report())).toEqual(on.whole)
  })
})
