import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { adminOf, type LabMaster } from '../../src/lab/lab-state.js'
import { replicationOf } from '../../src/lab/replication/of.js'
import { Session } from '../../src/masters/session.js'
import type { ClusterNode } from '../support/cluster-node.js'
import { startGaleraNode, whyNoGalera } from '../support/galera.js'
import { startGroupPrimary, whyNoGroup } from '../support/group-replication.js'
import { everywhere, readUntouched, repairRun } from '../support/repair-runs.js'
import { representativeKinds } from '../support/representative.js'
import { findSqlClient, runSqlFile } from '../support/sql-client.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const client = findSqlClient()
if (client === null) process.stderr.write('\n*** LEFT OUT: no mysql client is installed: no script is tried\n\n')

const PAIR = ['-m', 'a', '-m', 'b']
const PREFER_A = ['--policy', 'prefer:a']

/** Accounts that lack one thing that a repair needs. */
const LACKING = {
  hazard_logs: ['SESSION_VARIABLES_ADMIN', 'BINLOG ADMIN'],
  hazard_no_insert: ['INSERT'],
  hazard_no_trigger: ['TRIGGER']
}

/** A line of `SHOW GRANTS` for another account, without some privileges; empty when none is left. */
function grantWithout(line: string, lacking: readonly string[], user: string): readonly string[] {
  const [, listed = ''] = /^GRANT (.*) ON \*\.\* TO /.exec(line) ?? []
  const left = listed.split(/, */).filter((privilege) => privilege !== '' && !lacking.includes(privilege))
  return left.length === 0 ? [] : [`GRANT ${left.join(', ')} ON *.* TO ${user}`]
}

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))

