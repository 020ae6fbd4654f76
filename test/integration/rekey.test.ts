import { readFile, rename } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { labDiverge } from '../../src/lab/index.js'
import type { Divergence } from '../../src/model/divergence.js'
import { Pause, withFault } from '../support/fault-point.js'
import { mmauditInside } from '../support/inside.js'
import { mmaudit } from '../support/mmaudit.js'
import { createKin, type Kin, OWNERS, plantFamily, REFERENCES, readKin, readOwners } from '../support/planted-family.js'
import { RepairLab } from '../support/repair-lab.js'
import { representativeKinds } from '../support/representative.js'
import { findSqlClient, runSqlFile } from '../support/sql-client.js'
import { startTestLab } from '../support/test-lab.js'

const client = findSqlClient()
const replicating = representativeKinds().filter((kind) => !kind.includes('://'))
/** A run that was killed has no exit status. */
const KILLED = -2

/** What is decided of each row that differs, as the reports tell it. */
const DECISIONS = [
  'cards 7,1 rekey',
  'cards 7,2 rekey',
  'customers 7 rekey',
  'customers 9 insert',
  'customers 8 update',
  'items 101 insert',
  'items 100 update',
  'items 102 insert',
  'items 105 update',
  'orders 41 insert',
  'orders 42 update',
  'orders 43 rekey',
  'orders 46 rekey',
  'payments 11 insert',
  'payments 10 update',
  'payments 12 update',
  'visits 21 insert',
  'visits 20 update'
].toSorted()

function told({ table, key, decision }: Pick<Divergence, 'table' | 'key' | 'decision'>): string {
  return `${table} ${Object.values(key)} ${decision?.action}`
}

