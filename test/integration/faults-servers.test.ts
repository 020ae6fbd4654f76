import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHUNK, DIFFERING_PARTS, SHORT_CHUNK_OF_STORES, SHORT_CHUNKS } from '../support/fault-cells.js'
import { type Audited, COMMON, FaultLab, plain } from '../support/fault-lab.js'
import { ORDERS, STORES } from '../support/fault-tables.js'
import type { Fault } from '../support/proxy-link.js'
import { representativeKinds } from '../support/representative.js'
import {
  crowded,
  locally,
  lockedToTheEnd,
  restarted,
  threadsWaitingFor,
  whileItWaits
} from '../support/server-faults.js'
import { before, retarget } from '../support/tcp-faults.js'
import type { Moment } from '../support/tcp-proxy.js'

/** Servers that the lab itself started can be killed. */
const local = representativeKinds().filter((kind) => !kind.includes(':'))

describe.each(local)('an audit of %s', (kind) => {
  const isMysql = kind.startsWith('mysql')
  let lab: FaultLab
  let whole: Audited
  beforeAll(async () => {
    lab = await FaultLab.start(kind)
    whole = await lab.audit({})
  })
  afterAll(() => lab?.down())

  /** Audits tables of its own, which meet a fault in the second chunk of `orders`, or at another moment. */
  async function audit(database: string, fault: Fault, at: Moment = CHUNK, nth = 1): Promise<Audited> {
    await lab.createTables(database)
    const audited = await lab.audit({ b: [{ at, nth, fault }] }, { database })
    expect(audited.struck, audited.run.stderr).toEqual([1])
    return audited
  }

  function expectWhole({ run, report }: Audited, database: string): void {
    expect(run, run.stderr).toMatchObject({ code: 1 })
    expect(JSON.parse(JSON.stringify(plain(report)).replaceAll(database, COMMON))).toEqual(plain(whole.report))
  }

  function expectFailed({ run, report }: Audited, reasons: Readonly<Record<string, RegExp>>): void {
    expect(run, run.stderr).toMatchObject({ code: 2 })
    expect(report?.summary).toMatchObject({ complete: false, consistent: false, tables: 4 })
    const failed = report?.tables
      .filter(({ status }) => status === 'failed')
      .map((table) => [table.table, table.reason])
    expect(failed).toEqual(Object.entries(reasons).map(([table, reason]) => [table, expect.stringMatching(reason)]))
  }

  /** Rows that are longer than a packet may be, and keys of which a few hundred are. */
  async function createWideTables(database: string): Promise<void> {
    const statements = (master: string) => [
      `CREATE DATABASE ${database}`,
      `USE ${database}`,
      'CREATE TABLE long_rows (id INT PRIMARY KEY, v LONGTEXT)',
      `INSERT INTO long_rows SELECT id, REPEAT('x', 100000) FROM ${COMMON}.stores WHERE id <= 5`,
      'CREATE TABLE wide_keys (k VARCHAR(700) CHARACTER SET latin1 PRIMARY KEY, v CHAR(1))',
      `INSERT INTO wide_keys SELECT CONCAT(REPEAT('x', 600), id), '${master}' FROM ${COMMON}.stores`
    ]
    for (const master of ['a', 'b']) await lab.lab.runLocally(master, ...statements(master))
  }

  describe.concurrent('with tables of its own', () => {
    it('statement: killed', async () => {
      const kill = whileItWaits(lab, 'query_killed', (thread) => lab.lab.run('b', `KILL QUERY ${thread}`))
      expectWhole(await audit('query_killed', kill), 'query_killed')
    })

    it('connection: killed', async () => {
      const kill = whileItWaits(lab, 'thread_killed', (thread) => lab.lab.run('b', `KILL ${thread}`))
      expectWhole(await audit('thread_killed', kill), 'thread_killed')
    })

    it('lock: let go of after a while', async () => {
      const wait = whileItWaits(lab, 'lock_passes', async (thread) => {
        await sleep(2_500)
        expect(await threadsWaitingFor(lab, 'lock_passes'), 'a server that waits is not silent').toContain(thread)
      })
      expectWhole(await audit('lock_passes', wait), 'lock_passes')
    })

    it('lock: kept to the end', async () => {
      const audited = await audit('lock_stays', lockedToTheEnd(lab, 'lock_stays'))
      expectFailed(audited, { orders: /^master b: .*lock wait timeout exceeded.*tried \d+ times/i })
    })

    it('table: dropped', async () => {
      const audited = await audit('dropped', locally(lab, 'DROP TABLE dropped.orders'))
      expectFailed(audited, { orders: /dropped\.orders was dropped or renamed on b while it was audited/ })
    })

    it('table: altered', async () => {
      const audited = await audit('altered', locally(lab, 'ALTER TABLE altered.orders MODIFY note VARCHAR(50)'))
      expectFailed(audited, {
        orders:
          /altered\.orders was altered on b while it was audited \(column note: varchar\(40\) then, varchar\(50\) now\)/
      })
    })

    it('table: column dropped', async () => {
      const audited = await audit('narrowed', locally(lab, 'ALTER TABLE narrowed.orders DROP COLUMN note'))
      expectFailed(audited, { orders: /narrowed\.orders was altered on b while it was audited/ })
    })

    it('rows: changed before they are read again', async () => {
      const change = locally(
        lab,
        "UPDATE moved.orders SET note = 'later' WHERE id = 12000",
        'DELETE FROM moved.orders WHERE id IN (8999, 12001)'
      )
      const { run, report } = await audit('moved', change, DIFFERING_PARTS)
      expect(run, run.stderr).toMatchObject({ code: 1 })
      expect(report?.summary).toMatchObject({ complete: true, failed: 0 })
      const found = report?.divergences.filter(({ table }) => table === 'orders')
      expect(found?.map(({ key, rows }) => [key.id, rows.a?.note, rows.b?.note])).toEqual([
        ['8999', 'order 8999', undefined],
        ['9000', 'order 9000', undefined],
        ['12000', 'order 12000', 'later'],
        ['12001', 'order 12001', undefined]
      ])
      expect(report?.tables.find(({ table }) => table === 'orders')?.rows).toEqual({ a: ORDERS, b: ORDERS - 3 })
    })

    it('row: deleted where the next chunk begins', async () => {
      await lab.createTables('bounded')
      const fault = before(() => lab.lab.runLocally('a', "DELETE FROM bounded.stores WHERE code = 's051'"))
      const armed = { at: SHORT_CHUNK_OF_STORES, nth: 2, fault }
      const { run, report, struck } = await lab.audit({ a: [armed] }, { database: 'bounded', args: SHORT_CHUNKS })
      expect(struck, run.stderr).toEqual([1])
      expect(run, run.stderr).toMatchObject({ code: 1 })
      const found = report?.divergences.filter(({ table }) => table === 'stores')
      expect(found?.map(({ key }) => key.code)).toEqual(['s051', 's100'])
      const stores = report?.tables.find(({ table }) => table === 'stores')
      expect(stores?.rows).toEqual({ a: STORES - 1, b: STORES })
    })

    it('account: may read only some columns', async () => {
      await lab.createTables('hidden')
      const account = "'narrow'@'127.0.0.1'"
      const statements = [
        `CREATE USER ${account}`,
        `GRANT ${isMysql ? 'REPLICATION CLIENT' : 'BINLOG MONITOR, SLAVE MONITOR'} ON *.* TO ${account}`,
        ...['customers', 'log_lines', 'stores'].map((table) => `GRANT SELECT ON hidden.${table} TO ${account}`),
        `GRANT SELECT (id) ON hidden.orders TO ${account}`
      ]
      for (const master of ['a', 'b']) await lab.lab.runLocally(master, ...statements)
      expectFailed(await lab.audit({}, { database: 'hidden', user: 'narrow' }), {
        orders:
          /the account narrow may not read every column of hidden\.orders on a: .*GRANT SELECT ON `hidden`\.`orders` TO 'narrow'@/
      })
    })

    it('address: taken over by another server', async () => {
      const audited = await audit('promoted', retarget(lab.addressOf('a')))
      const other = /master b answered as another server than at the beginning \(\S+.* then, \S+.* now\)/
      expectFailed(audited, { orders: other, stores: other })
    })
  })

  describe('with servers that are changed', () => {
    async function withGlobals(settings: Readonly<Record<string, number>>, use: () => Promise<void>): Promise<void> {
      const before = await lab.lab.query(
        'b',
        `SELECT ${Object.keys(settings)
          .map((name) => `@@GLOBAL.${name} AS ${name}`)
          .join()}`
      )
      const set = (values: Readonly<Record<string, unknown>>) =>
        lab.lab.run('b', ...Object.entries(values).map(([name, value]) => `SET GLOBAL ${name} = ${value}`))
      await set(settings)
      try {
        await use()
      } finally {
        await set(before[0] ?? {})
      }
    }

    it('time limit: of the server', async () => {
      const limit = isMysql ? { max_execution_time: 1_000 } : { max_statement_time: 1 }
      await withGlobals(limit, async () => {
        const slow = whileItWaits(lab, 'slow', async () => {
          const other = lab.lab.query('b', 'SELECT COUNT(*) FROM slow.orders')
          await expect(other, 'whoever does not switch it off meets it').rejects.toThrow(
            /max_statement_time|execution time exceeded/
          )
        })
        expectWhole(await audit('slow', slow), 'slow')
      })
    })

    it('connections: too many for a while', async () => {
      await withGlobals({ max_connections: 10 }, async () => {
        expectWhole(await audit('crowded', crowded(lab, 1_500), 'connect', 2), 'crowded')
      })
    })

    it('login: too many connections for a while', async () => {
      await withGlobals({ max_connections: 10 }, async () => {
        expectWhole(await audit('crowd', crowded(lab, 1_000), 'connect'), 'crowd')
      })
    })

    it('login: too many connections', async () => {
      await withGlobals({ max_connections: 10 }, async () => {
        const { run, report } = await audit('crowds', crowded(lab, null), 'connect')
        expect(run).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/master b .*: login as mmaudit refused: Too many connections/)
        })
        expect(run.stderr).toContain('raise the limit for connections there, or audit with a lower --concurrency')
        expect(report).toBeNull()
      })
    })

    it('statement: too large for the server', async () => {
      await createWideTables('too_large')
      await withGlobals({ max_allowed_packet: 16_384 }, async () => {
        const { run, report } = await lab.audit({}, { database: 'too_large' })
        expect(run, run.stderr).toMatchObject({ code: 2 })
        expect(report?.tables).toMatchObject([
          { table: 'long_rows', status: 'consistent' },
          {
            table: 'wide_keys',
            status: 'failed',
            reason: expect.stringMatching(/^master b: a statement is too large for it: .*raise max_allowed_packet on b/)
          }
        ])
      })
    })

    it('server: killed and started again', async () => {
      expectWhole(await audit('restarted', restarted(lab, kind)), 'restarted')
    })
  })
})
