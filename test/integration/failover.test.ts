import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster } from '../../src/lab/cluster.js'
import { labArrange } from '../../src/lab/index.js'
import { readLab } from '../../src/lab/lab-state.js'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { fieldOf } from '../../src/masters/replication.js'
import { groupBy } from '../../src/model/group-by.js'
import { failoverTruth, rowsText, runFailover } from '../support/failover-run.js'
import { mmauditInside } from '../support/inside.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

describe.each(representativeKinds())('a failover on %s', (kind) => {
  let lab: TestLab
  let isMysql: boolean
  let isForeign: boolean

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 60, masters: 3 })
    isMysql = lab.state.masters[0]?.vendor === 'mysql'
    isForeign = lab.state.masters[0]?.dataDir === null
  })
  afterAll(() => lab?.down())

  const dead = () => lab.masterUrl('a').replace(/:\d+\//, ':1/')
  const survivors = () => ['--master', dead(), '--master', lab.masterUrl('b'), '--master', lab.masterUrl('c')]
  const start = (master: string) => lab.run(master, isMysql ? 'START REPLICA' : 'START SLAVE')
  const stop = (master: string, thread = '') => lab.run(master, `${isMysql ? 'STOP REPLICA' : 'STOP SLAVE'} ${thread}`)
  const catchUp = async () => {
    const cluster = await Cluster.open(await readLab(lab.dir), 'retail_db')
    await cluster.catchUp().finally(() => cluster.close())
  }

  it('has lost nothing while all replicate', async () => {
    await lab.run('a', "UPDATE retail_db.stores SET manager = 'on its way' LIMIT 1")
    const clean = await runFailover(lab, '--returned', 'a')
    expect(clean).toMatchObject({ ids: [], failover: { answer: 'yes', unsent: 0, lacked: [], stepOver: [] } })
    expect(clean.run.code).toBe(0)
    expect(clean.run.stdout).toContain('✓ Safe for a to rejoin: yes.')
    const quietly = ['failover', '--returned', 'a', '--quiet', '--config', join(lab.dir, 'mmaudit.yaml')]
    expect(await mmauditInside(quietly, { cwd: lab.dir })).toMatchObject({ code: 0, stdout: '' })
    expect((await runFailover(lab, '--lost', 'a', ...survivors())).run.code).toBe(0)
  })

  it('is told from what the survivors have of a master that was killed', async ({ skip }) => {
    skip(isForeign, 'only servers that the lab has started are killed')
    await labArrange({ dir: lab.dir, scenarios: ['returned-master'] })
    const truth = failoverTruth(lab)
    const lost = await runFailover(lab, '--lost', 'a', ...survivors())
    expect(lost.failover.lacked).toMatchObject([{ master: 'c', count: truth.received, readOn: ['b'] }])
    expect(rowsText(lost.report.divergences)).toEqual(rowsText(truth.receivedRows))
    expect(lost).toMatchObject({ ids: ['lacked'], failover: { answer: 'no', by: 'gtid' }, run: { code: 1 } })
    const again = ['recheck', join(lab.dir, 'failover.json'), '--config', join(lab.dir, 'mmaudit.yaml')]
    const rechecked = await mmauditInside(again, { cwd: lab.dir })
    expect(rechecked).toMatchObject({ code: 1, stdout: expect.stringContaining(`${truth.received} conflicts`) })
  })

  it('has a returned master tell what nobody received, and which rows were written on both sides', async ({ skip }) => {
    skip(isForeign, 'only servers that the lab has started are killed')
    const truth = failoverTruth(lab)
    const { failover, report, ids, run } = await runFailover(lab, '--returned', 'a')
    expect(failover).toMatchObject({ answer: 'no', unsent: truth.unsent, rows: { bothSides: truth.bothSides.length } })
    const missed = failover.lacked.find(({ master }) => master === 'a')
    expect(missed).toMatchObject({ count: truth.missed, unsent: '' })
    expect(rowsText(failover.troubled)).toEqual(rowsText(truth.bothSides))
    const expected = [...truth.unsentRows, ...truth.bothSides, ...truth.receivedRows]
    expect(rowsText(report.divergences)).toEqual(rowsText(expected))
    expect(ids).toEqual(['both-sides'])
    expect(run.code).toBe(1)
  })

  it('is reconciled, stepped over, and then the master is safe to rejoin', async ({ skip }) => {
    skip(isForeign, 'only servers that the lab has started are killed')
    const truth = failoverTruth(lab)
    const policies = ['--policy', 'conflict=prefer:b', '--policy', 'missing=union']
    const planned = await runFailover(lab, '--returned', 'a', '--repair', ...policies, '--dry-run')
    expect(planned.run.stdout).toContain('-- ')
    expect(planned.failover.answer).toBe('no')
    const repaired = await runFailover(lab, '--returned', 'a', '--repair', ...policies, '--yes')
    expect(repaired.run.stdout).toContain('all masters agree now')
    // Equal by now, but what b has yet to apply does not fit any more.
    expect(repaired.ids).toContain('stops')
    for (const [master, own] of groupBy(repaired.failover.stepOver, (each) => each.master)) {
      await lab.run(master, ...own.map(({ statement }) => statement))
    }
    const reconciled = await runFailover(lab, '--returned', 'a')
    expect(reconciled).toMatchObject({ ids: [], failover: { answer: 'yes', unsent: 0 }, run: { code: 0 } })
    for (const master of ['a', 'b', 'c']) await start(master)
    await catchUp()
    const { run, report } = await lab.diff()
    expect(report.divergences).toEqual([])
    expect(run.code).toBe(0)
    expect(truth.unsent).toBeGreaterThan(0)
  })

  it('names what it cannot judge row by row: definitions and statements', async () => {
    await stop('b')
    await lab.run(
      'a',
      'CREATE TABLE retail_db.notes (note VARCHAR(9))',
      "INSERT INTO retail_db.notes VALUES ('no key')"
    )
    const format = 'SET SESSION binlog_format = STATEMENT'
    await lab.run('a', format, "UPDATE retail_db.stores SET manager = 'by statement' LIMIT 1")
    const { failover, run } = await runFailover(lab, '--returned', 'a')
    expect(failover.gaps).toEqual([
      expect.stringContaining('retail_db.notes: '),
      expect.stringMatching(/is no change of rows: CREATE TABLE/),
      expect.stringMatching(/changes rows without naming them: UPDATE/)
    ])
    expect(run.code).toBe(2)
    await start('b')
    await catchUp()
  })

  it('waits for no applier that has stopped, and says so', async () => {
    await stop('b', 'SQL_THREAD')
    await lab.run('a', "UPDATE retail_db.stores SET manager = 'received' LIMIT 1")
    await received('b')
    const lost = await runFailover(lab, '--lost', 'a', '--master', dead(), '--master', lab.masterUrl('b'))
    expect(lost).toMatchObject({ ids: ['not-applied'], failover: { answer: 'unknown' }, run: { code: 2 } })
    expect(lost.failover.pending).toMatchObject([{ master: 'b', stopped: expect.any(String) }])
    await start('b')
    await catchUp()
    const whole = await runFailover(lab, '--lost', 'a', '--master', dead(), '--master', lab.masterUrl('b'))
    expect(whole).toMatchObject({ ids: [], failover: { answer: 'yes', pending: [] }, run: { code: 0 } })
  })

  /** Waits until a follower of `a` has received everything. */
  async function received(follower: string): Promise<void> {
    const { vendor = 'mysql', serverVersion = '' } = lab.state.masters[0] ?? {}
    const capabilities = capabilitiesOf(serverVersion, vendor)
    const [end] = await lab.query('a', capabilities.showBinlogPosition)
    for (;;) {
      const [row = {}] = await lab.query(follower, capabilities.showReplicas)
      if (fieldOf(row, 'Read_Source_Log_Pos', 'Read_Master_Log_Pos') === end?.Position) return
      await sleep(20)
    }
  }

  /** Removes all binlogs but the last; one that a crash would still need stays for a moment. */
  async function purge(master: string): Promise<void> {
    for (;;) {
      const files = await lab.query(master, 'SHOW BINARY LOGS')
      if (files.length === 1) return
      await lab.run(master, `PURGE BINARY LOGS TO '${files.at(-1)?.Log_name}'`)
      await sleep(20)
    }
  }

  it('cannot be told where binlogs are gone', async () => {
    await stop('b')
    await lab.run('a', "UPDATE retail_db.stores SET manager = 'purged' LIMIT 1", 'FLUSH BINARY LOGS')
    await purge('a')
    const { failover, ids, run } = await runFailover(lab, '--returned', 'a')
    expect(failover.gaps.join()).toContain('cannot be read in any binlog that is left')
    expect(ids).toEqual(['purged', 'could-not-look'])
    expect(run.code).toBe(2)
  })
  it('goes by positions where transactions are not numbered', async ({ skip }) => {
    skip(!isMysql, 'MariaDB numbers all transactions')
    const [end] = await lab.query('a', 'SHOW BINARY LOG STATUS')
    await stop('b')
    const position = `, SOURCE_LOG_FILE = '${end?.File}', SOURCE_LOG_POS = ${end?.Position}`
    for (const master of ['a', 'b', 'c']) {
      await stop(master)
      await lab.run(master, `CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION = 0${master === 'b' ? position : ''}`)
      await lab.run(master, 'SET GLOBAL gtid_mode = ON_PERMISSIVE', 'SET GLOBAL gtid_mode = OFF_PERMISSIVE')
    }
    await start('c')
    await lab.run('a', "UPDATE retail_db.stores SET manager = 'unsent' ORDER BY region LIMIT 2")
    await lab.run('b', "UPDATE retail_db.stores SET manager = 'meanwhile' ORDER BY region LIMIT 1")
    const { failover, ids } = await runFailover(lab, '--returned', 'a')
    expect(failover).toMatchObject({ by: 'position', unsent: 1, rows: { bothSides: 1 } })
    expect(ids).toContain('both-sides')
    expect(failover.lacked.map(({ master, count }) => [master, count])).toEqual([
      ['b', 1],
      ['c', 1],
      ['a', 1]
    ])
    await stop('c')
    await start('b')
    await received('b')
    const lost = await runFailover(lab, '--lost', 'a', ...survivors())
    expect(lost).toMatchObject({ ids: ['lacked'], failover: { by: 'position', lacked: [{ master: 'c', count: 1 }] } })
    expect(lost.report.divergences).toHaveLength(2)
  })
})