describe.each(replicating)('three masters in a ring on %s', (kind) => {
  let lab: TestLab
  let isMysql: boolean
  let stopApplier: string
  let start: string

  const master = (name: string): LabMaster => {
    const found = lab.state.masters.find((each) => each.name === name)
    if (found === undefined) throw new Error(`no master ${name}`)
    return found
  }
  const rowsOn = (name: string, table: string) => lab.query(name, `SELECT * FROM hazards.${table} ORDER BY id`)
  const create = (table: string, ...rows: readonly string[]) =>
    everywhere(
      lab,
      `CREATE TABLE hazards.${table} (id INT PRIMARY KEY, v INT) ENGINE=InnoDB`,
      ...rows.map((row) => `INSERT INTO hazards.${table} VALUES (${row})`)
    )

  /** Waits until replication on a master runs, or has stopped at an error. */
  async function untilApplying(name: string, applying: boolean): Promise<void> {
    const replication = replicationOf(master(name).vendor)
    const session = await Session.open(adminOf(master(name)))
    try {
      await vi.waitFor(async () => expect((await replication.status(session))?.applying).toBe(applying), 30_000)
    } finally {
      await session.close()
    }
  }

  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3, rows: 50 })
    isMysql = master('a').vendor === 'mysql'
    stopApplier = isMysql ? 'STOP REPLICA SQL_THREAD' : 'STOP SLAVE SQL_THREAD'
    start = replicationOf(master('a').vendor).start
    const granted = await lab.query('a', "SHOW GRANTS FOR mmaudit_repair@'127.0.0.1'")
    const lines = granted.flatMap((row) => Object.values(row).map(String))
    const accounts = Object.entries(LACKING).flatMap(([user, lacking]) => [
      `CREATE USER ${user}`,
      ...lines.flatMap((line) => grantWithout(line, lacking, user))
    ])
    await everywhere(lab, 'CREATE DATABASE hazards', ...accounts)
  })
  afterAll(() => lab?.down())

  it('a replica that is not audited: told, and given a script of its own that repairs it', async () => {
    await create('below', '1, 1', '2, 1')
    for (const name of ['b', 'c']) await lab.runLocally(name, 'UPDATE hazards.below SET v = 2 WHERE id = 1')
    const folder = join(lab.dir, 'scripts')
    const before = [await readUntouched(lab, 'a'), await readUntouched(lab, 'b'), await readUntouched(lab, 'c')]
    const repair = await repairRun(lab, ['hazards.below', ...PAIR, ...PREFER_A, '--sql-dir', folder])
    expect(repair.fates('below')).toEqual({ 1: 'applied' })
    expect(repair.summary.warnings).toEqual([
      expect.stringMatching(/^servers that replicate from b will not see its repair: .*server id 3/)
    ])
    expect(repair.run.stdout).toContain('will not see its repair')
    expect((await readdir(folder)).sort()).toEqual(['b.replica-3.sql', 'b.sql'])
    expect([await readUntouched(lab, 'a'), await readUntouched(lab, 'b'), await readUntouched(lab, 'c')]).toEqual(
      before
    )
    expect(await rowsOn('c', 'below')).toEqual([
      { id: '1', v: '2' },
      { id: '2', v: '1' }
    ])
    if (client === null) return
    expect(await runSqlFile(client, master('c'), join(folder, 'b.replica-3.sql'))).toMatchObject({ code: 0 })
    expect(await rowsOn('c', 'below')).toEqual(await rowsOn('a', 'below'))
  })

  it('read_only: refused; with --allow-read-only written by an account that may, and left on', async () => {
    await create('closed', '1, 1')
    await lab.runLocally('b', 'UPDATE hazards.closed SET v = 2', 'SET GLOBAL read_only = ON')
    try {
      const refused = await repairRun(lab, ['hazards.closed', ...PREFER_A])
      expect(refused.fates('closed')).toEqual({
        1: expect.stringMatching(/^refused: on b: b is read_only; .*--allow-read-only/)
      })
      expect(refused.run.code).toBe(1)
      const unable = await repairRun(lab, ['hazards.closed', ...PREFER_A, '--allow-read-only'])
      expect(unable.fates('closed')).toEqual({ 1: expect.stringMatching(/^(refused|failed): on b: .*read.only/) })
      expect(await rowsOn('b', 'closed')).toEqual([{ id: '1', v: '2' }])

      const bypass = isMysql ? 'CONNECTION_ADMIN' : 'READ ONLY ADMIN'
      for (const host of ['localhost', '127.0.0.1'])
        await lab.runLocally('b', `GRANT ${bypass} ON *.* TO mmaudit_repair@'${host}'`)
      const again = await repairRun(lab, ['hazards.closed', ...PREFER_A])
      expect(again.fates('closed')).toEqual({ 1: expect.stringContaining('b is read_only') })
      const allowed = await repairRun(lab, ['hazards.closed', ...PREFER_A, '--allow-read-only'])
      expect(allowed.fates('closed')).toEqual({ 1: 'applied' })
      expect(allowed.summary.warnings).toContainEqual(
        expect.stringMatching(/^b is read_only; it is written to nevertheless/)
      )
      expect(await lab.query('b', 'SELECT @@GLOBAL.read_only AS ro')).toEqual([{ ro: '1' }])
    } finally {
      await lab.runLocally('b', 'SET GLOBAL read_only = OFF')
    }
  })

  it('a good master that takes no writes: the other one is repaired all the same', async () => {
    await create('good_closed', '1, 1')
    await lab.runLocally('b', 'UPDATE hazards.good_closed SET v = 2')
    await lab.run('a', `SET GLOBAL ${isMysql ? 'super_read_only' : 'read_only'} = ON`)
    try {
      const repair = await repairRun(lab, ['hazards.good_closed', ...PREFER_A])
      expect(repair.fates('good_closed')).toEqual({ 1: 'applied' })
    } finally {
      await lab.run('a', 'SET GLOBAL read_only = OFF')
    }
  })

  it('an applier that passes over errors: warned of, and left so', async () => {
    await create('lenient', '1, 1')
    const [mode] = await lab.query(
      'b',
      "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('replica_exec_mode', 'slave_exec_mode')"
    )
    const name = mode?.Variable_name
    await lab.runLocally('b', 'UPDATE hazards.lenient SET v = 2', `SET GLOBAL ${name} = 'IDEMPOTENT'`)
    try {
      const before = await readUntouched(lab, 'b')
      const repair = await repairRun(lab, ['hazards.lenient', ...PREFER_A])
      expect(repair.fates('lenient')).toEqual({ 1: 'applied' })
      expect(repair.summary.warnings).toContainEqual(
        expect.stringMatching(/^b has (slave|replica)_exec_mode = IDEMPOTENT: /)
      )
      expect(await readUntouched(lab, 'b')).toEqual(before)
    } finally {
      await lab.run('b', `SET GLOBAL ${name} = 'STRICT'`)
    }
  })

  it('an event that is on its way: waited for, not repaired, and replication goes on', async () => {
    const { stop } = replicationOf(master('a').vendor)
    const delay = (seconds: number) =>
      isMysql ? `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}` : `CHANGE MASTER TO MASTER_DELAY = ${seconds}`
    await create('travelling', '1, 1', '2, 1', '3, 1')
    await lab.runLocally('b', 'UPDATE hazards.travelling SET v = 2 WHERE id = 1')
    await lab.run('b', stop, delay(3), start)
    try {
      await lab.run('a', 'DELETE FROM hazards.travelling WHERE id = 2', 'INSERT INTO hazards.travelling VALUES (4, 4)')
      const repair = await repairRun(lab, ['hazards.travelling', ...PREFER_A])
      expect(repair.fates('travelling')).toEqual({ 1: 'applied' })
      expect(repair.run.code).toBe(0)
    } finally {
      await lab.run('b', stop, delay(0), start)
      await untilApplying('b', true)
    }
    expect(await rowsOn('b', 'travelling')).toEqual(await rowsOn('a', 'travelling'))
  })

  it('super_read_only: refused whatever is allowed', async (context) => {
    if (!isMysql) context.skip('MariaDB has no such setting')
    await create('shut', '1, 1')
    await lab.runLocally('b', 'UPDATE hazards.shut SET v = 2', 'SET GLOBAL super_read_only = ON')
    try {
      const repair = await repairRun(lab, ['hazards.shut', ...PREFER_A, '--allow-read-only'])
      expect(repair.fates('shut')).toEqual({ 1: expect.stringMatching(/^refused: on b: b has super_read_only on/) })
    } finally {
      await lab.runLocally('b', 'SET GLOBAL read_only = OFF')
    }
  })

  it.each([
    {
      errno: 1062,
      onB: 'INSERT INTO hazards.halted VALUES (7, 2)',
      onA: 'INSERT INTO hazards.halted VALUES (7, 1)',
      mend: 'DELETE FROM hazards.halted WHERE id = 7'
    },
    {
      errno: 1032,
      onB: 'DELETE FROM hazards.halted WHERE id = 1',
      onA: 'UPDATE hazards.halted SET v = 5 WHERE id = 1',
      mend: 'INSERT INTO hazards.halted VALUES (1, 1)'
    }
  ])('an applier that has stopped with $errno: nothing is written, and it is told', async ({ onB, onA, mend }) => {
    if (!(await lab.query('a', "SHOW TABLES FROM hazards LIKE 'halted'")).length) await create('halted', '1, 1', '2, 1')
    await lab.runLocally('b', onB, 'UPDATE hazards.halted SET v = 9 WHERE id = 2')
    await lab.run('a', onA)
    await untilApplying('b', false)
    try {
      const before = await rowsOn('b', 'halted')
      const repair = await repairRun(lab, ['hazards.halted', ...PREFER_A])
      expect(repair.summary.stopped).toMatch(
        /^on b, the replication applier has stopped .*: \d+ .*get replication to run first/s
      )
      expect(Object.values(repair.fates('halted'))).toEqual([
        expect.stringMatching(/^refused: /),
        expect.stringMatching(/^refused: /)
      ])
      expect(repair.run.stdout).toContain('Stopped: on b, the replication applier has stopped')
      expect(repair.run.code).toBe(2)
      expect(await rowsOn('b', 'halted')).toEqual(before)
      const dry = await lab.diff([
        'hazards.halted',
        '--config',
        join(lab.dir, 'repair.yaml'),
        '--repair',
        '--dry-run',
        ...PREFER_A
      ])
      expect(dry.run.stdout).toContain('Would be stopped: on b')
    } finally {
      await lab.runLocally('b', mend, 'UPDATE hazards.halted SET v = 1 WHERE id = 2')
      await lab.run('b', start)
      await untilApplying('b', true)
      await vi.waitFor(async () => expect(await rowsOn('b', 'halted')).toEqual(await rowsOn('a', 'halted')), 30_000)
    }
  })

  it('replication that stops while a row is waited for, with writes on their way: not written, and told', async () => {
    await create('during', '1, 1', '2, 1')
    await lab.runLocally('b', 'UPDATE hazards.during SET v = 2 WHERE id = 1')
    const blocker = await Session.open(adminOf(master('b')), ['SET sql_log_bin = 0'])
    try {
      await blocker.run('BEGIN')
      await blocker.query('SELECT * FROM hazards.during WHERE id = 1 FOR UPDATE')
      const running = repairRun(lab, ['hazards.during', ...PREFER_A])
      await vi.waitFor(async () => {
        const waiting = await lab.query(
          'b',
          "SELECT 1 FROM information_schema.processlist WHERE user = 'mmaudit_repair' AND info LIKE '%FOR UPDATE'"
        )
        expect(waiting).toHaveLength(1)
      }, 30_000)
      await lab.run('b', stopApplier)
      await lab.run('a', 'UPDATE hazards.during SET v = 5 WHERE id = 2')
      await blocker.run('ROLLBACK')
      const repair = await running
      expect(repair.fates('during')).toEqual({
        1: expect.stringMatching(/^failed: on b: on b, the replication applier has stopped/)
      })
      expect(repair.summary.stopped).toMatch(/^after the repair, on b, the replication applier has stopped/)
      expect(repair.run.code).toBe(2)
      expect(await rowsOn('b', 'during')).toMatchObject([{ id: '1', v: '2' }, {}])
    } finally {
      await blocker.close()
      await lab.run('b', start)
      await untilApplying('b', true)
    }
  })

  it('replication that stops right after the writes: told, with exit status 2', async () => {
    await create('after', '1, 1')
    await lab.runLocally('b', 'UPDATE hazards.after SET v = 2')
    const watcher = await Session.open(adminOf(master('b')))
    try {
      const running = repairRun(lab, ['hazards.after', ...PREFER_A])
      for (;;) {
        const [row] = await watcher.query('SELECT v FROM hazards.after')
        if (row?.v === '1') break
        await sleep(1)
      }
      await watcher.run(stopApplier)
      const repair = await running
      expect(repair.summary.stopped).toMatch(/^after the repair, on b, the replication applier has stopped/)
      expect(repair.run.stdout).toContain('after the repair, on b')
      expect(repair.run.code).toBe(2)
    } finally {
      await watcher.run(start)
      await watcher.close()
      await untilApplying('b', true)
    }
  })

  it('--max-deletes is 0 where nobody asked for deletions', async () => {
    await create('unasked')
    await lab.runLocally('a', 'INSERT INTO hazards.unasked VALUES (1, 1)')
    await lab.runLocally('b', 'INSERT INTO hazards.unasked VALUES (1, 2)')
    const repair = await repairRun(lab, ['hazards.unasked', '--policy', 'conflict,collision=prefer:c'])
    expect(repair.summary.stopped).toBe('2 rows would be deleted, more than --max-deletes 0')
    expect(repair.run.code).toBe(2)
    const asked = await repairRun(lab, [
      'hazards.unasked',
      '--policy',
      'conflict,collision=prefer:c',
      '--max-deletes',
      '2'
    ])
    expect(asked.fates('unasked')).toEqual({ 1: 'applied' })
    expect(await rowsOn('b', 'unasked')).toEqual([])
  })

  describe('an account', () => {
    const as = (user: string) =>
      ['a', 'b'].flatMap((name) => [
        '-m',
        `${name}=mysql://${user}@${master(name).host}:${master(name).port}/?sslMode=DISABLED`
      ])

    beforeAll(async () => {
      await create('rights', '1, 1')
      await lab.runLocally('b', 'DELETE FROM hazards.rights')
      await writeFile(join(lab.dir, 'empty.yaml'), '{}\n')
    })

    it.each([
      [
        'hazard_logs',
        'that cannot keep writes out of the binlog',
        /may not keep its writes out of the binlog of b: GRANT (SESSION_VARIABLES_ADMIN|BINLOG ADMIN) ON \*\.\* TO 'hazard_logs'@/
      ],
      [
        'hazard_no_insert',
        'that may not insert',
        /INSERT command denied .* GRANT INSERT\b.* ON hazards\.rights TO 'hazard_no_insert'@/
      ],
      ['hazard_no_trigger', 'that does not see triggers', /may not see them; grant it TRIGGER on the table/]
    ])('%s, %s: refused with the grant it needs, nothing written, and the plan still shown', async (user, _, why) => {
      const config = join(lab.dir, 'empty.yaml')
      const repair = await repairRun(lab, ['hazards.rights', ...as(user), ...PREFER_A], { config })
      expect(repair.fates('rights')).toEqual({ 1: expect.stringMatching(/^refused: on b: /) })
      expect(repair.fates('rights')[1]).toMatch(why)
      expect(await rowsOn('b', 'rights')).toEqual([])
      const dry = ['--repair', '--dry-run', ...PREFER_A]
      const { run } = await lab.diff(['hazards.rights', '--config', config, ...as(user), ...dry])
      expect(run.stdout).toMatch(/INSERT INTO `hazards`\.`rights`/)
      expect(run.stdout.replaceAll(/\s+/g, ' ')).toMatch(why)
    })

    it('that may only audit is told what it lacks', async () => {
      const config = join(lab.dir, 'mmaudit.yaml')
      const repair = await repairRun(lab, ['hazards.rights', ...PREFER_A], { config })
      expect(repair.fates('rights')).toEqual({ 1: expect.stringMatching(/^refused: on b: .*(GRANT|grant)/) })
      expect(await rowsOn('b', 'rights')).toEqual([])
    })

    it('that may only audit the good master is enough there', async () => {
      const { host, port } = master('a')
      const good = ['-m', `a=mysql://mmaudit@${host}:${port}/?sslMode=DISABLED`, '-m', 'b']
      const repair = await repairRun(lab, ['hazards.rights', ...good, ...PREFER_A])
      expect(repair.fates('rights')).toEqual({ 1: 'applied' })
    })
  })

  it('--via-replication: refused in a ring; below a plain source it is written and logged, and refused on the source', async () => {
    await create('logged', '1, 1')
    await lab.runLocally('c', 'UPDATE hazards.logged SET v = 2')
    const ring = await repairRun(lab, ['hazards.logged', ...PREFER_A, '--via-replication'])
    expect(ring.fates('logged')).toEqual({
      1: 'refused: on c: a replicates what is written on c; only writes that no other server applies can be logged'
    })

    // a → b → c, and nobody below c.
    const { stop } = replicationOf(master('a').vendor)
    await lab.run('a', stop, isMysql ? 'RESET REPLICA ALL' : 'RESET SLAVE ALL')
    const senders = "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"
    for (const { id } of await lab.query('c', senders)) await lab.run('c', `KILL ${id}`)
    await vi.waitFor(
      async () => expect(await lab.query('c', isMysql ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS')).toEqual([]),
      30_000
    )

    const before = await readUntouched(lab, 'c')
    const sources = await repairRun(lab, ['hazards.logged', '--policy', 'prefer:c', '--via-replication'])
    expect(sources.fates('logged')[1]).toMatch(
      /^refused: on a: b replicates what is written on a; .* on b: c replicates what is written on b/
    )
    // What b replicates from is not known when a is left out, and may be c.
    const partly = await repairRun(lab, [
      'hazards.logged',
      '-m',
      'b',
      '-m',
      'c',
      '--policy',
      'prefer:b',
      '--via-replication'
    ])
    expect(partly.fates('logged')).toEqual({
      1: expect.stringMatching(/^refused: on c: b replicates what is written on c/)
    })
    expect((await readUntouched(lab, 'c')).position).toEqual(before.position)

    const below = await repairRun(lab, ['hazards.logged', ...PREFER_A, '--via-replication'])
    expect(below.fates('logged')).toEqual({ 1: 'applied' })
    expect(below.run.code).toBe(0)
    expect((await readUntouched(lab, 'c')).position).not.toEqual(before.position)
  })
})