describe.each(replicating)('two rows under one id on %s', (kind) => {
  let on: RepairLab
  let config: string
  let planted: Kin
  beforeAll(async () => {
    on = new RepairLab(await startTestLab(kind, { rows: 10 }))
    config = await on.configure('kin.yaml', ['kin.*'], {
      rules: [{ class: 'collision', policy: 'rekey' }],
      references: REFERENCES
    })
  })
  afterAll(() => on?.lab.down())
  beforeEach(async () => {
    await plantFamily(on)
    // What was written on b is still on its way to a.
    await vi.waitFor(async () =>
      expect(await on.lab.query('a', 'SELECT 1 FROM kin.visits WHERE visit_id = 22')).toHaveLength(1)
    )
    planted = await readKin(on)
  })

  const repair = (...args: readonly string[]) => on.command(['diff', '--config', config, '--repair', ...args])

  const KNOWN = { database: 'kin', status: 'applied' }

  async function idOf(name: 'customer' | 'order', condition: string): Promise<string> {
    const [row] = await on.lab.query('a', `SELECT ${name}_id AS id FROM kin.${name}s WHERE ${condition}`)
    return row?.id ?? ''
  }

  async function expectTruth(): Promise<void> {
    const owners = (await readOwners(on)) as Record<string, unknown>
    expect(owners.a).toEqual(OWNERS)
    expect(owners.b).toEqual(OWNERS)
  }

  async function saveReport(): Promise<string> {
    await on.command(['diff', '--config', config])
    await rename(on.path('ran.json'), on.path('saved.json'))
    return on.path('saved.json')
  }

  /** Who does not know what a run has begun with does not go on with it. */
  async function expectLeftAlone(): Promise<void> {
    const begun = await readKin(on)
    const { run, report } = await repair('--yes', '--journal', on.path('other.journal'))
    expect(run).toMatchObject({ code: 1 })
    expect(new Set(report?.divergences.map(({ decision }) => decision?.status))).toEqual(new Set(['refused', 'manual']))
    expect(await readKin(on)).toEqual(begun)
  }

  it('both live, with all that points to them, and are taken back as a whole', async () => {
    const { run, report } = await repair('--yes', '--journal', on.path('whole.journal'))
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    await expectTruth()
    expect(report?.divergences.map(told).toSorted()).toEqual(DECISIONS)
    expect(new Set(report?.divergences.map(({ decision }) => decision?.status))).toEqual(new Set(['applied']))
    const lines = parse(await readFile(on.path('whole.ids.csv'), 'utf8'), { columns: true }) as Record<string, string>[]
    const ids = {
      customers: await idOf('customer', "name = 'Bob'"),
      b: await idOf('order', "note = 'bob-43'"),
      a: await idOf('order', "note = 'ann-46'")
    }
    expect(lines).toEqual([
      { ...KNOWN, table: 'customers', column: 'customer_id', old: '7', new: ids.customers, master: 'b' },
      { ...KNOWN, table: 'orders', column: 'order_id', old: '43', new: ids.b, master: 'b' },
      { ...KNOWN, table: 'orders', column: 'order_id', old: '46', new: ids.a, master: 'a' }
    ])
    expect(
      [ids.customers, ids.b, ids.a].map((id) => Number(id) % 2),
      'each in the lane of its master'
    ).toEqual([0, 0, 1])
    expect(await on.undo('whole.journal')).toMatchObject({ code: 0 })
    expect(await readKin(on)).toEqual(planted)
  })

  it('both live when the scripts of a dry run are run, which can be run again', async () => {
    const { run, report } = await repair('--dry-run', '--sql-dir', on.path('scripts'))
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 1 })
    expect(report?.divergences.map(told).toSorted()).toEqual(DECISIONS)
    expect(await readKin(on), 'a dry run writes nothing').toEqual(planted)
    if (client === null) return
    for (const attempt of ['first', 'second']) {
      for (const master of on.lab.state.masters) {
        const { code, stderr } = await runSqlFile(client, master, on.path(`scripts/${master.name}.sql`))
        expect(code, `${attempt} ${master.name}: ${stderr}`).toBe(0)
      }
      await expectTruth()
    }
  })

  it('a script of which one row is not as it was changes nothing', async () => {
    if (client === null) return
    await repair('--dry-run', '--sql-dir', on.path('scripts'))
    await on.lab.runLocally('b', "UPDATE kin.orders SET note = 'bob-42!' WHERE order_id = 42")
    const moved = await readKin(on)
    const [, b] = on.lab.state.masters
    if (b === undefined) throw new Error('the lab has one master')
    const { code, stderr } = await runSqlFile(client, b, on.path('scripts/b.sql'))
    expect(code).not.toBe(0)
    expect(stderr).toContain('stopped: not all of kin.customers (customer_id = 7)')
    expect(await readKin(on)).toEqual(moved)
  })

  it.each([
    ['of a saved report, before the first COMMIT', { call: 'run', matching: '^COMMIT', when: 'before' }],
    ['after the first COMMIT', { call: 'run', matching: '^COMMIT', when: 'after' }]
  ] as const)('killed %s are finished by the same command, and taken back', async (name, fault) => {
    const journal = on.path(`${name.replaceAll(/\W+/g, '-')}.journal`)
    const what = name.startsWith('of a saved report') ? ['repair', await saveReport()] : ['diff', '--repair']
    const args = [...what, '--config', config, '--yes', '--journal', journal]
    const killed = await mmaudit([...args, '--progress', 'never'], withFault(fault))
    expect(killed).toMatchObject({ code: KILLED })
    if (name === 'after the first COMMIT') await expectLeftAlone()
    const { run } = await on.command(args)
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    await expectTruth()
    expect(await on.lab.query('a', 'SELECT COUNT(*) AS n FROM kin.customers')).toEqual([{ n: '6' }])
    expect(await mmauditInside(['undo', journal, '--config', config, '--yes', '--progress', 'never'])).toMatchObject({
      code: 0
    })
    expect(await readKin(on)).toEqual(planted)
  })

  it('are left alone with the list, when a row cannot be told whose it is and the binlogs are not read', async () => {
    await on.lab.run('b', "INSERT INTO kin.cards VALUES (7, 3, 'bob-third')")
    await vi.waitFor(async () =>
      expect(await on.lab.query('a', 'SELECT 1 FROM kin.cards WHERE card_no = 3')).toHaveLength(1)
    )
    const before = await readKin(on)
    const policies = ['--policy', 'collision=rekey', '--policy', 'missing=union', '--yes']
    const { run, report } = await repair(...policies, '--evidence', 'off')
    expect(run).toMatchObject({ code: 1 })
    expect(new Set(report?.divergences.map(({ decision }) => decision?.status))).toEqual(new Set(['refused']))
    for (const { decision } of report?.divergences ?? []) {
      expect(decision?.reason).toContain('kin.cards (customer_id = 7, card_no = 3) cannot be told whose it is')
    }
    expect(await readKin(on)).toEqual(before)
    expect((await repair(...policies)).run, 'the binlogs tell').toMatchObject({ code: 0 })
    expect(
      await on.ask('SELECT c.name FROM kin.cards JOIN kin.customers c USING (customer_id) WHERE card_no = 3')
    ).toEqual({
      a: [{ name: 'Bob' }],
      b: [{ name: 'Bob' }]
    })
  })

  it('are left alone when a row comes to point to one of them after the plan was made', async () => {
    const pause = new Pause(on.path('planned'))
    // Ids are reserved three times before the first transaction that writes.
    const point = pause.fault({ call: 'run', matching: '^START', when: 'before', nth: 4 })
    const files = ['--csv', on.path('late.csv'), '--journal', on.path('late.journal')]
    const args = ['diff', '--config', config, '--repair', '--yes', ...files, '--progress', 'never']
    const running = mmaudit(args, withFault(point))
    await pause.reached()
    await on.lab.run('b', "INSERT INTO kin.orders VALUES (1000, 7, 'bob-1000', 'west')")
    await pause.letGo()
    expect(await running).toMatchObject({ code: 1 })
    const lines = parse(await readFile(on.path('late.csv'), 'utf8'), { columns: true }) as Record<string, string>[]
    expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(['refused']))
    await on.lab.run('b', 'DELETE FROM kin.orders WHERE order_id = 1000')
    await vi.waitFor(async () => expect(await readKin(on)).toEqual(planted))
  })

  it('are left alone while lanes meet, whoever is named', async () => {
    await on.lab.run('b', 'SET GLOBAL auto_increment_offset = 1')
    try {
      const { report: manual } = await repair('--yes')
      expect(reasonOf(manual?.divergences)).toEqual([
        'manual',
        expect.stringContaining('id 7 lies in the lanes of a, b')
      ])
      const { report: refused } = await repair('--yes', '--policy', 'collision=rekey:a')
      expect(reasonOf(refused?.divergences)).toEqual([
        'refused',
        expect.stringContaining('mend the lanes first, see mmaudit doctor')
      ])
      expect(await readKin(on)).toEqual(planted)
    } finally {
      await on.lab.run('b', 'SET GLOBAL auto_increment_offset = 2')
    }
  })

  it('of the lab, with everything of theirs, are as the lab knows them', async () => {
    const { made } = await labDiverge({ dir: on.lab.dir, class: 'collision-family', count: 3 })
    const { run, report } = await on.command([
      ...[
        'diff',
        '--config',
        on.path('repair.yaml'),
        '--repair',
        '--yes',
        '--policy',
        'collision=rekey',
        '--policy',
        'missing=union'
      ]
    ])
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    const named = (rows: readonly Pick<Divergence, 'table' | 'key' | 'class'>[]) =>
      rows.map((row) => JSON.stringify([row.table, row.key, row.class])).toSorted()
    expect(named(report?.divergences ?? [])).toEqual(named(made))
    const owners = await on.ask(
      `SELECT c.email, o.order_no FROM retail_db.orders o JOIN retail_db.customers c USING (customer_id)
       WHERE c.email LIKE 'new.%' ORDER BY o.order_no`
    )
    expect(owners.b).toEqual(owners.a)
    expect(owners.a).toHaveLength(9)
    for (const { email, order_no } of owners.a as { email: string; order_no: string }[]) {
      expect(/^new\.(.)\./.exec(email)?.[1]?.toUpperCase(), `${email} ${order_no}`).toBe(order_no.charAt(3))
    }
  })

  it('get ids that nobody else gets, while others insert', async () => {
    const taken = Array.from({ length: 10 }, (_, n) => 101 + 2 * n)
    for (const master of on.masters) {
      const rows = taken.map((id) => `(${id}, '${master}${id}@x', '${master} ${id}', NULL)`)
      await on.lab.runLocally(master, `INSERT INTO kin.customers VALUES ${rows}`)
    }
    let isOver = false
    let inserted = 0
    const writer = async () => {
      while (!isOver) {
        const emails = Array.from({ length: 5 }, () => `('new${inserted++}@x', 'new')`)
        await on.lab.run('b', ...emails.map((row) => `INSERT INTO kin.customers (email, name) VALUES ${row}`))
      }
    }
    const writers = [writer(), writer()]
    const { run } = await repair('--yes', '--journal', on.path('busy.journal')).finally(() => {
      isOver = true
    })
    await Promise.all(writers)
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    expect(inserted).toBeGreaterThan(0)
    const count = async () => on.ask(`SELECT COUNT(*) AS n, COUNT(DISTINCT email) AS emails FROM kin.customers`)
    const all = { n: `${inserted + 6 + 2 * taken.length}`, emails: `${inserted + 6 + 2 * taken.length}` }
    await vi.waitFor(async () => expect(await count()).toEqual({ a: [all], b: [all] }))
    expect(await on.replication()).toEqual(on.masters.map(() => ({ receives: 'Yes', applies: 'Yes', error: '' })))
  })
})

