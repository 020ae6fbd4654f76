import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdSession } from '../support/held-session.js'
import { mmaudit, type Run } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** Read in chunks of one row, these take longer than an estimate reads for. */
const ORDERS = 10_000

interface EstimateFile {
  readonly kind: string
  readonly bottleneck: string
  readonly total: { readonly tables: number; readonly rows: number; readonly seconds: number }
  readonly masters: readonly { readonly name: string; readonly perSecond: { readonly bytes: number } }[]
  readonly tables: readonly {
    readonly table: string
    readonly basis: string
    readonly rows: number
    readonly bytes: number
    readonly seconds: number
  }[]
  readonly failed: readonly { readonly table: string; readonly reason: string }[]
}

describe.each(representativeKinds())('mmaudit diff --estimate on %s', (kind) => {
  let lab: TestLab
  let folder: string
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: ORDERS })
    // What servers know of tables that were just filled is anything.
    await everywhere('ANALYZE TABLE retail_db.customers, retail_db.orders, retail_db.order_items')
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-estimate-'))
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  async function everywhere(statement: string): Promise<void> {
    for (const { name } of lab.state.masters) await lab.runLocally(name, statement)
  }

  async function estimate(...args: readonly string[]): Promise<{ readonly run: Run; readonly estimate: EstimateFile }> {
    const config = join(lab.dir, 'mmaudit.yaml')
    const run = await mmaudit(['diff', '--estimate', '--config', config, '--json', '-', ...args], { cwd: folder })
    return { run, estimate: JSON.parse(run.stdout || 'null') }
  }

  async function rowsOf(table: string): Promise<{ readonly counted: number; readonly estimated: number }> {
    const [counted] = await lab.query('a', `SELECT COUNT(*) AS n FROM retail_db.${table}`)
    const estimates = await Promise.all(
      lab.state.masters.map(({ name }) =>
        lab.query(
          name,
          `SELECT TABLE_ROWS AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'retail_db' AND TABLE_NAME = '${table}'`
        )
      )
    )
    return { counted: Number(counted?.n), estimated: Math.max(...estimates.map(([row]) => Number(row?.n))) }
  }

  it('counts the rows of tables that it can read to their end', async () => {
    const { run, estimate: told } = await estimate('retail_db.stores', 'retail_db.customers')
    expect(run.code, run.stderr).toBe(0)
    expect(told).toMatchObject({ kind: 'estimate', total: { tables: 2 }, failed: [] })
    for (const { table, basis, rows } of told.tables) {
      expect([table, basis, rows]).toEqual([table, 'read', (await rowsOf(table)).counted])
    }
    expect(run.stderr).toContain('An audit of 2 tables would take about')
  })

  it('reckons by a part of larger ones, and by what the servers say of their rows', async () => {
    const { run, estimate: told } = await estimate('--chunk-rows', '1', 'retail_db.orders', 'retail_db.order_items')
    expect(run.code, run.stderr).toBe(0)
    const largest = told.tables[0]
    expect(largest).toMatchObject({ table: 'order_items', basis: 'sampled' })
    const { estimated } = await rowsOf('order_items')
    expect(largest?.rows).toBeGreaterThan(estimated * 0.9)
    expect(largest?.rows).toBeLessThan(estimated * 1.1)
    expect(told.total.seconds).toBeGreaterThan(told.tables.reduce((sum, { seconds }) => sum + seconds, 0))
    expect(['servers', 'link', 'client']).toContain(told.bottleneck)
    expect(told.masters.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(Math.min(...told.masters.map(({ perSecond }) => perSecond.bytes))).toBeGreaterThan(0)
  })

  it('keeps rows that a condition leaves out apart from those to send', async () => {
    const half = ['--where', 'item_id % 2 = 0', '--chunk-rows', '1', 'retail_db.order_items']
    const { run, estimate: told } = await estimate(...half)
    expect(run.code, run.stderr).toBe(0)
    const { estimated } = await rowsOf('order_items')
    expect(told.tables[0]?.basis).toBe('sampled')
    expect(told.tables[0]?.rows).toBeGreaterThan(estimated * 0.4)
    expect(told.tables[0]?.rows).toBeLessThan(estimated * 0.6)
  })

  it('asks for the sizes of now, not for those that a server remembers', async () => {
    const { estimated: remembered } = await rowsOf('customers')
    await everywhere(
      `INSERT INTO retail_db.customers (email, full_name, country, created_at)
        SELECT CONCAT('more', item_id), 'More', 'FR', created_at FROM retail_db.order_items`
    )
    const { run, estimate: told } = await estimate('--chunk-rows', '1', 'retail_db.customers')
    expect(run.code, run.stderr).toBe(0)
    expect(told.tables[0]?.basis).toBe('sampled')
    expect(told.tables[0]?.rows).toBeGreaterThan(remembered * 5)
  })

  it('compares nothing and leaves nothing behind', async () => {
    await lab.runLocally('b', 'DELETE FROM retail_db.sessions')
    const before = await Promise.all(['a', 'b'].map((name) => binlog(name)))
    const { run } = await estimate()
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout + run.stderr).not.toMatch(/diverg|differs/i)
    expect(await Promise.all(['a', 'b'].map((name) => binlog(name)))).toEqual(before)
    expect(await readdir(folder)).toEqual([])
  })

  // Most of it is waiting for a lock that is not given up: one kind of server is enough.
  it.runIf(kind === representativeKinds()[0])('is incomplete when a master cannot be sampled', async () => {
    const lock = await holdSession(lab, 'b', 'LOCK TABLES retail_db.orders WRITE')
    const { run, estimate: told } = await estimate('retail_db.orders', 'retail_db.stores')
    await lock.close()
    expect(run.code).toBe(2)
    expect(told.failed).toMatchObject([{ table: 'orders', reason: expect.stringContaining('master b') }])
    expect(told.tables.map(({ table }) => table)).toEqual(['stores'])
  })

  it('is incomplete when a master is not there', async () => {
    const { run } = await estimate('--master', lab.masterUrl('a'), '--master', 'b=mysql://mmaudit@127.0.0.1:1')
    expect([run.code, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toContain('master b')
  })

  async function binlog(master: string): Promise<unknown> {
    return lab.query(master, 'SHOW BINARY LOGS')
  }
})
