import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { FactsOf } from '../../src/masters/table-facts.js'
import { readWriteAccess } from '../../src/masters/write-access.js'
import type { RowImage } from '../../src/model/repair.js'
import { childrenQueries } from '../../src/repair/look/children-guard.js'
import { tableObstacles } from '../../src/repair/look/impact.js'
import { rowObstacles } from '../../src/repair/look/row-obstacles.js'
import { checkedSteps } from '../../src/repair/order/checked-steps.js'
import { changesOf, RepairedMaster } from '../support/repairing.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const TEXT = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci'

const SCHEMA = [
  'CREATE DATABASE impact',
  'CREATE DATABASE impact_far',
  `CREATE TABLE impact.teams (id INT PRIMARY KEY, code ${TEXT} NOT NULL, tag INT NULL, note TEXT NULL,
    UNIQUE KEY code (code), UNIQUE KEY tag (tag), UNIQUE KEY pair (id, code), UNIQUE KEY opening (note(5))) ENGINE=InnoDB`,
  `CREATE TABLE impact.people (id INT PRIMARY KEY, team INT NULL, code ${TEXT} NULL, boss INT NULL,
    CONSTRAINT people_team FOREIGN KEY (team, code) REFERENCES impact.teams (id, code) ON DELETE CASCADE ON UPDATE SET NULL,
    CONSTRAINT people_boss FOREIGN KEY (boss) REFERENCES impact.people (id)) ENGINE=InnoDB`,
  `CREATE TABLE impact_far.badges (id INT PRIMARY KEY, team INT NOT NULL,
    CONSTRAINT badges_team FOREIGN KEY (team) REFERENCES impact.teams (id)) ENGINE=InnoDB`,
  'CREATE TABLE impact.plain (id INT PRIMARY KEY) ENGINE=MyISAM',
  'CREATE TRIGGER impact.people_code BEFORE UPDATE ON impact.people FOR EACH ROW SET NEW.code = NEW.code'
]

const ACCOUNTS = {
  impact_sees_all: 'GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON *.*',
  impact_no_trigger: 'GRANT SELECT, INSERT, UPDATE, DELETE ON *.*',
  impact_one_db: 'GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON `impact`.*',
  impact_reads: 'GRANT SELECT ON *.*'
}

const TABLES = {
  teams: { database: 'impact', table: 'teams' },
  people: { database: 'impact', table: 'people' },
  badges: { database: 'impact_far', table: 'badges' },
  plain: { database: 'impact', table: 'plain' }
}

const team = (id: number, code: string, tag: number | 'NULL' = 'NULL'): RowImage => ({
  id: `${id}`,
  code: `'${code}'`,
  tag: `${tag}`,
  note: 'NULL'
})
const person = (id: number, about: RowImage = {}): RowImage => ({
  ...{ id: `${id}`, team: 'NULL', code: 'NULL', boss: 'NULL' },
  ...about
})

