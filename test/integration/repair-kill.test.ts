import { existsSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type JournalContents, parseJournal } from '../../src/repair/apply/journal-records.js'
import { Pause, withFault } from '../support/fault-point.js'
import { holdSession } from '../support/held-session.js'
import { mmauditInside } from '../support/inside.js'
import { EARLY_FAULTS, killPoints, LAST_MASTER, LATE_FAULTS, UNDO_FAULTS, WRITE } from '../support/kill-points.js'
import { mmaudit, type Run, type RunOptions } from '../support/mmaudit.js'
import { NOTES, POLICIES, plantNotes, type Rows, readNotes, wantedNotes } from '../support/planted-notes.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))

/** A run that was killed has no exit status. */
const KILLED = -2
describe.each(replicating)('a repair on %s', (kind) => {
  /** What happens to a file is the same whatever the server. */
  const isFirst = kind === replicating[0]
  let lab: TestLab
  let journal: string
  let config: readonly string[]
  let planted: Rows
  let repaired: Rows
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3, rows: 30 })
    journal = join(lab.dir, 'repair.journal')
    config = ['--config', join(lab.dir, 'repair.yaml')]
    await plantNotes(lab)
    planted = await readNotes(lab)
  })
  afterAll(() => lab?.down())
  beforeEach(async () => {
    await rm(journal, { force: true })
    await plantNotes(lab)
  })

  /** Only what is struck needs a process of its own to die in. */
  const command = (args: readonly string[], options?: RunOptions) =>
    options === undefined ? mmauditInside(args) : mmaudit(args, options)
  const diff = (options?: RunOptions) =>
    command(['diff', NOTES, ...config, '--repair', ...POLICIES, '--journal', journal], options)
  const repair = (report: string, options?: RunOptions) =>
    command(['repair', report, ...config, ...POLICIES, '--journal', journal], options)
  const undo = (options?: RunOptions) => command(['undo', journal, ...config, '--yes', '--no-color'], options)
  const contents = async (): Promise<JournalContents> => parseJournal(await readFile(journal, 'utf8'))

  async function saveReport(): Promise<string> {
    const file = join(lab.dir, 'saved.json')
    const run = await mmauditInside(['diff', NOTES, ...config, '--json', file, '--no-color'])
    expect(run, run.stderr).toMatchObject({ code: 1 })
    return file
  }

  async function expectRepaired(run: Run): Promise<void> {
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    expect(await readNotes(lab)).toEqual(repaired)
    const changed = (await contents()).committed.map((change) => `${change.master} ${JSON.stringify(change.key)}`)
    expect(changed, 'no row is written twice').toHaveLength(new Set(changed).size)
  }

  async function expectTakenBack(run: Run): Promise<void> {
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    expect(await readNotes(lab)).toEqual(planted)
    const { unresolved } = await contents()
    expect([...unresolved.keys()]).toEqual([])
  }

  it('that nobody disturbs makes all masters agree, and can be taken back', async () => {
    const run = await diff()
    repaired = await readNotes(lab)
    expect(repaired.b).toEqual(repaired.a)
    expect(repaired.c).toEqual(repaired.a)
    expect(repaired.a).toEqual(wantedNotes(planted))
    await expectRepaired(run)
    expect((await stat(journal)).mode & 0o777).toBe(0o600)
    const { committed, lastTransaction } = await contents()
    expect(lastTransaction).toBeGreaterThanOrEqual(6)
    await expectRepaired(await diff())
    expect((await contents()).committed, 'a second run writes nothing').toEqual(committed)
    await expectTakenBack(await undo())
    const { lastChange } = await contents()
    await expectTakenBack(await undo())
    expect((await contents()).lastChange, 'a second undo writes nothing').toBe(lastChange)
  })

  it.each(killPoints(EARLY_FAULTS, isFirst))('killed %s is done by the same command', async (_, fault) => {
    expect(await diff(withFault(fault))).toMatchObject({ code: KILLED })
    expect(await readNotes(lab)).toEqual(planted)
    await expectRepaired(await diff())
  })

  it.each(killPoints(LATE_FAULTS, isFirst))(
    'killed %s is finished by the same command, and can be taken back',
    async (_, fault) => {
      expect(await diff(withFault(fault))).toMatchObject({ code: KILLED })
      await expectRepaired(await diff())
      await expectTakenBack(await undo())
    }
  )

  it.each([
    ['between two masters', LATE_FAULTS['before the first COMMIT on the last master']],
    ['after COMMIT', LATE_FAULTS['after COMMIT, before the journal knows']],
    ['before COMMIT', LATE_FAULTS['after the journal is written, before COMMIT']]
  ] as const)('of a saved report, killed %s, is finished by the same command', async (_, fault) => {
    const report = await saveReport()
    expect(await repair(report, withFault(fault))).toMatchObject({ code: KILLED })
    await expectRepaired(await repair(report))
    await expectTakenBack(await undo())
  })

  it('that was killed is taken back without being finished', async () => {
    expect(await diff(withFault({ call: 'run', matching: '^COMMIT', when: 'after', nth: 4 }))).toMatchObject({
      code: KILLED
    })
    expect(await readNotes(lab)).not.toEqual(planted)
    await expectTakenBack(await undo())
  })

  it('killed after a COMMIT of which a row was set back since is known to be committed', async () => {
    expect(await diff(withFault(LATE_FAULTS['after COMMIT, before the journal knows']))).toMatchObject({
      code: KILLED
    })
    const open = [...(await contents()).unresolved.values()].flat()
    const { master = '', key, before } = open.find((change) => change.after === null) ?? {}
    const row = Object.entries(before ?? {})
    const [columns, values] = [0, 1].map((part) => row.map((each) => each[part]).join(', '))
    await lab.runLocally(master, `INSERT INTO ${NOTES} (${columns}) VALUES (${values})`)
    const run = await diff()
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    expect(await readNotes(lab)).toEqual(repaired)
    const { committed } = await contents()
    const writes = committed.filter((change) => change.master === master && change.key.id === key?.id)
    expect(writes, 'by the run that was killed, and once more').toHaveLength(2)
    await expectTakenBack(await undo())
  })

  it.each([
    ['SIGINT', 130, { call: 'run', matching: WRITE, when: 'before', nth: 5 }],
    ['SIGTERM', 143, { call: 'run', matching: '^COMMIT', when: 'sent', nth: 2 }],
    ['SIGINT', 130, { call: 'run', matching: '^START', master: LAST_MASTER, when: 'before', nth: 5 }]
  ] as const)(
    'that is asked to end by %s ends in order with %i, and says how to go on',
    async (action, code, point) => {
      const run = await diff(withFault({ ...point, action }))
      expect(run, run.stdout + run.stderr).toMatchObject({ code })
      expect(run.stdout + run.stderr).toContain(`--journal ${journal}`)
      expect(existsSync(`${journal}.lock`)).toBe(false)
      expect((await contents()).unresolved.size).toBe(0)
      expect((await contents()).committed.length).toBeGreaterThan(0)
      await expectRepaired(await diff())
      await expectTakenBack(await undo())
    }
  )

  it('that is asked to end before anything is written has changed nothing', async () => {
    const run = await diff(withFault({ call: 'open', when: 'after', action: 'SIGINT' }))
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 130 })
    expect(run.stderr).toContain('nothing was changed on any master')
    expect(await readNotes(lab)).toEqual(planted)
    expect(existsSync(`${journal}.lock`)).toBe(false)
  })

  it('that is taken back and asked to end meanwhile can be taken back further', async () => {
    await expectRepaired(await diff())
    const run = await undo(withFault({ call: 'run', matching: '^COMMIT', when: 'after', nth: 2, action: 'SIGTERM' }))
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 143 })
    expect(run.stderr).toContain('run the same command again')
    await expectTakenBack(await undo())
  })

  it.each(killPoints(UNDO_FAULTS, isFirst))('is taken back although that was killed %s', async (_, fault) => {
    await expectRepaired(await diff())
    expect(await undo(withFault(fault))).toMatchObject({ code: KILLED })
    const run = await undo()
    await expectTakenBack(run)
  })

  it('that was killed finds out of a COMMIT that the server carries out long after the run was killed', async () => {
    const commit = { call: 'run', matching: '^COMMIT', master: 'b' } as const
    const [before, after] = [new Pause(join(lab.dir, 'before')), new Pause(join(lab.dir, 'after'))]
    const killed = diff(withFault(before.fault({ ...commit, when: 'before' }), { ...commit, when: 'sent' }))
    await before.reached()
    const holder = await holdSession(lab, 'b', 'FLUSH TABLES WITH READ LOCK')
    await before.letGo()
    expect(await killed).toMatchObject({ code: KILLED })
    const finished = diff(withFault(after.fault({ call: 'open', when: 'after' })))
    await after.reached()
    await after.letGo()
    await sleep(1_000)
    await holder.close()
    await finished
    expect(await readNotes(lab)).toEqual(repaired)
    await expectTakenBack(await undo())
  })
})
