import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labArrange } from '../../src/lab/index.js'
import { examine } from '../support/doctor-run.js'
import { mmaudit } from '../support/mmaudit.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** What each scenario leaves the applier of `b` standing before, and which of it differs. */
const STOPS = [
  {
    scenario: 'stopped-1062',
    errno: 1062,
    verbs: ['insert', 'insert', 'update'],
    tables: ['customers', 'customers', 'stores'],
    classes: ['missing', 'collision', 'conflict']
  },
  {
    scenario: 'stopped-1032',
    errno: 1032,
    verbs: ['update', 'update'],
    tables: ['stores', 'stores'],
    classes: ['missing', 'conflict']
  }
] as const

describe.each(representativeKinds())('an applier that has stopped on %s', (kind) => {
  let lab: TestLab

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 60 })
  })
  afterAll(() => lab?.down())

  const arrange = (scenario: string) => labArrange({ dir: lab.dir, scenarios: [scenario] })
  /** A journal of its own for each run: one that is there is gone on with. */
  const journal = () => join(lab.dir, `unblock-${runs++}.journal`)
  let runs = 0
  const customers = (master: string) =>
    lab.query(master, 'SELECT customer_id, email FROM retail_db.customers ORDER BY customer_id DESC LIMIT 5')

  it.each(STOPS)(
    'is understood and unblocked after $errno: rows repaired, one transaction stepped over',
    async (stop) => {
      await arrange(stop.scenario)
      const { stopped } = await examine(lab, 'admin', '--policy', 'prefer:a')
      expect(stopped).toMatchObject([{ master: 'b', source: 'a', errno: stop.errno, obstacle: null }])
      const [plan] = stopped
      expect(plan?.rows.map(({ verb }) => verb)).toEqual(stop.verbs)
      expect(plan?.rows.map(({ table }) => table)).toEqual(stop.tables)
      expect(plan?.divergences.map((each) => each.class)).toEqual(stop.classes)
      expect(plan?.divergences.every(({ decision }) => decision?.status === 'planned')).toBe(true)

      const kept = journal()
      const done = await examine(lab, 'admin', '--unblock', '--policy', 'prefer:a', '--yes', '--journal', kept)
      expect(done.run.stdout).toContain(`✓ b: stepped over ${plan?.gtid}, and the applier runs`)
      expect(done.ids).not.toContain('applier-stopped')
      expect(existsSync(kept)).toBe(true)
      const { run, report } = await lab.diff()
      expect(report.divergences).toEqual([])
      expect(run.code).toBe(0)
    }
  )

  it('is left alone while nothing says who wins and without a yes, and keeps what b has when b wins', async () => {
    await arrange('stopped-1062')
    const before = await customers('b')
    const undecided = await examine(lab, 'admin', '--unblock', '--yes')
    expect(undecided.run.stdout).toContain('nothing says who wins: name a policy, such as --policy prefer:a')
    const config = join(lab.dir, 'admin.yaml')
    const unasked = await mmaudit(['doctor', '--config', config, '--unblock', '--policy', 'prefer:b'], { cwd: lab.dir })
    expect(unasked.code).toBe(64)
    expect(undecided.ids).toContain('applier-stopped')
    expect(await customers('b')).toEqual(before)

    const done = await examine(lab, 'admin', '--unblock', '--policy', 'prefer:b', '--yes', '--journal', journal())
    expect(done.run.stdout).toContain('and the applier runs')
    const [arrived, ...kept] = await customers('b')
    expect(arrived?.email).toMatch(/^new\.a\./)
    expect(kept[0]).toEqual(before[0])
    expect((await lab.diff()).report.divergences).toEqual([])
  })
})
