import { existsSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type JournalContents, parseJournal } from '../../src/repair/apply/journal-records.js'
import { type Fault, Pause, withFault } from '../support/fault-point.js'
import { holdSession } from '../support/held-session.js'
import { mmaudit, type Run, type RunOptions } from '../support/mmaudit.js'
import { NOTES, POLICIES, plantNotes, type Rows, readNotes, wantedNotes } from '../support/planted-notes.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))

/** A run that was killed has no exit status. */
const KILLED = -2
/** Transactions on a, b and c in turn: 250, 340 and 320 steps or so, at most 200 each. */
const LAST_MASTER = 'c'
const WRITE = '^(INSERT|UPDATE|DELETE)'
/** Text is written as it is, or as its bytes. */
const PARKING = `^UPDATE .* SET .*(mmaudit-parked-|${Buffer.from('mmaudit-parked-').toString('hex')}).* WHERE`

/** Nothing is committed yet. */
const EARLY_FAULTS: Readonly<Record<string, Fault>> = {
  'before the journal is opened': { call: 'open', when: 'before' },
  'before anything is written': { call: 'open', when: 'after' },
  'with the first letters of the journal': { call: 'append', matching: '"journal":', when: 'after', part: 0.05 },
  'with half of the first line of the journal': { call: 'append', matching: '"journal":', when: 'after' },
  'before the first transaction': { call: 'run', matching: '^START', when: 'before' },
  'after the first transaction has begun': { call: 'run', matching: '^START', when: 'after', nth: 3 },
  'between the locks of two masters': { call: 'stream', matching: 'IN SHARE MODE$', when: 'after' },
  'before the first write': { call: 'run', matching: WRITE, when: 'before' },
  'while the first write is under way': { call: 'run', matching: WRITE, when: 'sent' },
  'after the first write': { call: 'run', matching: WRITE, when: 'after' },
  'after the second write': { call: 'run', matching: WRITE, when: 'after', nth: 2 }
}

/** Some transactions are committed. */
const LATE_FAULTS: Readonly<Record<string, Fault>> = {
  // The row has the far value now, and its own one is not yet free.
  'while a row is parked': { call: 'run', matching: PARKING, master: 'b', when: 'after' },
  'before the journal is written': { call: 'prepare', when: 'before', nth: 2 },
  'in the middle of the changes in the journal': { call: 'append', matching: '"prepared":2,', when: 'after' },
  'in the middle of a letter in the journal': {
    call: 'append',
    matching: '"prepared":3,',
    when: 'after',
    part: 0.50001
  },
  'before the journal is flushed': { call: 'datasync', when: 'before', nth: 2 },
  'after the journal is written, before COMMIT': { call: 'prepare', when: 'after', nth: 2 },
  'with COMMIT sent and not answered': { call: 'run', matching: '^COMMIT', when: 'sent', nth: 2 },
  'after COMMIT, before the journal knows': { call: 'run', matching: '^COMMIT', when: 'after', nth: 2 },
  'in the middle of the record of a COMMIT': { call: 'append', matching: '^{"committed":2,', when: 'after' },
  'after the record of a COMMIT': { call: 'committed', when: 'after', nth: 2 },
  'between two masters': { call: 'run', matching: '^START', master: LAST_MASTER, when: 'before', nth: 5 },
  'before the first COMMIT on the last master': {
    call: 'run',
    matching: '^COMMIT',
    master: LAST_MASTER,
    when: 'before'
  },
  'after the last COMMIT, before the journal knows': {
    ...{ call: 'run', matching: '^COMMIT', master: LAST_MASTER, when: 'after', nth: 2 }
  },
  'before the rows are read again': { call: 'left', when: 'after' },
  'while the rows are read again': { call: 'stream', proving: true, when: 'sent' },
  'before the journal is closed': { call: 'close', when: 'before' }
}

const UNDO_FAULTS: Readonly<Record<string, Fault>> = {
  'before the first write': { call: 'run', matching: WRITE, when: 'before' },
  'in the middle of the changes in the journal': { call: 'append', matching: '"prepared":', when: 'after', nth: 2 },
  'after the journal is written, before COMMIT': { call: 'prepare', when: 'after', nth: 2 },
  'with COMMIT sent and not answered': { call: 'run', matching: '^COMMIT', when: 'sent', nth: 2 },
  'after COMMIT, before the journal knows': { call: 'run', matching: '^COMMIT', when: 'after', nth: 2 },
  'between two masters': { call: 'run', matching: '^COMMIT', master: LAST_MASTER, when: 'before' }
}

describe.each(replicating)('a repair on %s', (kind) => {
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

  const diff = (options?: RunOptions) =>
    mmaudit(['diff', NOTES, ...config, '--repair', ...POLICIES, '--journal', journal], options)
  const repair = (report: string, options?: RunOptions) =>
    mmaudit(['repair', report, ...config, ...POLICIES, '--journal', journal], options)
  const undo = (options?: RunOptions) => mmaudit(['undo', journal, ...config, '--yes', '--no-color'], options)
  const contents = async (): Promise<JournalContents> => parseJournal(await readFile(journal, 'utf8'))

  async function saveReport(): Promise<string> {
    const file = join(lab.dir, 'saved.json')
    const run = await mmaudit(['diff', NOTES, ...config, '--json', file, '--no-color'])
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

  it.each(Object.entries(EARLY_FAULTS))('killed %s is done by the same command', async (_, fault) => {
    expect(await diff(withFault(fault))).toMatchObject({ code: KILLED })
    expect(await readNotes(lab)).toEqual(planted)
    await expectRepaired(await diff())
  })

  it.each(Object.entries(LATE_FAULTS))(
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
    expect(await repair(report, withFault(fault as Fault))).toMatchObject({ code: KILLED })
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

  it.each(Object.entries(UNDO_FAULTS))('is taken back although that was killed %s', async (_, fault) => {
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
