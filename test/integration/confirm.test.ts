import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { mariadbReplication } from '../../src/lab/replication/mariadb.js'
import { mysqlReplication } from '../../src/lab/replication/mysql.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const replicating = inject('serverKinds').filter((kind) => !kind.includes('://'))

describe.each(replicating)('on %s', (kind) => {
  let lab: TestLab
  let statements: { readonly start: string; readonly stop: string; readonly delay: (seconds: number) => string }
  beforeAll(async () => {
    lab = await startTestLab(kind)
    statements =
      lab.state.masters[0]?.vendor === 'mysql'
        ? { ...mysqlReplication, delay: (seconds) => `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}` }
        : { ...mariadbReplication, delay: (seconds) => `CHANGE MASTER TO MASTER_DELAY = ${seconds}` }
  })
  afterAll(() => lab?.down())

  /** Lets b apply at once again, and waits until it has. */
  async function undelay(): Promise<void> {
    await lab.run('b', statements.stop, statements.delay(0), statements.start)
    const states = 'SELECT GROUP_CONCAT(status ORDER BY order_id) AS states FROM retail_db.orders'
    await vi.waitFor(async () => expect(await lab.query('b', states)).toEqual(await lab.query('a', states)), 30_000)
  }

  it('does not take replication lag for divergence', async () => {
    await lab.run('b', statements.stop, statements.delay(3), statements.start)
    await lab.run('a', "UPDATE retail_db.orders SET status = 'LATE' WHERE order_id <= 20")
    const { run, report } = await lab.diff(['retail_db.orders'])
    await undelay()
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({ status: 'consistent', chunks: { mismatched: 1 } })
    expect(run).toMatchObject({ code: 0 })
  })

  it('calls rows unsettled, not divergent, when a master does not catch up in the time allowed', async () => {
    await lab.run('b', statements.stop, statements.delay(30), statements.start)
    await lab.run('a', "UPDATE retail_db.orders SET status = 'SLOW' WHERE order_id <= 3")
    const { run, report } = await lab.diff(['retail_db.orders', '--confirm-timeout', '1'])
    await undelay()
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({ unsettled: 3, reason: expect.stringContaining('b had not applied') })
    expect(report.summary).toMatchObject({ complete: false, unsettled: 3 })
    expect(run).toMatchObject({ code: 2 })
  })

  it('says that replication has stopped when rows differ because of it', async () => {
    await lab.run('b', statements.stop)
    await lab.run('a', "UPDATE retail_db.orders SET status = 'HELD' WHERE order_id = 11")
    const { run, report } = await lab.diff(['retail_db.orders'])
    await lab.run('b', statements.start)
    expect(report.divergences).toMatchObject([{ key: { order_id: '11' }, class: 'conflict' }])
    expect(run.stdout).toMatch(/on b, the replication .* has stopped/)
    expect(run).toMatchObject({ code: 1 })
  })
})
