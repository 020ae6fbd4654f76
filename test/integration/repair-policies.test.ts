import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Decision } from '../../src/model/divergence.js'
import {
  COLUMNS,
  equalRows,
  fill,
  lines,
  type PolicyCase,
  policyCases,
  type Row,
  selectRows
} from '../support/policy-cases.js'
import { type Expected, expectedOf } from '../support/policy-model.js'
import { type FileRule, type Ran, RepairLab } from '../support/repair-lab.js'
import { representativeKinds } from '../support/representative.js'
import { findSqlClient, runSqlFile } from '../support/sql-client.js'
import { startTestLab } from '../support/test-lab.js'

const client = findSqlClient()
if (client === null) process.stderr.write('\n*** LEFT OUT: no mysql client is installed: no script is tried\n\n')

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))
const layouts = replicating.flatMap((kind) => [2, 3].map((masters) => ({ kind, masters })))

/** The master that rules prefer where decisions by hand are to go before them. */
const RULE_BY_HAND = 'prefer:a'

function present(rows: readonly (Row | null | undefined)[]): readonly Row[] {
  return rows.filter((row) => row != null)
}

/** Policies by the name of the table that each decides. */
function policiesFor(masters: readonly string[]): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(masters.map((master) => [`prefer_${master}`, `prefer:${master}`])),
    unions: 'union',
    newest: 'newest:updated_at',
    oldest: 'oldest:updated_at',
    newest_seen: 'newest:seen',
    greatest_amount: 'greatest:amount',
    least_amount: 'least:amount',
    greatest_hits: 'greatest:hits',
    least_name: 'least:name',
    greatest_name: 'greatest:NAME',
    greatest_bin: 'greatest:bin',
    least_took: 'least:took',
    majority: 'majority',
    coalesced: 'coalesce',
    lanes: 'lane-owner',
    manual: 'manual',
    by_hand: RULE_BY_HAND,
    unruled: ''
  }
}

