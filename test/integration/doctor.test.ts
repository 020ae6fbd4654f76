import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labArrange } from '../../src/lab/index.js'
import { groupBy } from '../../src/model/group-by.js'
import { type Examined, examine } from '../support/doctor-run.js'
import { mmaudit } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** What each scenario of the lab has to be found as, and nothing else. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'ids-exhausted': ['ids-exhausted'],
  idempotent: ['exec-mode'],
  'skip-counter': ['applier-stopped', 'skip-counter'],
  filtered: ['replicate-filter'],
  delayed: ['delayed'],
  'applier-off': ['applier-stopped'],
  'receiver-off': ['receiver-stopped'],
  statements: ['binlog-format'],
  'minimal-image': ['row-image'],
  'short-retention': ['binlog-retention'],
  'one-domain': ['gtid-domain-shared'],
  'lax-mode': ['sql-mode-differs', 'sql-mode-lax'],
  'other-zone': ['time-zone-differs'],
  'other-charset': ['charset-differs', 'collation-differs'],
  'read-only': [],
  'no-key': ['table-without-key'],
  'no-transactions': ['table-without-transactions'],
  trigger: [],
  cascade: []
}

/** What lab servers are on purpose, for speed. */
const LEAN = ['flush-log', 'sync-binlog']

const MARIADB_ONLY: ReadonlySet<string> = new Set(['skip-counter', 'one-domain'])

describe.each(representativeKinds())('doctor on %s', (kind) => {
  let lab: TestLab
  let isMysql: boolean

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 60 })
    isMysql = lab.state.masters[0]?.vendor === 'mysql'
  })
  afterAll(() => lab?.down())

  const arrange = (...scenarios: readonly string[]) => labArrange({ dir: lab.dir, scenarios })
  const found = (scenarios: readonly string[]) =>
    [...new Set(scenarios.flatMap((name) => FOUND[name] ?? []))].toSorted()

  /** Runs every statement that a diagnosis proposes, in its order, each on its master. */
  async function mendAll({ findings }: Examined): Promise<void> {
    for (const { mend } of findings.filter(({ severity }) => severity !== 'info')) {
      for (const [master, own] of groupBy(mend, (each) => each.master)) {
        await lab.run(master, ...own.map(({ statement }) => statement))
      }
    }
  }

  it('finds what the lab itself is not safe in, and nothing once that is mended', async () => {
    const lean = await examine(lab, 'repair')
    expect({ ids: lean.ids, code: lean.run.code }).toEqual({ ids: LEAN, code: 1 })
    await mendAll(lean)
    const healthy = await examine(lab, 'repair')
    expect({ ids: healthy.ids, code: healthy.run.code }).toEqual({ ids: [], code: 0 })
    expect(healthy.run.stdout).toContain('✓ Nothing has to be mended')
    expect((await mmaudit(['doctor', '-q', '--config', `${lab.dir}/repair.yaml`])).stdout).toBe('')
  })

  it('says what an account may not see, and takes that for no sign of health', async () => {
    const { ids, findings, run } = await examine(lab, 'mmaudit')
    expect(ids).toEqual(['unreadable'])
    expect(findings.filter(({ id }) => id === 'unreadable').every(({ severity }) => severity === 'unknown')).toBe(true)
    expect(run.code).toBe(2)
  })

  it('finds everything that is wrong at once, and proposes what mends it', async () => {
    const scenarios = Object.keys(FOUND).filter((name) => !(isMysql && MARIADB_ONLY.has(name)))
    await arrange(...scenarios)
    const ill = await examine(lab, 'repair')
    expect(ill.ids).toEqual(found(scenarios))
    expect(ill.run.code).toBe(2)
    const informed = ill.findings.filter(({ severity }) => severity === 'info').map(({ id }) => id)
    expect(informed).toEqual(expect.arrayContaining(['read-only', 'triggers', 'cascades']))
    await mendAll(ill)
    await lab.run('b', 'SET GLOBAL read_only = OFF')
    const mended = await examine(lab, 'repair')
    expect(mended.ids).toEqual(['ids-exhausted', 'table-without-key'])
    for (const master of ['a', 'b']) await lab.runLocally(master, 'DROP TABLE retail_db.notes, retail_db.coupons')
  })

  it.each([
    ['lanes-off', ['lane-increment']],
    ['lanes-clash', ['lane-offset-equal']],
    ['by-file', ['channel-by-file']],
    ['lax-gtid', ['gtid']],
    ['same-server-id', ['follower-id-clash', 'server-id-clash']]
  ])('finds %s on its own, and proposes what mends it', async (scenario, ids) => {
    await arrange(scenario)
    const ill = await examine(lab, 'repair')
    expect(ill.ids).toEqual(scenario === 'lax-gtid' ? [isMysql ? 'gtid-mode' : 'gtid-strict-off'] : ids)
    await mendAll(ill)
    expect((await examine(lab, 'repair')).ids).toEqual([])
  })

  it('finds ids in a lane that no master has', async () => {
    await arrange('lanes-foreign')
    const { findings, ids } = await examine(lab, 'repair', 'retail_db.orders')
    expect(ids).toEqual(['lane-foreign-ids'])
    expect(findings.find(({ id }) => id === 'lane-foreign-ids')).toMatchObject({
      masters: ['a', 'b'],
      what: expect.stringMatching(/^retail_db\.orders: \d+ of the newest ids of order_id lie in no master's lane$/)
    })
    await lab.run('a', 'SET GLOBAL auto_increment_increment = 2')
    await lab.run('b', 'SET GLOBAL auto_increment_increment = 2')
  })

  it('finds what one master can never receive from another', async () => {
    await arrange('one-way')
    await lab.run('b', "UPDATE retail_db.stores SET manager = 'nobody hears' LIMIT 1")
    const { ids, findings } = await examine(lab, 'repair')
    expect(ids).toEqual(['errant-transactions', 'not-replicating', 'writable-replica'])
    expect(findings.find(({ id }) => id === 'errant-transactions')?.masters).toEqual(['b', 'a'])
  })

  it('looks at the others when a master does not answer', async () => {
    const dead = lab.masterUrl('b').replace(/:\d+\//, ':1/')
    const { run, findings } = await examine(lab, 'repair', '--master', lab.masterUrl('a'), '--master', dead)
    expect(run.code).toBe(2)
    expect(findings.find(({ id }) => id === 'unreachable')).toMatchObject({ severity: 'unknown', masters: ['b'] })
  })
})