const CLUSTERS = [
  {
    name: 'a Galera node',
    kind: 'mariadb-10.11',
    confirm: [],
    start: startGaleraNode,
    leftOut: await whyNoGalera(),
    refusal: /is a Galera node \(Synced\)/
  },
  // Whatever its group applies counts as being on its way.
  {
    name: 'a member of Group Replication',
    kind: 'mysql-9.7',
    confirm: ['--no-confirm'],
    start: startGroupPrimary,
    leftOut: await whyNoGroup(),
    refusal: /belongs to Group Replication \(ONLINE\)/
  }
]

for (const { name, leftOut } of CLUSTERS) {
  if (leftOut !== null) process.stderr.write(`\n*** LEFT OUT: no test runs on ${name}: ${leftOut}\n\n`)
}

describe.each(CLUSTERS.filter(({ leftOut }) => leftOut === null))(
  'beside a plain server, $name',
  ({ kind, confirm, start, refusal }) => {
    let node: ClusterNode
    let lab: TestLab

    beforeAll(async () => {
      lab = await startTestLab(kind, { rows: 50 })
      node = await start()
      const session = await node.open()
      const statements = (v: number) => [
        'CREATE DATABASE hazards',
        'CREATE TABLE hazards.shared (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
        `INSERT INTO hazards.shared VALUES (1, ${v}), (2, 1)`
      ]
      for (const statement of statements(2)) await session.run(statement)
      await session.close()
      await lab.runLocally('a', ...statements(1))
    })
    afterAll(async () => {
      await node?.stop()
      await lab?.down()
    })

    it('is audited like any other, and never repaired, whatever is allowed', async () => {
      const config = join(lab.dir, 'beside.yaml')
      const [a] = lab.state.masters
      const at = (port: number | undefined, user: string) => ({ host: '127.0.0.1', port, user, sslMode: 'DISABLED' })
      await writeFile(
        config,
        JSON.stringify({ masters: { a: at(a?.port, 'mmaudit_repair'), node: at(node.port, 'mmaudit_repair') } })
      )
      const { run, report } = await lab.diff(['hazards.*', '--config', config, ...confirm])
      expect(run.code).toBe(1)
      expect(report.divergences).toMatchObject([{ key: { id: '1' }, columns: ['v'] }])
      for (const flags of [[], ['--via-replication', '--allow-read-only', '--allow-triggers']]) {
        const repair = await repairRun(lab, ['hazards.*', ...confirm, ...PREFER_A, ...flags], { config })
        expect(repair.fates('shared')).toEqual({ 1: expect.stringMatching(/^refused: on node: node /) })
        expect(repair.fates('shared')[1]).toMatch(refusal)
      }
      const session = await node.open()
      expect(await session.query('SELECT v FROM hazards.shared WHERE id = 1')).toEqual([{ v: '2' }])
      await session.close()
      if (confirm.length > 0) return
      // The plain server beside it is another matter.
      const plain = await repairRun(lab, ['hazards.*', '--policy', 'prefer:node'], { config })
      expect(plain.fates('shared')).toEqual({ 1: 'applied' })
      expect(plain.run.code).toBe(0)
    })
  }
)