describe.each(layouts)('every policy on $masters masters of $kind', ({ kind, masters: count }) => {
  let on: RepairLab
  let cases: readonly PolicyCase[]
  let policies: Readonly<Record<string, string>>
  let config: string

  beforeAll(async () => {
    on = new RepairLab(await startTestLab(kind, { masters: count, rows: 10 }))
    cases = policyCases(on.masters)
    policies = policiesFor(on.masters)
    await on.everywhere('CREATE DATABASE policies CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')
    for (const table of Object.keys(policies)) {
      await on.everywhere(`CREATE TABLE policies.${table} (${COLUMNS}) ENGINE = InnoDB`)
    }
    config = await on.configure('policies.yaml', ['policies.*'], { maxPercent: 100, rules: rules() })
    await plant()
    await decide()
  })
  afterAll(() => on?.lab.down())

  /** One rule for each table, in the order of the tables. */
  function rules(): readonly FileRule[] {
    return ruled().map((table) => ({ tables: `policies.${table}`, policy: policies[table] ?? '' }))
  }

  function ruled(): readonly string[] {
    return Object.keys(policies).filter((table) => policies[table] !== '')
  }

  async function plant(tables = Object.keys(policies)): Promise<void> {
    for (const table of tables) {
      const name = `policies.${table}`
      const planted = on.masters.map((master) => on.lab.runLocally(master, ...fill(name, rowsOn(master))))
      await Promise.all(planted)
    }
  }

  function rowsOn(master: string): readonly Row[] {
    return [...present(cases.map((each) => each.rows[master])), ...equalRows()]
  }

  /** What is written into the CSV for the rows of `by_hand`, in turn. */
  function handOf(id: string): string {
    const choices = [...on.masters, 'delete', 'skip', '']
    return choices[Number(id) % choices.length] ?? ''
  }

  /** Lets an audit write its CSV, and edits it as a user would. */
  async function decide(): Promise<void> {
    const { run } = await on.command(['diff', 'policies.by_hand', '--config', config, '--csv', on.path('rows.csv')])
    expect(run).toMatchObject({ code: 1 })
    const written = parse(await readFile(on.path('rows.csv'), 'utf8'), { columns: true }) as Record<string, string>[]
    expect(written).toHaveLength(cases.length)
    const edited = written.map((line) => ({ ...line, winner: handOf(line.key ?? '') }))
    await writeFile(on.path('edited.csv'), stringify(edited, { header: true }))
  }

  function repair(...args: readonly string[]): Promise<Ran> {
    return on.command(['diff', ...args, '--config', config, '--repair', '--decisions', on.path('edited.csv')])
  }

  function expected(table: string, each: PolicyCase): Expected {
    const hand = table === 'by_hand' ? handOf(each.id) : ''
    return expectedOf(hand === '' ? (policies[table] ?? '').toLowerCase() : hand, each)
  }

  /** The table as a policy leaves it on a master. */
  function tableOn(master: string, table: string): readonly Row[] {
    const left = cases.map((each) => {
      const { wanted } = expected(table, each)
      return wanted === 'manual' ? each.rows[master] : wanted
    })
    return [...present(left), ...equalRows()]
  }

  async function expectTables(rowsOf: (master: string, table: string) => readonly Row[]): Promise<void> {
    for (const table of Object.keys(policies)) {
      const held = await on.ask(selectRows(`policies.${table}`))
      for (const master of on.masters) {
        expect(lines(held[master]), `${table} on ${master}`).toEqual(lines(rowsOf(master, table)))
      }
    }
  }

  /** Runs the script of each master, which must find every row as it expects it; how many statements each had. */
  async function runScripts(sqlClient: string, folder: string): Promise<Readonly<Record<string, number>>> {
    expect(await on.files(folder)).toEqual(on.masters.map((master) => `${master}.sql`))
    const counts: Record<string, number> = {}
    for (const master of on.lab.state.masters) {
      const run = await runSqlFile(sqlClient, master, on.path(`${folder}/${master.name}.sql`))
      const [, made, all] = /(\d+) of (\d+) statements changed their row\n$/.exec(run.stdout) ?? []
      expect(run, run.stderr).toMatchObject({ code: 0, stdout: expect.not.stringContaining('stale') })
      expect(made).toBe(all)
      counts[master.name] = Number(made)
    }
    return counts
  }

  const asPlanted = (master: string) => rowsOn(master)

  /** Every row of the report has the decision that the model makes, and no row is left out. */
  function expectDecisions({ report }: Ran, status: Decision['status']): void {
    const found = new Map(report?.divergences.map((each) => [`${each.table} ${each.key.id}`, each]))
    expect(found.size).toBe(cases.length * Object.keys(policies).length)
    for (const table of Object.keys(policies)) {
      for (const each of cases) {
        const { wanted, winners, action } = expected(table, each)
        const divergence = found.get(`${table} ${each.id}`)
        const name = `${table}: ${each.name}`
        expect(divergence, name).toMatchObject({
          class: each.class,
          decision: { ...ruleOf(table, each), action, status: wanted === 'manual' ? 'manual' : status }
        })
        const winner = divergence?.decision?.winner ?? null
        if (winners.length === 0) expect(winner, name).toBeNull()
        else expect(winners, name).toContain(winner)
        expect(divergence?.decision?.reason, name).not.toBe('')
      }
    }
  }

  function ruleOf(table: string, { id }: PolicyCase): Pick<Decision, 'rule' | 'policy'> {
    if (table === 'by_hand' && handOf(id) !== '') return { rule: '--decisions', policy: 'by hand' }
    const policy = policies[table] ?? ''
    return policy === '' ? { rule: null, policy: 'manual' } : { rule: `rule ${ruled().indexOf(table) + 1}`, policy }
  }

  it.runIf(client !== null)('plans in a dry run, and its scripts do what the policies say', async () => {
    const before = await on.binlogs()
    const ran = await repair('--dry-run', '--sql-dir', on.path('scripts'))
    expect(ran.run).toMatchObject({ code: 1 })
    expect(ran.report?.repair).toMatchObject({ dryRun: true, journal: null, stopped: null })
    expectDecisions(ran, 'planned')
    await expectTables(asPlanted)

    expect(await on.files('scripts')).toEqual(on.masters.map((master) => `${master}.sql`))
    const made = await runScripts(client ?? '', 'scripts')
    for (const master of on.masters) {
      // A row that has to make way for another is written twice.
      expect(made[master], master).toBeGreaterThanOrEqual(ran.report?.repair?.changes[master] ?? Number.NaN)
    }
    await expectTables(tableOn)
    expect(await on.binlogs()).toEqual(before)
    await plant()
  })

  it('leaves every master with the table of the model, and nothing in the binlogs', async () => {
    const before = await on.binlogs()
    const ran = await repair('--yes', '--journal', on.path('x.journal'))
    await expectTables(tableOn)
    expectDecisions(ran, 'applied')
    expect(await on.binlogs()).toEqual(before)
    const running = on.masters.map(() => ({ receives: 'Yes', applies: 'Yes', error: '' }))
    expect(await on.replication()).toEqual(running)
    expect(ran.report?.repair).toMatchObject({ dryRun: false, journal: on.path('x.journal'), stopped: null })
    expect(ran.report?.summary).toMatchObject({ complete: true, consistent: false })
    expect(ran.run).toMatchObject({ code: 1 })
    for (const { table, status } of ran.report?.tables ?? []) {
      const left = cases.some((each) => expected(table, each).wanted === 'manual')
      expect(status, table).toBe(left ? 'divergent' : 'consistent')
    }
  })

  it('writes nothing the second time', async () => {
    const [before, changes] = [await on.binlogs(), await on.journalled('x.journal')]
    const ran = await repair('--yes', '--journal', on.path('x.journal'))
    await expectTables(tableOn)
    expect(await on.journalled('x.journal')).toBe(changes)
    expect(await on.binlogs()).toEqual(before)
    expect(ran.report?.repair).toMatchObject({ changes: {}, stopped: null, rows: { applied: 0, stale: 0 } })
    expect(ran.report?.divergences.every(({ decision }) => decision?.status === 'manual')).toBe(true)
    expect(ran.run).toMatchObject({ code: 1 })
  })

  it('is taken back exactly, once', async () => {
    const before = await on.binlogs()
    const dry = await on.undo('x.journal', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('Would take back') })
    await expectTables(tableOn)
    const run = await on.undo('x.journal')
    await expectTables(asPlanted)
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Taken back') })

    const changes = await on.journalled('x.journal')
    const again = await on.undo('x.journal')
    expect(again).toMatchObject({ code: 0 })
    await expectTables(asPlanted)
    expect(await on.journalled('x.journal')).toBe(changes)
    expect(await on.binlogs()).toEqual(before)
  })

  it('can be repaired again into the same journal, and taken back by scripts', async () => {
    await repair('policies.by_hand', 'policies.newest', '--yes', '--journal', on.path('x.journal'))
    const again = ['by_hand', 'newest']
    const repaired = (master: string, table: string) =>
      again.includes(table) ? tableOn(master, table) : rowsOn(master)
    await expectTables(repaired)
    await on.undo('x.journal', '--dry-run', '--sql-dir', on.path('back'))
    await expectTables(repaired)
    if (client !== null) await runScripts(client, 'back')
    // Where the scripts did it, there is nothing left to take back.
    expect(await on.undo('x.journal')).toMatchObject({ code: 0 })
    await expectTables(asPlanted)
  })

  it('ends with 0 when one policy on the command line decides everything', async () => {
    const args = ['diff', 'policies.unruled', '--config', config, '--repair', '--policy', 'prefer:b', '--yes']
    const { run, report } = await on.command([...args, '--journal', on.path('flag.journal')])
    const held = await on.ask(selectRows('policies.unruled'))
    for (const master of on.masters) expect(lines(held[master]), master).toEqual(lines(tableOn('b', 'prefer_b')))
    expect(report?.summary).toMatchObject({ complete: true, consistent: true })
    expect(report?.tables).toMatchObject([{ status: 'consistent', reason: null }])
    expect(report?.divergences[0]?.decision).toMatchObject({ rule: '--policy prefer:b', policy: 'prefer:b' })
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Repaired') })
    expect(await on.undo('flag.journal')).toMatchObject({ code: 0 })
    await expectTables(asPlanted)
  })

  it('takes a policy for each class, and deletes only what was allowed', async () => {
    const byClass = { missing: 'union', conflict: 'newest:updated_at', collision: 'lane-owner' }
    const wanted = cases.map((each) => expectedOf(byClass[each.class], each))
    const deletes = cases.flatMap(({ rows }, at) =>
      wanted[at]?.wanted === null ? Object.values(rows).filter((row) => row !== null) : []
    ).length
    const flags = Object.entries(byClass).flatMap(([cls, policy]) => ['--policy', `${cls}=${policy}`])
    const args = ['diff', 'policies.unruled', '--config', config, '--repair', ...flags, '--yes']
    const journal = ['--journal', on.path('classes.journal')]
    // Only where there are three can some have different rows and one none.
    expect(deletes > 0).toBe(count > 2)
    if (deletes > 0) {
      const { run, report } = await on.command([...args, ...journal, '--max-deletes', String(deletes - 1)])
      const reason = `${deletes} rows would be deleted, more than --max-deletes ${deletes - 1}`
      expect(report?.repair).toMatchObject({ stopped: reason, changes: {} })
      const statuses = new Set(report?.divergences.map(({ decision }) => decision?.status))
      expect(statuses).toEqual(new Set(['refused', 'manual']))
      expect(run).toMatchObject({ code: 2 })
      await expectTables(asPlanted)
      expect((await on.command([...args, ...journal])).report?.repair?.stopped).toContain('more than --max-deletes 0')
      await expectTables(asPlanted)
    }
    const { run } = await on.command([...args, ...journal, '--max-deletes', String(deletes)])
    const held = await on.ask(selectRows('policies.unruled'))
    for (const master of on.masters) {
      const left = cases.map(({ rows }, at) => {
        const row = wanted[at]?.wanted
        return row === 'manual' ? rows[master] : row
      })
      expect(lines(held[master]), master).toEqual(lines([...present(left), ...equalRows()]))
    }
    expect(run).toMatchObject({ code: 1 })
    expect(await on.undo('classes.journal')).toMatchObject({ code: 0 })
    await expectTables(asPlanted)
  })

  it('still replicates', async () => {
    for (const master of on.masters) {
      await on.lab.run(
        master,
        `INSERT INTO policies.lanes (id, code) VALUES (800000 + @@server_id, CONCAT('arrived ', @@server_id))`
      )
    }
    const arrived = 'SELECT COUNT(*) AS n FROM policies.lanes WHERE id BETWEEN 800000 AND 800100'
    const all = Object.fromEntries(on.masters.map((master) => [master, [{ n: String(count) }]]))
    await vi.waitFor(async () => expect(await on.ask(arrived)).toEqual(all), 30_000)
  })
})

