import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { adminOf } from '../../src/lab/lab-state.js'
import { mariadbReplication } from '../../src/lab/replication/mariadb.js'
import { mysqlReplication } from '../../src/lab/replication/mysql.js'
import { Session } from '../../src/masters/session.js'
import type { Throttled } from '../../src/model/costs.js'
import { mmaudit } from '../support/mmaudit.js'
import type { ReportFile } from '../support/report-file.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))
if (replicating.length === 0)
  process.stderr.write('\n*** LEFT OUT: gentleness is only tried on servers that can be started\n\n')
const ORDERS = 'retail_db.orders'
const STORES = 'retail_db.stores'
/** Far more connections than an audit makes, far fewer than a server allows. */
const MANY = 40
/** A server is asked no more often for its replication before rows are confirmed. */
const ASKED_BEFORE = 5

describe.each(replicating)('on %s', (kind) => {
  let lab: TestLab
  let pauseFile: string
  beforeAll(async () => {
    lab = await startTestLab(kind)
    pauseFile = join(lab.dir, 'pause')
  })
  afterAll(() => lab?.down())

  const replication = () => (lab.state.masters[0]?.vendor === 'mysql' ? mysqlReplication : mariadbReplication)
  const delay = (seconds: number) =>
    lab.state.masters[0]?.vendor === 'mysql'
      ? `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`
      : `CHANGE MASTER TO MASTER_DELAY = ${seconds}`

  /** A session on b that the test holds open. */
  function hold(): Promise<Session> {
    const [, b] = lab.state.masters
    if (b === undefined) throw new Error('the lab has no second master')
    return Session.open(adminOf(b))
  }

  /** Audits, and does something once what the command says has `sign` in it. */
  async function diffWith(sign: string, action: () => void | Promise<void>, args: readonly string[]) {
    let done: Promise<void> | null = null
    const found = await lab.diff(args, {
      onOutput: (text) => {
        if (done === null && text.includes(sign)) done = Promise.resolve(action())
      }
    })
    expect(done, `${sign} was said in: ${found.run.stderr}`).not.toBeNull()
    await done
    return found
  }

  /** How often b was asked how far it has applied. */
  async function positionsAsked(): Promise<number> {
    const counters = "'Com_show_slave_status', 'Com_show_replica_status'"
    const rows = await lab.query('b', `SHOW GLOBAL STATUS WHERE Variable_name IN (${counters})`)
    return rows.reduce((sum, { Value: value }) => sum + Number(value), 0)
  }

  const auditors = () =>
    lab.query('a', "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = 'mmaudit'")

  it('waits while a server is over the load allowed, and says so', async () => {
    const crowd = await Promise.all(Array.from({ length: MANY }, hold))
    const { run, report } = await diffWith('waiting: Threads_connected is', async () => {
      await sleep(700)
      await Promise.all(crowd.map((session) => session.close()))
    }, [ORDERS, '--max-load', `Threads_connected=${MANY - 10}`])
    expect(run.stderr).toMatch(/waiting: Threads_connected is \d+ on b, more than 30\n.*going on after/s)
    expect(run.stdout).toMatch(/waited .* \(Threads_connected /)
    expect(throttled(report).reasons.Threads_connected).toBeGreaterThan(0.5)
    expect(throttled(report).seconds).toBe(throttled(report).reasons.Threads_connected)
    expect(run).toMatchObject({ code: 0 })
  })

  it('asks nothing of the servers while the pause file exists', async () => {
    writeFileSync(pauseFile, '')
    let seen: unknown = null
    const unpause = async () => {
      seen = await auditors()
      rmSync(pauseFile)
    }
    const { run, report } = await diffWith('waiting: ', unpause, [ORDERS, '--pause-file', pauseFile])
    expect(seen, 'not even connected').toEqual([{ n: '0' }])
    expect(throttled(report).reasons['pause-file']).toBeGreaterThan(0)
    expect(run).toMatchObject({ code: 0 })
  })

  it('asks nothing while the pause file exists, also in the midst of confirming', async () => {
    const locker = await hold()
    for (const statement of ['SET sql_log_bin = 0', 'BEGIN', 'UPDATE retail_db.orders SET amount = amount LIMIT 1']) {
      await locker.run(statement)
    }
    await lab.run('a', "UPDATE retail_db.orders SET status = 'SLOW' ORDER BY order_id LIMIT 1")
    const before = await positionsAsked()
    const diff = lab.diff([ORDERS, '--pause-file', pauseFile, '--confirm-timeout', '1m'])
    await vi.waitFor(async () => expect((await positionsAsked()) - before).toBeGreaterThan(ASKED_BEFORE), 60_000)
    writeFileSync(pauseFile, '')
    await vi.waitFor(async () => {
      const asked = await positionsAsked()
      await sleep(1_000)
      expect(await positionsAsked()).toBe(asked)
    }, 30_000)
    await locker.close()
    rmSync(pauseFile)
    const { run, report } = await diff
    expect(throttled(report).reasons['pause-file']).toBeGreaterThan(1)
    expect(run).toMatchObject({ code: 0 })
  })

  it('ends in good order when the run time is over', async () => {
    const pause = () => writeFileSync(pauseFile, '')
    // Slow enough that the audit is still at work when the file is seen.
    const args = ['--run-time', '8s', '--pause-file', pauseFile, '--chunk-rows', '1', '--concurrency', '1']
    const { run, report } = await diffWith('equal, ', pause, args)
    rmSync(pauseFile)
    expect(run.stderr).toContain('the run time was over')
    expect(run).toMatchObject({ code: 2 })
    expect(report.summary).toMatchObject({ complete: false, consistent: true, tables: 6 })
    expect(report.tables.filter(({ status }) => status === 'consistent').length).toBeGreaterThan(0)
    expect(throttled(report).seconds, 'also told of a run that was cut short').toBeGreaterThan(0)
    const early = await mmaudit(['diff', '--config', join(lab.dir, 'mmaudit.yaml'), '--run-time', '100ms'], {
      cwd: lab.dir
    })
    expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('the run time was over') })
  })

  it('waits for a master that lags, not for one that is delayed on purpose, nor for one that is stopped', async () => {
    const { start, stop } = replication()
    const locker = await hold()
    await locker.run('SET sql_log_bin = 0')
    await locker.run('BEGIN')
    await locker.run('UPDATE retail_db.orders SET amount = amount WHERE order_id = 1')
    await lab.run('a', "UPDATE retail_db.orders SET status = 'LATE' WHERE order_id = 1")
    await sleep(3_000)
    const late = await diffWith('waiting: b lags', () => locker.close(), [ORDERS, '--max-lag', '1s'])
    expect(late.run).toMatchObject({ code: 0 })
    expect(throttled(late.report).reasons.lag).toBeGreaterThan(0)

    await lab.run('b', stop, delay(60), start)
    await lab.run('a', "UPDATE retail_db.orders SET status = 'HELD' WHERE order_id = 2")
    await sleep(2_000)
    const delayed = await lab.diff([ORDERS, '--max-lag', '1s', '--no-confirm'])
    expect(throttled(delayed.report)).toEqual({ seconds: 0, reasons: {} })
    expect(delayed.run).toMatchObject({ code: 1 })

    await lab.run('b', stop)
    const stopped = await lab.diff([ORDERS, '--max-lag', '1s'])
    expect(stopped.run.stdout).toContain('b does not know how far it lags behind a')
    expect(throttled(stopped.report)).toEqual({ seconds: 0, reasons: {} })
    await lab.run('b', delay(0), start)
    await vi.waitFor(async () => {
      const states = 'SELECT status FROM retail_db.orders WHERE order_id = 2'
      expect(await lab.query('b', states)).toEqual([{ status: 'HELD' }])
    }, 30_000)
  })

  it.each([
    ['No_such_thing=5', 'no master knows a status variable No_such_thing'],
    ['Ssl_cipher_list=5', 'is no number']
  ])('refuses --max-load %s before anything is read', async (load, message) => {
    const run = await mmaudit(['diff', '--config', join(lab.dir, 'mmaudit.yaml'), '--max-load', load])
    expect([run.code, run.stdout]).toEqual([64, ''])
    expect(run.stderr).toContain(message)
  })

  it('tells what it cost, leaves nothing behind, and only reads', async () => {
    const logged = async (on: boolean) => {
      for (const master of ['a', 'b']) {
        await lab.run(master, "SET GLOBAL log_output = 'TABLE'", `SET GLOBAL general_log = ${on ? 'ON' : 'OFF'}`)
      }
    }
    await logged(true)
    const before = await variables()
    const { run, report } = await lab.diff()
    const after = await variables()
    await logged(false)
    expect(run).toMatchObject({ code: 0 })
    expect(after).toEqual(before)
    for (const master of ['a', 'b']) {
      const statements = await statementsOn(master)
      expect(statements.length).toBeGreaterThan(20)
      expect(statements.filter((statement) => !/^(SELECT|SHOW|SET|EXPLAIN)\b/i.test(statement))).toEqual([])
      expect(statements.filter((statement) => /\b(FOR UPDATE|FOR SHARE|LOCK IN|INTO)\b/i.test(statement))).toEqual([])
      expect(statements.filter((statement) => /^SET/i.test(statement) && /GLOBAL/i.test(statement))).toEqual([])
      expect(statements).toContainEqual(expect.stringMatching(/^SET .*SESSION lock_wait_timeout = 5\b/))
    }
    for (const [name, cost] of Object.entries(costs(report))) {
      const rows = report.tables.reduce((sum, table) => sum + (table.rows[name] ?? 0), 0)
      expect(cost.rows).toBeGreaterThanOrEqual(rows)
      expect(cost.rows, 'beside the tables only bounds and proofs').toBeLessThan(rows + 200)
      expect(cost.bytes).toBeGreaterThan(rows * 10)
      expect(cost.queries).toBeGreaterThan(report.tables.length)
      expect(cost.queries).toBeLessThanOrEqual((await statementsOn(name)).length)
    }
    expect(run.stdout).toMatch(/read from a: [\d,]+ queries, [\d,]+ rows, [\d.]+ kB; b: /)
  })

  it('lists so many divergent rows and counts the others', async () => {
    await lab.runLocally(
      'b',
      'UPDATE retail_db.stores SET turnover = turnover + 1 ORDER BY region, store_code LIMIT 12'
    )
    const { report: all } = await lab.diff([STORES])
    const { run, report } = await lab.diff([STORES, '--max-divergences', '4', '--csv', join(lab.dir, 'rows.csv')])
    expect(run).toMatchObject({ code: 1 })
    expect(report.summary).toMatchObject({ conflict: all.summary.conflict, unlisted: all.summary.conflict - 4 })
    expect(report.tables[0]).toMatchObject({ conflict: all.summary.conflict, unlisted: all.summary.conflict - 4 })
    expect(report.divergences).toEqual(all.divergences.slice(0, 4))
    expect(run.stdout).toContain('(4 of them listed)')
    expect(run.stdout).toContain('--max-divergences 4')
  })

  it('leaves rows that are only counted to themselves when it repairs, and says so', async () => {
    const { report: all } = await lab.diff([STORES])
    const repair = ['--repair', '--policy', 'prefer:a', '--yes', '--max-divergences', '4', '--max-percent', '100']
    const repaired = await lab.diff([STORES, ...asAdmin(), ...repair, '--journal', join(lab.dir, 'j')], password())
    expect(repaired.run, repaired.run.stdout + repaired.run.stderr).toMatchObject({ code: 1 })
    expect(repaired.report.summary).toMatchObject({ consistent: false, unlisted: all.summary.conflict - 4 })
    expect(repaired.run.stdout).toContain('are left as they are')
    expect((await lab.diff([STORES])).report.summary.conflict).toBe(all.summary.conflict - 4)
  })

  // What it takes is taken here, whatever the servers.
  it.runIf(kind === replicating[0])('counts 300,000 divergent rows in little memory', async () => {
    const digits =
      'SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9'
    const number = 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d'
    const from = ['a', 'b', 'c', 'e', 'f'].map((name) => `(${digits}) ${name}`).join(', ')
    for (const [master, filling] of Object.entries({ a: 'left', b: 'right' })) {
      await lab.runLocally(
        master,
        'CREATE TABLE retail_db.many (id INT PRIMARY KEY, word VARCHAR(40), amount DECIMAL(10,2))',
        `INSERT INTO retail_db.many SELECT ${number}, CONCAT('${filling} ', ${number}), ${number} FROM ${from}, (SELECT 0 d UNION SELECT 1 UNION SELECT 2) g`
      )
    }
    const peak = 'process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+" kB"))'
    const { run, report } = await lab.diff(['retail_db.many', '--max-divergences', '10', '--no-confirm'], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(peak)}` }
    })
    for (const master of ['a', 'b']) await lab.runLocally(master, 'DROP TABLE retail_db.many')
    expect(report.summary).toMatchObject({ conflict: 300_000, unlisted: 299_990 })
    expect(report.divergences).toHaveLength(10)
    expect(run).toMatchObject({ code: 1 })
    const peakMb = Number(/peak (\d+) kB/.exec(run.stderr)?.[1]) / 1024
    process.stderr.write(`${kind}: 300,000 divergent rows, peak ${Math.round(peakMb)} MB\n`)
    expect(peakMb).toBeLessThan(400)
  })

  /** The account of an audit may not write. */
  function asAdmin(): readonly string[] {
    return lab.state.masters.flatMap(({ name, user, host, port }) => [
      '--master',
      `${name}=mysql://${user}@${host}:${port}/?sslMode=DISABLED`
    ])
  }

  function password() {
    const admin = lab.state.masters[0]?.password ?? null
    return admin === null ? {} : { env: { MMAUDIT_PASSWORD: admin } }
  }

  /** All settings of both servers, but those that tell the time. */
  async function variables() {
    return Promise.all(
      ['a', 'b'].map(async (master) =>
        (await lab.query(master, 'SHOW GLOBAL VARIABLES')).filter(({ Variable_name: name }) => name !== 'timestamp')
      )
    )
  }

  async function statementsOn(master: string): Promise<readonly string[]> {
    const rows = await lab.query(
      master,
      "SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE user_host LIKE 'mmaudit[%' AND command_type IN ('Query', 'Execute')"
    )
    return rows.map(({ text }) => text ?? '')
  }
})

type Costs = Readonly<Record<string, { readonly queries: number; readonly rows: number; readonly bytes: number }>>

function throttled(report: ReportFile): Throttled {
  return (report as ReportFile & { readonly throttled: Throttled }).throttled
}

function costs(report: ReportFile): Costs {
  return (report as ReportFile & { readonly costs: Costs }).costs
}