function reasonOf(divergences: readonly Divergence[] | undefined): readonly (string | undefined)[] {
  const decision = divergences?.find(({ table, key }) => table === 'customers' && key.customer_id === '7')?.decision
  return [decision?.status, decision?.reason]
}

describe.each(replicating.slice(0, 1))('three rows under one id on three masters of %s', (kind) => {
  let on: RepairLab
  beforeAll(async () => {
    on = new RepairLab(await startTestLab(kind, { masters: 3, rows: 10 }))
    await createKin(on)
  })
  afterAll(() => on?.lab.down())

  it('all live, each with what points to it', async () => {
    for (const master of on.masters) {
      await on.lab.runLocally(
        master,
        `INSERT INTO kin.customers VALUES (7, '${master}@x', 'of ${master}', NULL)`,
        `INSERT INTO kin.orders VALUES (10${on.masters.indexOf(master)}, 7, 'of ${master}', 'here')`
      )
    }
    await on.lab.run('c', "INSERT INTO kin.orders VALUES (200, 7, 'of c', 'everywhere')")
    await vi.waitFor(async () => {
      const arrived = await on.ask('SELECT note FROM kin.orders WHERE order_id = 200')
      expect(Object.values(arrived)).toEqual(on.masters.map(() => [{ note: 'of c' }]))
    })
    const config = await on.configure('three.yaml', ['kin.*'], { rules: [{ class: 'collision', policy: 'rekey' }] })
    const { run } = await on.command([
      'diff',
      '--config',
      config,
      '--repair',
      '--yes',
      '--journal',
      on.path('three.journal')
    ])
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    const owners = await on.ask(
      'SELECT c.name, o.note, c.customer_id % 3 AS lane FROM kin.orders o JOIN kin.customers c USING (customer_id) ORDER BY order_id'
    )
    const expected = ['a', 'b', 'c', 'c'].map((master) => ({
      ...{ name: `of ${master}`, note: `of ${master}`, lane: `${(on.masters.indexOf(master) + 1) % 3}` }
    }))
    expect(owners).toEqual({ a: expected, b: expected, c: expected })
    expect(await on.undo('three.journal')).toMatchObject({ code: 0 })
    const back = await on.ask('SELECT name FROM kin.customers WHERE customer_id = 7')
    expect(back).toEqual({ a: [{ name: 'of a' }], b: [{ name: 'of b' }], c: [{ name: 'of c' }] })
  })
})