describe.each(replicating)('repairs on %s', (kind) => {
  let on: RepairLab

  beforeAll(async () => {
    on = new RepairLab(await startTestLab(kind, { rows: 50 }))
    await on.everywhere('CREATE DATABASE repairs CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')
    for (const table of ['t', 'orders', 'orders_old', 'stock']) {
      await on.everywhere(`CREATE TABLE repairs.${table} (${T}) ENGINE = InnoDB`)
    }
  })
  afterAll(() => on?.lab.down())

  const T = 'id INT PRIMARY KEY, status VARCHAR(20), hits INT, note VARCHAR(20), code VARCHAR(20) NOT NULL UNIQUE'

  /** Makes the table hold on each master what is written here, as `id status hits note code`. */
  async function hold(table: string, rows: Readonly<Record<'a' | 'b', readonly string[]>>): Promise<void> {
    for (const master of ['a', 'b'] as const) {
      const values = rows[master].map((row) => `(${row.split(' ').map((part) => `'${part}'`)})`)
      const insert = values.length === 0 ? [] : [`INSERT INTO repairs.${table} VALUES ${values}`]
      await on.lab.runLocally(master, `DELETE FROM repairs.${table}`, ...insert)
    }
  }

  async function held(table: string, master: string): Promise<readonly string[]> {
    const rows = await on.lab.query(master, `SELECT * FROM repairs.${table} ORDER BY id`)
    return rows.map((row) => Object.values(row).join(' '))
  }

  describe('by rules of a file', () => {
    const RULES: readonly FileRule[] = [
      { tables: 'repairs.orders_old', policy: 'manual' },
      { tables: ['repairs.orders*', 'other.*'], class: 'missing', policy: 'union' },
      { tables: 'repairs.orders', when: "a.status = 'PAID' AND b.status <> 'PAID'", policy: 'prefer:a' },
      { tables: 'repairs.orders', when: "b.status = 'PAID' AND a.status <> 'PAID'", policy: 'prefer:b' },
      { columns: ['hits', 'note'], class: ['conflict', 'collision'], policy: 'greatest', column: 'hits' },
      { class: 'collision', policy: 'prefer:b' },
      { class: 'conflict', tables: 'repairs.stock', policy: 'manual' },
      { class: 'conflict', policy: 'prefer:a' }
    ]

    /** What each row is called by, and what is to become of it: the rule, and the master whose version is left. */
    const ORDERS: Readonly<Record<string, readonly [a: string | null, b: string | null, rule: string, left: string]>> =
      {
        1: ['1 NEW 1 x c1', null, 'rule 2', 'a'],
        2: [null, '2 NEW 1 x c2', 'rule 2', 'b'],
        3: ['3 PAID 1 x c3', '3 NEW 9 x c3', 'rule 3', 'a'],
        4: ['4 NEW 9 x c4', '4 PAID 1 y c4', 'rule 4', 'b'],
        5: ['5 PAID 1 x c5', '5 PAID 2 y c5', 'rule 5', 'b'],
        6: ['6 PAID 1 x c6', '6 PAID 1 y c6', 'rule 5', 'manual'],
        7: ['7 NEW 1 x c7', '7 NEW 1 x d7', 'rule 6', 'b'],
        8: ['8 NEW 1 x c8', '8 SENT 1 x c8', 'rule 8', 'a'],
        9: ['9 NEW 1 x c9', '9 SENT 1 x c9', '--decisions', 'b'],
        10: ['10 PAID 1 x c10', '10 NEW 1 x c10', '--decisions', 'manual'],
        11: ['11 PAID 1 x c11', '11 NEW 1 x c11', '--decisions', 'none'],
        12: ['12 NEW 1 x c12', null, '--decisions', 'none'],
        13: ['13 NEW 1 x c13', '13 SENT 5 x c13', 'rule 8', 'a']
      }
    const WINNERS: Readonly<Record<string, string>> = { 9: 'b', 10: 'skip', 11: 'DELETE', 12: 'b' }

    it('the first that matches decides, and the edited CSV goes before all', async () => {
      const rows = Object.values(ORDERS)
      const side = (at: 0 | 1) => rows.flatMap((row) => row[at] ?? [])
      await hold('orders', { a: side(0), b: side(1) })
      await hold('orders_old', { a: ['1 NEW 1 x c1'], b: [] })
      await hold('stock', { a: ['1 NEW 1 x c1', '2 NEW 1 x c2'], b: ['1 SENT 1 x c1'] })
      const config = await on.configure('rules.yaml', ['repairs.*'], { rules: RULES })
      await on.command(['diff', '--config', config, '--csv', on.path('rows.csv')])
      const written = parse(await readFile(on.path('rows.csv'), 'utf8'), { columns: true }) as Record<string, string>[]
      const edited = written
        .map((line) => (line.table === 'orders' ? { ...line, winner: WINNERS[line.key ?? ''] ?? '' } : line))
        .reverse()
      await writeFile(on.path('edited.csv'), stringify(edited, { header: true, delimiter: ';', bom: true }))

      const files = ['--decisions', on.path('edited.csv'), '--journal', on.path('rules.journal')]
      const { run, report } = await on.command(['diff', '--config', config, '--repair', '--yes', ...files])
      const left = (own: 0 | 1) => (row: (typeof rows)[number]) =>
        ({ a: row[0], b: row[1], manual: row[own], none: null })[row[3]] ?? []
      expect(await held('orders', 'a')).toEqual(rows.flatMap(left(0)))
      expect(await held('orders', 'b')).toEqual(rows.flatMap(left(1)))
      expect(await held('orders_old', 'b')).toEqual([])
      expect(await held('stock', 'b')).toEqual(['1 SENT 1 x c1'])

      const said = (table: string) =>
        Object.fromEntries(
          report?.divergences.filter((each) => each.table === table).map((each) => [each.key.id, each.decision]) ?? []
        )
      const decisions = said('orders')
      for (const [id, [, , rule, kept]] of Object.entries(ORDERS)) {
        expect(decisions[id], id).toMatchObject({ rule, status: kept === 'manual' ? 'manual' : 'applied' })
      }
      expect(decisions).toMatchObject({
        5: { policy: 'greatest:hits', reason: 'hits is greatest on b' },
        6: { reason: 'hits is greatest on a, b alike, and the versions differ' },
        9: { winner: 'b', policy: 'by hand', reason: 'b was chosen by hand' },
        10: { winner: null, reason: 'skipped by hand' },
        11: { winner: null, action: 'delete', reason: 'deleted by hand' },
        12: { winner: 'b', action: 'delete', reason: 'b was chosen by hand, and does not have the row' }
      })
      expect(said('orders_old')).toMatchObject({ 1: { rule: 'rule 1', status: 'manual' } })
      expect(said('stock')).toMatchObject({
        1: { rule: 'rule 7', status: 'manual' },
        2: { rule: null, policy: 'manual', reason: 'no rule matches' }
      })
      expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining('no rule matches') })
    })

    it('which can never decide their class are refused when the file is read', async () => {
      const wrong = [
        { class: 'missing', policy: 'newest:status' },
        { policy: 'union', class: ['conflict'] }
      ]
      for (const rule of wrong) {
        const config = await on.configure('wrong.yaml', ['repairs.*'], { rules: [rule] })
        const { run, report } = await on.command(['diff', '--config', config, '--repair', '--dry-run'])
        expect(run).toMatchObject({ code: 78, stderr: expect.stringContaining('repair.rules[0].policy') })
        expect(report).toBeNull()
      }
    })
  })

  describe('that only look', () => {
    const ROWS = {
      a: ['1 A 1 x c1', '2 A 1 x c2', '3 A 1 x c3', '5 A 1 x c5', '6 A 1 x c6', '7 A 1 x c7'],
      b: ['1 A 1 x c1', '3 B 1 x c3', '4 B 1 x c4', '5 B 2 y d5', '6 A 1 x c7', '7 A 1 x c6']
    }
    /** Statements that leave rows, definitions, and settings of the server as they are. */
    const HARMLESS =
      /^(SELECT|SHOW|WITH|SET (?!GLOBAL|PERSIST)@?|START TRANSACTION|BEGIN|COMMIT|ROLLBACK|KILL|EXPLAIN)\b/i
    const LOOKING = ['diff', 'repairs.t', '--repair', '--policy', 'prefer:a']

    async function writesOf(args: readonly string[], code: number): Promise<readonly string[]> {
      let asked = 0
      const heard = await on.listen('mmaudit_repair', async () => {
        const { run, report } = await on.command([...args, '--config', on.path('repair.yaml')])
        expect(run, run.stderr).toMatchObject({ code })
        asked = Object.values(report?.costs ?? {}).reduce((sum, { queries }) => sum + queries, 0)
      })
      expect(heard.length).toBeGreaterThan(10)
      expect(asked, 'the costs of a report are those of its repair too').toBe(heard.length)
      return heard.map((said) => said.replace(/^(\s|\/\*.*?\*\/|\()+/s, '')).filter((said) => !HARMLESS.test(said))
    }

    it.each([
      ['a plan', [...LOOKING, '--dry-run']],
      ['a plan as scripts', [...LOOKING, '--dry-run', '--sql-dir']],
      ['what could be chosen', ['diff', 'repairs.t', '--repair', '--dry-run']]
    ])('write nothing: %s', async (_, args) => {
      await hold('t', ROWS)
      const before = [await on.binlogs(), await on.checksums()]
      const more = args.at(-1) === '--sql-dir' ? [on.path('looked')] : []
      expect(await writesOf([...args, ...more], 1)).toEqual([])
      expect([await on.binlogs(), await on.checksums()]).toEqual(before)
      expect(await held('t', 'a')).toEqual(ROWS.a)
      expect(await held('t', 'b')).toEqual(ROWS.b)
    })

    it('write nothing before undoing, either', async () => {
      await hold('t', ROWS)
      const journal = on.path('heard.journal')
      const writes = await writesOf([...LOOKING, '--yes', '--journal', journal], 0)
      // The same ear hears the writes of a repair.
      expect(writes.filter((said) => /^(INSERT|UPDATE|DELETE)\b/i.test(said)).length).toBeGreaterThanOrEqual(6)
      expect(await held('t', 'b')).toEqual(ROWS.a)
      const before = [await on.binlogs(), await on.checksums()]
      const heard = await on.listen('mmaudit_repair', async () => {
        expect(await on.undo('heard.journal', '--dry-run')).toMatchObject({ code: 0 })
      })
      expect(heard.filter((said) => /^\W*(\/\*.*\*\/)?\s*(INSERT|UPDATE|DELETE|REPLACE)\b/is.test(said))).toEqual([])
      expect([await on.binlogs(), await on.checksums()]).toEqual(before)
    })

    it('print what each policy would do when none was named', async () => {
      await hold('t', ROWS)
      const { run, report } = await on.command([
        'diff',
        'repairs.t',
        '--repair',
        '--dry-run',
        '--config',
        on.path('repair.yaml')
      ])
      expect(run).toMatchObject({ code: 1 })
      for (const policy of ['union', 'prefer:a', 'prefer:b']) expect(run.stdout).toContain(policy)
      expect(report?.divergences.every(({ decision }) => decision === null)).toBe(true)
      expect(report?.repair).toBeNull()
    })
  })

  it.each([
    ['no policy', ['--repair', '--yes'], 'nothing is repaired without a policy'],
    ['nobody to ask', ['--repair', '--policy', 'union'], 'there is no terminal to ask on'],
    ['policies without a repair', ['--policy', 'union'], '--repair was not said'],
    ['two policies for a class', ['--repair', '--yes', '--policy', 'union', '--policy', 'prefer:a'], 'two policies'],
    ['an unknown master', ['--repair', '--yes', '--policy', 'prefer:z'], 'there is no master named z'],
    ['an unknown keeper', ['--repair', '--yes', '--policy', 'rekey:z'], 'there is no master named z'],
    ['a class it cannot decide', ['--repair', '--yes', '--policy', 'conflict=union'], 'union']
  ])('end with 64 before anything is looked at: %s', async (_, args, message) => {
    const heard = await on.listen('mmaudit_repair', async () => {
      const { run, report } = await on.command(['diff', '--config', on.path('repair.yaml'), ...args])
      expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining(message) })
      expect(report).toBeNull()
    })
    expect(heard).toEqual([])
  })

  describe('of a saved report', () => {
    const EQUAL = Array.from({ length: 30 }, (_, at) => `${100 + at} EQ 0 x e${at}`)
    const A = ['1 A 1 x c1', '2 A 1 x c2', '3 A 1 x c3', '4 A 1 x c4', '5 A 1 x c5', '6 A 1 x c6', ...EQUAL]
    const B = ['1 B 1 x c1', '2 B 1 x c2', '3 B 1 x c3', '6 B 2 y d6', '7 B 1 x c7', ...EQUAL]

    async function report(): Promise<string> {
      await hold('t', { a: A, b: B })
      const { run, report: found } = await on.command(['diff', 'repairs.t', '--config', on.path('repair.yaml')])
      expect(run).toMatchObject({ code: 1 })
      await writeFile(on.path('report.json'), JSON.stringify(found))
      return on.path('report.json')
    }

    function repair(path: string, ...args: readonly string[]): Promise<Ran> {
      const flags = ['--config', on.path('repair.yaml'), '--policy', 'prefer:a']
      return on.command(['repair', path, ...flags, ...args])
    }

    it('mend its rows, and leave what changed since alone', async () => {
      const path = await report()
      await on.lab.runLocally(
        'a',
        "UPDATE repairs.t SET note = 'newer' WHERE id = 1",
        'DELETE FROM repairs.t WHERE id = 5'
      )
      await on.lab.runLocally(
        'b',
        "UPDATE repairs.t SET status = 'A' WHERE id = 2",
        "INSERT INTO repairs.t VALUES (4, 'Z', 1, 'x', 'c4')"
      )
      await on.lab.runLocally('b', "UPDATE repairs.t SET note = 'not told' WHERE id = 101")
      const { run, report: after } = await repair(path, '--yes', '--journal', on.path('saved.journal'))
      const statuses = after?.divergences.map(({ key, decision }) => [key.id, decision?.action, decision?.status])
      expect(statuses).toEqual([
        ['1', 'none', 'stale'],
        ['3', 'update', 'applied'],
        ['4', 'none', 'stale'],
        ['6', 'update', 'applied'],
        ['7', 'delete', 'applied']
      ])
      expect(after?.divergences[0]?.decision?.reason).toContain('the row was changed on a since')
      expect(after?.tables[0]?.reason).toContain('2 of them agree now')
      expect(await held('t', 'a')).toEqual(
        A.map((row) => row.replace('1 A 1 x c1', '1 A 1 newer c1')).filter((row) => !row.startsWith('5 '))
      )
      expect((await held('t', 'b')).filter((row) => !row.startsWith('1') || row.startsWith('1 '))).toEqual([
        '1 B 1 x c1',
        '2 A 1 x c2',
        '3 A 1 x c3',
        '4 Z 1 x c4',
        '6 A 1 x c6'
      ])
      expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining('stale') })

      expect(await on.undo('saved.journal')).toMatchObject({ code: 0 })
      expect((await held('t', 'b')).slice(2, 6)).toEqual(['3 B 1 x c3', '4 Z 1 x c4', '6 B 2 y d6', '7 B 1 x c7'])
    })

    it('end with 0 when all its rows agree, and say so when nothing is left', async () => {
      const path = await report()
      const first = await repair(path, '--yes', '--journal', on.path('whole.journal'))
      expect(first.run, first.run.stderr).toMatchObject({ code: 0 })
      expect(await held('t', 'b')).toEqual(A)
      const second = await repair(path, '--yes', '--journal', on.path('second.journal'))
      expect(second.run).toMatchObject({ code: 0 })
      expect(second.report?.divergences).toEqual([])
      expect(await on.journalled('second.journal')).toBe(0)
    })

    it('are taken back where nobody wrote since', async () => {
      const path = await report()
      await repair(path, '--yes', '--journal', on.path('partly.journal'))
      await on.lab.runLocally(
        'b',
        "UPDATE repairs.t SET note = 'later' WHERE id IN (1, 2)",
        'DELETE FROM repairs.t WHERE id = 3',
        "INSERT INTO repairs.t VALUES (7, 'new', 1, 'x', 'c7')"
      )
      const run = await on.undo('partly.journal')
      expect(run).toMatchObject({ code: 2, stdout: expect.stringContaining('4 left') })
      expect(await held('t', 'b')).toEqual(['1 A 1 later c1', '2 A 1 later c2', '6 B 2 y d6', '7 new 1 x c7', ...EQUAL])
      expect(await held('t', 'a')).toEqual(A)
    })

    it.each([
      ['too many rows', ['--max-rows', '6'], 'than --max-rows 6'],
      ['too large a part of a table', ['--max-percent', '50'], 'more than --max-percent 50'],
      ['too many deletions', ['--max-deletes', '4'], '5 rows would be deleted, more than --max-deletes 4'],
      ['an emptied table', [], 'looks emptied on a']
    ])('are not begun with: %s', async (what, limits, reason) => {
      const many = Array.from({ length: 150 }, (_, at) => 1000 + at)
      const rowsOf = (status: string, from: number) => many.slice(from).map((id) => `${id} ${status} 1 x m${id}`)
      const rows = { a: rowsOf('A', what === 'an emptied table' ? 80 : 5), b: rowsOf('B', 0) }
      await hold('t', rows)
      const found = await on.command(['diff', 'repairs.t', '--config', on.path('repair.yaml')])
      await writeFile(on.path('report.json'), JSON.stringify(found.report))
      const allowed = what === 'too large a part of a table' ? [] : ['--max-percent', '100']
      const flags = ['--config', on.path('repair.yaml'), '--policy', 'prefer:a', ...limits, ...allowed]
      const dry = await on.command(['diff', 'repairs.t', '--repair', ...flags, '--dry-run'])
      expect(dry.report?.repair).toMatchObject({ stopped: expect.stringContaining(reason), dryRun: true })
      expect(dry.run).toMatchObject({ code: 1, stdout: expect.stringContaining('Would be stopped') })
      const journal = ['--journal', on.path('no.journal')]
      const { run, report: after } = await on.command(['repair', on.path('report.json'), ...flags, '--yes', ...journal])
      expect(after?.repair).toMatchObject({ stopped: expect.stringContaining(reason), changes: {}, journal: null })
      expect(after?.divergences).toHaveLength(150)
      expect(run).toMatchObject({ code: 2 })
      expect(await on.journalled('no.journal')).toBe(0)
      expect({ a: await held('t', 'a'), b: await held('t', 'b') }).toEqual(rows)
    })

    it.runIf(client !== null)('become scripts that leave a row alone to which others have come to point', async () => {
      const key = 'FOREIGN KEY (above) REFERENCES repairs.parent (id) ON DELETE CASCADE'
      await on.everywhere(
        'CREATE TABLE repairs.parent (id INT PRIMARY KEY, above INT, FOREIGN KEY (above) REFERENCES repairs.parent (id))',
        `CREATE TABLE repairs.child (id INT PRIMARY KEY, above INT, ${key})`
      )
      await on.lab.runLocally('b', 'INSERT INTO repairs.parent VALUES (1, NULL), (2, NULL), (3, NULL)')
      const way = ['--config', on.path('repair.yaml'), '--repair', '--dry-run', '--sql-dir', on.path('family')]
      await on.command([
        'diff',
        'repairs.parent',
        ...way,
        '--policy',
        'prefer:a',
        '--allow-emptied',
        '--max-percent',
        '100'
      ])
      await on.lab.runLocally(
        'b',
        'INSERT INTO repairs.child VALUES (1, 1)',
        'UPDATE repairs.parent SET above = 2 WHERE id = 3'
      )
      const server = on.lab.state.masters[1]
      if (server === undefined) throw new Error('the lab has no second master')
      const { code, stdout } = await runSqlFile(client ?? '', server, on.path('family/b.sql'))
      const left = await on.lab.query('b', 'SELECT id FROM repairs.parent ORDER BY id')
      const kept = await on.lab.query('b', 'SELECT id FROM repairs.child')
      await on.everywhere('DROP TABLE repairs.child, repairs.parent')
      expect({ code, left, kept }).toEqual({
        code: 0,
        left: [{ id: '1' }, { id: '2' }, { id: '3' }],
        kept: [{ id: '1' }]
      })
      expect(stdout.match(/stale\s+repairs\.parent id = \d/g)).toHaveLength(3)
    })

    it.runIf(client !== null)('become scripts that do the same', async () => {
      const path = await report()
      const folder = on.path('saved-scripts')
      await mkdir(folder)
      const { run } = await repair(path, '--dry-run', '--sql-dir', folder)
      expect(run).toMatchObject({ code: 1 })
      expect(await on.files('saved-scripts')).toEqual(['b.sql'])
      // What changes after the script was written is stale to it.
      await on.lab.runLocally('b', "UPDATE repairs.t SET note = 'later' WHERE id = 3")
      const server = on.lab.state.masters[1]
      if (server === undefined) throw new Error('the lab has no second master')
      const scripted = await runSqlFile(client ?? '', server, `${folder}/b.sql`)
      expect(scripted).toMatchObject({ code: 0, stdout: expect.stringMatching(/stale\s+repairs\.t id = 3/) })
      expect(scripted.stdout).toMatch(/6 of 7 statements changed their row/)
      expect(await held('t', 'b')).toEqual(A.map((row) => row.replace('3 A 1 x c3', '3 B 1 later c3')))
    })
  })
})
