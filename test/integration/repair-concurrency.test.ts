import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mariadbReplication } from '../../src/lab/replication/mariadb.js'
import { mysqlReplication } from '../../src/lab/replication/mysql.js'
import type { Decision } from '../../src/model/divergence.js'
import { parseJournal } from '../../src/repair/apply/journal-records.js'
import { type Fault, Pause, withFault } from '../support/fault-point.js'
import { holdSession } from '../support/held-session.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { NOTES, POLICIES, plantNotes, readNotes } from '../support/planted-notes.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Servers that the lab itself started can be killed. */
const local = representativeKinds().filter((kind) => !kind.includes(':'))

/** More often than that, no batch of three rows is locked: together, in parts, and alone until it is given up. */
const MOST_LOCKS = 20
const FIRST_TRANSACTION: Fault = { call: 'run', matching: '^START', when: 'before' }

describe.each(local)('while others write on %s', (kind) => {
  let lab: TestLab
  let pause: Pause
  let statements: { readonly start: string; readonly stop: string; readonly delay: (seconds: number) => string }
  let journal: string
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 30 })
    pause = new Pause(join(lab.dir, 'pause'))
    journal = join(lab.dir, 'repair.journal')
    statements =
      lab.state.masters[0]?.vendor === 'mysql'
        ? { ...mysqlReplication, delay: (seconds) => `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}` }
        : { ...mariadbReplication, delay: (seconds) => `CHANGE MASTER TO MASTER_DELAY = ${seconds}` }
  })
  afterAll(() => lab?.down())
  beforeEach(async () => {
    await rm(journal, { force: true })
    await pause.clear()
    await plantNotes(lab)
  })

  interface Repaired {
    readonly run: Run
    readonly status: (id: number) => Decision | null | undefined
    readonly counts: Readonly<Record<string, number>>
  }

  /** Repairs, and meets these points on the way. */
  async function repair(
    faults: readonly Fault[],
    { table = NOTES, policies = POLICIES, options = [] as readonly string[] } = {}
  ): Promise<Repaired> {
    const file = join(lab.dir, 'repaired.json')
    const args = ['diff', table, '--config', join(lab.dir, 'repair.yaml'), '--repair', ...policies]
    const run = await mmaudit([...args, '--journal', journal, '--json', file, ...options], withFault(...faults))
    const { divergences } = JSON.parse(await readFile(file, 'utf8')) as ReportFile
    const statuses = divergences.map(({ decision }) => decision?.status ?? 'none')
    return {
      run,
      status: (id) => divergences.find(({ key }) => key.id === String(id))?.decision,
      counts: Object.fromEntries(
        [...new Set(statuses)].map((each) => [each, statuses.filter((s) => s === each).length])
      )
    }
  }

  /** Repairs, and lets `meanwhile` happen at a point of it. */
  async function repairAround(
    point: Fault,
    meanwhile: () => Promise<unknown>,
    options: readonly string[] = []
  ): Promise<Repaired> {
    const running = repair([pause.fault(point)], { options })
    await pause.reached()
    await meanwhile()
    await pause.letGo()
    return running
  }

  async function expectReplicating(): Promise<void> {
    for (const { name } of lab.state.masters) {
      const [row] = await lab.query(name, kind.startsWith('mysql') ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS')
      const running = [
        row?.Replica_SQL_Running ?? row?.Slave_SQL_Running,
        row?.Replica_IO_Running ?? row?.Slave_IO_Running
      ]
      expect([name, ...running]).toEqual([name, 'Yes', 'Yes'])
    }
  }

  const bodies = async (id: number) =>
    Promise.all(lab.state.masters.map(({ name }) => lab.query(name, `SELECT body FROM ${NOTES} WHERE id = ${id}`)))

  it('a row that was changed, removed or added since it was planned is stale, and left alone', async () => {
    const { run, status, counts } = await repairAround(FIRST_TRANSACTION, async () => {
      await lab.run('b', `UPDATE ${NOTES} SET body = 'newer' WHERE id = 150`)
      await lab.runLocally('b', `DELETE FROM ${NOTES} WHERE id = 160`)
      await lab.runLocally('a', `UPDATE ${NOTES} SET body = 'winner' WHERE id = 170`)
      await lab.runLocally('b', `INSERT INTO ${NOTES} VALUES (310, 'x', 'came', 1, NULL, '2025-01-01 00:00:00')`)
    })
    expect(run, run.stderr).toMatchObject({ code: 1 })
    expect(counts).toMatchObject({ stale: 4 })
    expect(Object.keys(counts).sort()).toEqual(['applied', 'stale'])
    for (const id of [150, 160, 170, 310]) expect(status(id)).toMatchObject({ status: 'stale' })
    expect(status(150)?.reason).toContain('the row was changed on')
    expect(status(160)?.reason).toContain('b has lost the row since')
    expect(status(170)?.reason).toContain('the row was changed on a since')
    expect(status(310)?.reason).toContain('b has the row by now')
    expect(await bodies(150)).toEqual([[{ body: 'newer' }], [{ body: 'newer' }]])
    expect(await bodies(160)).toEqual([[{ body: 'Łódź 160' }], []])
    expect(await bodies(170)).toEqual([[{ body: 'winner' }], [{ body: 'été 170' }]])
    expect(await bodies(310)).toEqual([[{ body: 'Łódź 310' }], [{ body: 'came' }]])
    const { committed } = parseJournal(await readFile(journal, 'utf8'))
    expect(committed.filter(({ key }) => [150, 160, 170, 310].includes(Number(key.id)))).toEqual([])
    await expectReplicating()
  })

  it('a row that another session keeps locked fails with the reason, and the others are written', async () => {
    const holder = await holdSession(lab, 'b', 'BEGIN', `UPDATE ${NOTES} SET amount = 1 WHERE id = 77`)
    const { run, status, counts } = await repairAround(FIRST_TRANSACTION, async () => {})
    await holder.close()
    expect(run, run.stderr).toMatchObject({ code: 2 })
    expect(status(77)).toMatchObject({ status: 'failed', reason: expect.stringMatching(/lock wait timeout/i) })
    expect(counts).toMatchObject({ failed: 1 })
    const again = await repairAround({ call: 'close', when: 'before' }, async () => {})
    expect(again.run, again.run.stderr).toMatchObject({ code: 0 })
    await expectReplicating()
  })

  it('a lock that is given up in time does no harm', async () => {
    const holder = await holdSession(lab, 'b', 'BEGIN', `SELECT * FROM ${NOTES} WHERE id = 77 FOR UPDATE`)
    const { run } = await repairAround(FIRST_TRANSACTION, async () => {
      sleep(3_000).then(() => holder.close())
    })
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
  })

  it('a deadlock only costs another attempt', async () => {
    const locking: Fault = { call: 'stream', matching: 'FOR UPDATE$', master: 'b', when: 'sent' }
    // More has been changed here than by the repair, so it is the repair that the server gives up.
    const other = await holdSession(lab, 'b', 'BEGIN', `UPDATE retail_db.stores SET turnover = turnover + 1`)
    await other.run(`UPDATE ${NOTES} SET amount = amount WHERE id = 90`)
    const { run } = await repairAround(locking, async () => {
      await sleep(300)
      await other.run(`UPDATE ${NOTES} SET amount = amount WHERE id = 10`)
      await other.run('ROLLBACK')
      await other.close()
    })
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    const { a, b } = await readNotes(lab)
    expect(b).toEqual(a)
  })

  /** A row of a as it was, when it is looked at; but two changes of it have yet to arrive on b. */
  const changeAndBack = (id: number) =>
    lab.run(
      'a',
      `UPDATE ${NOTES} SET body = 'passing' WHERE id = ${id}`,
      `UPDATE ${NOTES} SET body = 'Łódź ${id}', touched = '2025-01-01 00:00:00.001' + INTERVAL id SECOND WHERE id = ${id}`,
      'UPDATE retail_db.stores SET turnover = turnover + 1 LIMIT 1'
    )

  /** Lets b apply at once again, and waits until it has. */
  async function undelay(): Promise<void> {
    await lab.run('b', statements.stop, statements.delay(0), statements.start)
    const marker = 'SELECT SUM(turnover) AS n FROM retail_db.stores'
    await vi.waitFor(async () => expect(await lab.query('b', marker)).toEqual(await lab.query('a', marker)), 60_000)
  }

  it('a row whose change is on its way is not written over', async () => {
    const { run, status, counts } = await repairAround(FIRST_TRANSACTION, async () => {
      await lab.run('b', statements.stop, statements.delay(120), statements.start)
      await changeAndBack(150)
    }, ['--confirm-timeout', '1'])
    const before = await bodies(150)
    await undelay()
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 2 })
    expect(counts.applied).toBeUndefined()
    expect(status(150)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('b applies the writes of a 120 s late')
    })
    expect(before).toEqual([[{ body: 'Łódź 150' }], [{ body: 'été 150' }]])
    await expectReplicating()
    expect(await bodies(150)).toEqual([[{ body: 'Łódź 150' }], [{ body: 'Łódź 150' }]])
  })

  it('a row that keeps a master from catching up is left, and its neighbours are written', async () => {
    const table = 'retail_db.busy'
    const create = `CREATE TABLE ${table} (id INT PRIMARY KEY, v INT)`
    await lab.runLocally('a', create, `INSERT INTO ${table} VALUES (1, 1), (2, 2), (3, 3)`)
    await lab.runLocally('b', create, `INSERT INTO ${table} VALUES (1, 0), (2, 0)`)
    const way = {
      table,
      policies: ['--policy', 'prefer:a', '--max-percent', '100', '--yes', '--confirm-timeout', '20']
    }
    // Where b lacks row 3, the gap is locked in which it will be: there a row comes from a, each time it is locked.
    const locked = { call: 'stream', matching: 'FOR UPDATE$', master: 'b', when: 'after' } as const
    const pauses = Array.from({ length: MOST_LOCKS }, (_, at) => new Pause(join(lab.dir, `gap-${at}`)))
    const running = repair(
      pauses.map((each, at) => each.fault({ ...locked, nth: at + 1 })),
      way
    )
    const ended = running.then(() => false)
    for (const [at, each] of pauses.entries()) {
      const reached = each.reached().then(
        () => true,
        () => false
      )
      if (!(await Promise.race([reached, ended]))) break
      await lab.run('a', `INSERT INTO ${table} VALUES (${100 - at}, 0)`)
      await each.letGo()
    }
    const { run, status } = await running
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 2 })
    expect(status(3)).toMatchObject({ status: 'failed', reason: expect.stringContaining('b had not applied') })
    for (const id of [1, 2]) expect(status(id)).toMatchObject({ status: 'applied' })
    const again = await repair([], way)
    expect(again.run, again.run.stderr).toMatchObject({ code: 0 })
    for (const { name } of lab.state.masters) await lab.runLocally(name, `DROP TABLE ${table}`)
  })

  it('nothing is written once an applier has stopped before a change of the row', async () => {
    const { run, status, counts } = await repairAround(FIRST_TRANSACTION, async () => {
      await lab.run('b', statements.stop)
      await changeAndBack(150)
    })
    const before = await bodies(150)
    await undelay()
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 2 })
    expect(counts.applied).toBeUndefined()
    expect(status(150)).toMatchObject({ reason: expect.stringMatching(/on b, the replication .* has stopped/) })
    expect(before).toEqual([[{ body: 'Łódź 150' }], [{ body: 'été 150' }]])
    await expectReplicating()
  })

  it('says so when an applier has stopped meanwhile that had nothing left to do', async () => {
    const { run } = await repairAround(FIRST_TRANSACTION, () => lab.run('b', statements.stop))
    await lab.run('b', statements.start)
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 2 })
    expect(run.stdout).toMatch(/after the repair, on b, the replication .* has stopped/)
    const { a, b } = await readNotes(lab)
    expect(b).toEqual(a)
  })

  it('a server that dies fails its rows, and the run ends', async () => {
    const committing: Fault = { call: 'run', matching: '^COMMIT', master: 'b', when: 'before' }
    const { run, status, counts } = await repairAround(committing, async () => {
      process.kill(lab.state.masters[1]?.pid ?? 0, 'SIGKILL')
    })
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 2 })
    expect(status(1)).toMatchObject({ status: 'failed', reason: expect.stringContaining('it is not known whether') })
    expect(counts.failed).toBeGreaterThanOrEqual(200)
    expect(run.stdout).toContain(journal)
    const [kept] = await lab.query('a', `SELECT COUNT(*) AS n, MAX(id) AS last FROM ${NOTES}`)
    expect(kept, 'what was written on a stays').toEqual({ n: '490', last: '620' })
  })
})