const notOurs = inject('serverKinds').filter((kind) => kind.includes('://'))
if (notOurs.length > 0) {
  process.stderr.write(
    "\n*** LEFT OUT: a master that takes no writes, and its replicas, where servers are not the tests' own\n\n"
  )
}

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  let master: RepairedMaster
  let facts: FactsOf

  async function clean(): Promise<void> {
    const users = Object.keys(ACCOUNTS).map((user) => `DROP USER IF EXISTS ${user}`)
    await lab.runLocally('a', 'DROP DATABASE IF EXISTS impact_far', 'DROP DATABASE IF EXISTS impact', ...users)
  }

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 50 })
    await clean()
    const accounts = Object.entries(ACCOUNTS).flatMap(([user, grant]) => [`CREATE USER ${user}`, `${grant} TO ${user}`])
    await lab.runLocally('a', ...SCHEMA, ...accounts)
    master = await RepairedMaster.open(lab)
    facts = await master.facts('impact', 'teams', 'people', 'plain')
  })
  afterAll(async () => {
    await master?.close()
    if (lab !== undefined) await clean()
    await lab?.down()
  })

  async function as<Result>(
    user: keyof typeof ACCOUNTS,
    use: (other: RepairedMaster) => Promise<Result>
  ): Promise<Result> {
    const other = await RepairedMaster.open(lab, user)
    try {
      return await use(other)
    } finally {
      await other.close()
    }
  }

  describe('the facts of a table', () => {
    it('hold its keys, its triggers and the foreign keys on both sides, of other databases too', () => {
      const [teams, people] = [facts(TABLES.teams), facts(TABLES.people)]
      expect(teams).toMatchObject({ engine: 'InnoDB', transactional: true, systemVersioned: false, triggers: [] })
      expect(teams.uniqueKeys).toHaveLength(5)
      expect(teams.uniqueKeys).toContainEqual({ name: 'pair', columns: ['id', 'code'], lookable: true })
      expect(teams.uniqueKeys).toContainEqual({ name: 'opening', columns: ['note'], lookable: false })
      expect(teams.children.map(({ name, table }) => [name, table])).toEqual([
        ['people_team', TABLES.people],
        ['badges_team', TABLES.badges]
      ])
      expect(people.triggers).toEqual([{ name: 'people_code', verb: 'UPDATE', timing: 'BEFORE' }])
      expect(people.parents).toContainEqual({
        ...{ name: 'people_team', table: TABLES.people, columns: ['team', 'code'] },
        ...{ parent: TABLES.teams, parentColumns: ['id', 'code'], onDelete: 'CASCADE', onUpdate: 'SET NULL' }
      })
      expect(people.children).toMatchObject([{ name: 'people_boss', parent: TABLES.people }])
      expect(facts(TABLES.plain)).toMatchObject({ engine: 'MyISAM', transactional: false })
    })

    it.each([
      ['impact_sees_all', true, true],
      ['impact_no_trigger', false, true],
      ['impact_one_db', true, false],
      ['impact_reads', false, true]
    ] as const)('say what the account %s may see', async (user, triggersVisible, childrenVisible) => {
      const seen = await as(user, (other) => other.facts('impact', 'people', 'teams'))
      expect(seen(TABLES.people)).toMatchObject({ triggersVisible, childrenVisible })
      expect(seen(TABLES.people).parents.map(({ name }) => name)).toEqual(['people_boss', 'people_team'])
      const { refused } = tableObstacles(seen(TABLES.teams), new Set(['DELETE']), { allowTriggers: false }, true)
      expect(refused === null).toBe(triggersVisible && childrenVisible)
    })
  })

  it('tells who replicates from a master, and that an account may not know', async () => {
    const access = await readWriteAccess(master.session, master.capabilities)
    expect(access).toMatchObject({
      readOnly: false,
      closedBy: null,
      cluster: null,
      logsBinlog: true,
      binlogFormat: 'ROW'
    })
    if (!kind.includes('://')) expect(access.replicas).toMatchObject([{ serverId: 2 }])
    const hidden = await as('impact_reads', (other) => readWriteAccess(other.session, other.capabilities))
    expect(hidden.replicas).toBeNull()
  })

  it.runIf(!kind.includes('://'))('tells that a master takes no writes', async () => {
    const closing = master.capabilities.vendor === 'mysql' ? 'super_read_only' : 'read_only'
    await master.session.run(`SET GLOBAL ${closing} = ON`)
    const access = await readWriteAccess(master.session, master.capabilities)
    await master.session.run('SET GLOBAL read_only = OFF')
    expect(access).toMatchObject({ readOnly: true, closedBy: closing === 'read_only' ? null : closing })
  })

  it('finds tables that keep their history, and unique keys that cannot be searched', async () => {
    const isMariadb = master.capabilities.vendor === 'mariadb'
    await master.session.run(
      isMariadb
        ? 'CREATE TABLE impact.odd (id INT PRIMARY KEY, t TEXT, UNIQUE KEY whole (t)) WITH SYSTEM VERSIONING'
        : 'CREATE TABLE impact.odd (id INT PRIMARY KEY, t VARCHAR(9), UNIQUE KEY lowered ((LOWER(t))))'
    )
    await master.session.run(
      'CREATE TABLE impact.made (id INT PRIMARY KEY, a INT, g INT AS (a + 1) STORED, UNIQUE KEY g (g)) ENGINE=InnoDB'
    )
    const odd = await master.facts('impact', 'odd', 'made')
    expect(odd({ database: 'impact', table: 'odd' })).toMatchObject({ systemVersioned: isMariadb })
    expect(odd({ database: 'impact', table: 'odd' }).uniqueKeys.filter((key) => key.lookable)).toMatchObject([
      { name: 'PRIMARY', columns: ['id'] }
    ])
    expect(odd({ database: 'impact', table: 'made' }).uniqueKeys).toContainEqual({
      ...{ name: 'g', columns: ['g'], lookable: false }
    })
  })

  it('names rows of any key, whatever its types, in one statement', async () => {
    await master.session.run(
      `CREATE TABLE impact.keyed (k BINARY(2), s CHAR(4) CHARACTER SET latin1, d DATE, n DECIMAL(4,1), u INT NOT NULL,
        PRIMARY KEY (k, s, d, n), UNIQUE KEY u (u)) ENGINE=InnoDB`
    )
    await master.session.run("INSERT INTO impact.keyed VALUES (X'00ff', _latin1 X'e9', '2020-01-02', 1.5, 1)")
    const ref = { database: 'impact', table: 'keyed' }
    const keyed = await master.facts('impact', 'keyed', 'teams')
    const row = (k: string) => ({ k, s: "'x'", d: "'2020-01-01'", n: '2.0', u: '1' })
    const changes = changesOf(keyed, { keyed: ref, teams: TABLES.teams }, [
      ['keyed', null, row("X'0001'")],
      ['teams', null, team(50, 'fifty')]
    ]).map((change) => ({
      ...change,
      table: { ...change.table, key: change.table.ref.table === 'keyed' ? ['k', 's', 'd', 'n'] : ['id'] }
    }))
    const refused = await rowObstacles(master.session, changes, keyed)
    expect([...refused]).toEqual([
      [1, expect.stringContaining('impact.keyed (k = 0x00FF, s = é, d = 2020-01-02, n = 1.5), has that value')]
    ])
  })

  describe('rows in the way', () => {
    beforeEach(async () => {
      await lab.runLocally(
        'a',
        'DELETE FROM impact_far.badges',
        'UPDATE impact.people SET boss = NULL',
        'DELETE FROM impact.people',
        'DELETE FROM impact.teams',
        "INSERT INTO impact.teams (id, code, tag) VALUES (1, 'red', 10), (2, 'blue', 20), (3, 'green', NULL)",
        "INSERT INTO impact.people VALUES (1, 1, 'red', NULL), (2, 1, 'red', 1), (3, NULL, NULL, 3)",
        'INSERT INTO impact_far.badges VALUES (7, 2)'
      )
    })

    const look = (...rows: Parameters<typeof changesOf>[2]) =>
      rowObstacles(master.session, changesOf(facts, { teams: TABLES.teams, people: TABLES.people }, rows), facts)

    it('have the unique value that is to be taken, as the server compares it; NULL clashes with nothing', async () => {
      const refused = await look(
        ['teams', null, team(4, 'RED ')],
        ['teams', null, team(5, 'black', 20)],
        ['teams', null, team(6, 'white')]
      )
      expect([...refused.keys()]).toEqual([1, 2])
      expect(refused.get(1)).toBe(
        "another row, impact.teams (id = 1), has that value of the unique key code (code = 'RED ')"
      )
      expect(refused.get(2)).toContain('impact.teams (id = 2), has that value of the unique key tag (tag = 20)')
    })

    it('are no obstacle when they get out of the way, unless that is refused', async () => {
      const moves = ['teams', team(3, 'green'), team(3, 'grey')] as const
      expect(await look(['teams', null, team(4, 'GREEN')], moves)).toEqual(new Map())
      const blocked = ['teams', team(3, 'green'), team(3, 'blue')] as const
      const refused = await look(['teams', null, team(4, 'GREEN')], blocked)
      expect(refused.get(1)).toBe('impact.teams (id = 3) has to be written before it, and that is refused')
    })

    it('of which two want one value, are refused but for the first', async () => {
      const refused = await look(['teams', null, team(4, 'x', 5)], ['teams', null, team(5, 'y', 5)])
      expect([...refused]).toEqual([[2, expect.stringContaining('impact.teams (id = 4) is to get the same value')]])
    })

    it('lack a parent, or lean on one that goes', async () => {
      const refused = await look(
        ['people', null, person(4, { team: '9', code: "'red'" })],
        ['people', null, person(5, { team: '9', code: 'NULL' })],
        ['people', null, person(6, { team: '2', code: "'blue'" })],
        ['people', null, person(7, { team: '3', code: "'GREEN'" })],
        ['teams', team(3, 'green'), null],
        ['teams', null, team(8, 'new')],
        ['people', null, person(9, { team: '8', code: "'new'", boss: '9' })]
      )
      expect([...refused.keys()]).toEqual([1, 4])
      expect(refused.get(1)).toBe(
        "the row it points to by the foreign key people_team, impact.teams (id = 9, code = 'red'), is not on this master"
      )
      expect(refused.get(4)).toContain('is to be deleted or renumbered')
    })

    it('would be taken along with a parent, also from another database', async () => {
      const refused = await look(['teams', team(1, 'red', 10), null], ['teams', team(2, 'blue', 20), null])
      expect(refused.get(1)).toBe(
        '2 rows of impact.people point to it by the foreign key people_team, and ON DELETE CASCADE would delete them along ' +
          'with it, unlogged and without being looked at'
      )
      expect(refused.get(2)).toMatch(/^1 row of impact_far\.badges points to it by the foreign key badges_team, which/)
      const renamed = await look(['teams', team(1, 'red', 10), team(1, 'rose', 10)])
      expect(renamed.get(1)).toContain('ON UPDATE SET NULL would change them')
    })

    it('leave first when the plan says so', async () => {
      const [first, second] = [
        person(1, { team: '1', code: "'red'" }),
        person(2, { team: '1', code: "'red'", boss: '1' })
      ]
      const gone = ['people', second, null] as const
      const moved = ['people', first, person(1, { team: '2', code: "'blue'" })] as const
      expect(await look(['teams', team(1, 'red', 10), null], gone, moved)).toEqual(new Map())
      const left = await look(['teams', team(1, 'red', 10), null], gone)
      expect(left.get(1)).toMatch(/^1 row of impact.people points to it/)
    })

    it('point to themselves, which is in their own way', async () => {
      const refused = await look(['people', person(3, { boss: '3' }), null])
      expect(refused.get(1)).toBe('it points to itself by the foreign key people_boss, which then forbids it')
      await expect(master.session.run('DELETE FROM impact.people WHERE id = 3')).rejects.toThrow(/foreign key/)
    })

    it('are found again right before the write', async () => {
      const [change] = changesOf(facts, TABLES_WRITTEN, [['teams', team(1, 'red', 10), null]])
      if (change === undefined) throw new Error('no change')
      const found = []
      for (const query of childrenQueries(change, facts)) found.push((await master.session.query(query)).length)
      expect(found).toEqual([1, 0])
    })

    it('give way in an order that the server accepts, with a row parked that is to be deleted', async () => {
      const changes = changesOf(facts, TABLES_WRITTEN, [
        ['teams', team(1, 'red', 10), null],
        ['people', person(1, { team: '1', code: "'red'" }), person(1, { team: '4', code: "'grey'" })],
        ['people', person(2, { team: '1', code: "'red'", boss: '1' }), null],
        ['teams', null, team(4, 'grey', 10)]
      ])
      const { steps, refused } = await checkedSteps(master.session, changes, facts)
      expect(refused).toEqual(new Map())
      expect(steps.map((step) => `${step.kind} ${step.change.id}`)).toEqual([
        'park 1',
        'write 4',
        'write 2',
        'write 3',
        'write 1'
      ])
      await master.make(steps)
      expect(await master.session.query('SELECT id, team FROM impact.people ORDER BY id')).toEqual([
        { id: '1', team: '4' },
        { id: '3', team: null }
      ])
      expect(await master.session.query('SELECT id FROM impact.teams WHERE tag = 10')).toEqual([{ id: '4' }])
    })

    it('that cannot be had do not keep the others from being made', async () => {
      const changes = changesOf(facts, TABLES_WRITTEN, [
        ['teams', team(3, 'green'), team(3, 'black')],
        ['teams', null, team(4, 'green')],
        ['teams', null, team(5, 'black')],
        ['teams', team(2, 'blue', 20), team(2, 'blue', 21)]
      ])
      const { steps, refused } = await checkedSteps(master.session, changes, facts)
      expect([...refused.keys()]).toEqual([3])
      expect(refused.get(3)).toContain('is to get the same value of the unique key code')
      await master.make(steps)
      expect(await master.session.query('SELECT id FROM impact.teams WHERE tag = 21')).toEqual([{ id: '2' }])
    })
  })

  describe('a parked value', () => {
    it.each([
      ['INT NOT NULL', ['1', '2', '3']],
      ['INT NULL', ['1', '2', '3']],
      ['TINYINT NOT NULL', ['127', '126', '-128']],
      ['BIGINT UNSIGNED NOT NULL', ['18446744073709551615', '0', '1']],
      ['DECIMAL(6,2) NOT NULL', ['9999.99', '0.00', '-1.50']],
      ['DECIMAL(2,2) NOT NULL', ['0.99', '0.00', '-0.50']],
      ['VARCHAR(40) NOT NULL', ["'mmaudit-parked-0'", "'b'", "''"]],
      ['CHAR(1) NOT NULL', ["'Z'", "'b'", "'c'"]],
      ['VARBINARY(2) NOT NULL', ["X'ffff'", "X'00'", "X''"]],
      ['BINARY(3) NOT NULL', ["X'ffffff'", "X'000000'", "X'010203'"]],
      ['DATE NOT NULL', ["'9999-12-31'", "'2020-02-29'", "'1000-01-01'"]],
      ['DATETIME(3) NOT NULL', ["'9999-12-31 23:59:59.000'", "'2020-02-29 00:00:00.001'", "'1000-01-01 00:00:00.000'"]],
      ['TIMESTAMP NOT NULL', ["'2038-01-19 03:14:07'", "'2020-02-29 00:00:00'", "'1999-01-01 00:00:00'"]],
      ['TIME NOT NULL', ["'838:59:59'", "'00:00:00'", "'-01:00:00'"]],
      ['YEAR NOT NULL', ['2155', '1901', '2000']],
      ['DOUBLE NOT NULL', ['9007199254740991e0', '1.5e0', '-2e0']],
      ['FLOAT NOT NULL', ['16777216e0', '1.5e0', '-2e0']],
      ["ENUM('a','b','c') NULL", ["'a'", "'b'", "'c'"]]
    ])('lets rows with a unique %s swap, and three go round', async (type, values) => {
      const [u0 = '', u1 = '', u2 = ''] = values
      await lab.runLocally(
        'a',
        'DROP TABLE IF EXISTS impact.round',
        `CREATE TABLE impact.round (id INT PRIMARY KEY, u ${type}, w INT NOT NULL, UNIQUE KEY u (u), UNIQUE KEY uw (w, u)) ENGINE=InnoDB`
      )
      await master.session.run(`INSERT INTO impact.round VALUES (1, ${u0}, 1), (2, ${u1}, 2), (3, ${u2}, 3)`)
      const round = await master.facts('impact', 'round')
      const tables = { round: { database: 'impact', table: 'round' } }
      const row = (id: number, u: string): RowImage => ({ id: `${id}`, u, w: `${id}` })
      const make = async (before: readonly string[], after: readonly string[]) => {
        const rows = before.flatMap((u, at) => {
          const next = after[at] ?? ''
          return u === next ? [] : [['round', row(at + 1, u), row(at + 1, next)] as const]
        })
        const { steps, refused } = await checkedSteps(master.session, changesOf(round, tables, rows), round)
        expect(refused).toEqual(new Map())
        expect(steps.map(({ kind: what }) => what)).toEqual(['park', ...rows.map(() => 'write')])
        await master.make(steps)
        for (const [at, u] of after.entries()) {
          const held = await master.session.query(`SELECT id FROM impact.round WHERE u = ${u}`)
          expect(held).toEqual([{ id: `${at + 1}` }])
        }
      }
      await make([u0, u1, u2], [u1, u0, u2])
      await make([u1, u0, u2], [u0, u2, u1])
    })

    it('is not found in a full column: those rows are refused', async () => {
      await lab.runLocally(
        'a',
        'DROP TABLE IF EXISTS impact.full_house',
        'CREATE TABLE impact.full_house (id INT PRIMARY KEY, u TINYINT UNSIGNED NOT NULL UNIQUE) ENGINE=InnoDB',
        `INSERT INTO impact.full_house VALUES ${Array.from({ length: 256 }, (_, at) => `(${at}, ${at})`).join()}`
      )
      const full = await master.facts('impact', 'full_house')
      const changes = changesOf(full, { full: { database: 'impact', table: 'full_house' } }, [
        ['full', { id: '1', u: '1' }, { id: '1', u: '2' }],
        ['full', { id: '2', u: '2' }, { id: '2', u: '1' }]
      ])
      const { steps, refused } = await checkedSteps(master.session, changes, full)
      expect(steps).toEqual([])
      expect(refused.get(2)).toContain('these rows each have to be written before the others')
    })
  })
})

const TABLES_WRITTEN = { teams: TABLES.teams, people: TABLES.people }
