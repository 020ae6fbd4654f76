import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TextRow } from '../../src/masters/session.js'
import { type ChannelWords, channelWords, linkAllToAll, relinkByFile } from '../support/channels.js'
import { holdSession } from '../support/held-session.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))
const ORDERS = 'retail_db.orders'
const TIME = /20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/

/** Longer than any test may take: whoever waits so long, fails. */
const FOR_EVER = ['--confirm-timeout', '3000']

type Statements = (words: ChannelWords) => readonly string[]

/** Waits until every master of a lab holds the orders that the first one holds. */
async function caughtUp(lab: TestLab): Promise<void> {
  const states = `SELECT GROUP_CONCAT(order_id, status ORDER BY order_id) AS states FROM ${ORDERS} WHERE order_id <= 50`
  const [first, ...others] = lab.state.masters.map(({ name }) => name)
  const expected = await lab.query(first ?? '', states)
  for (const name of others) {
    await vi.waitFor(async () => expect(await lab.query(name, states)).toEqual(expected), 60_000)
  }
}

describe.each(replicating)('two masters on %s', (kind) => {
  let lab: TestLab
  let words: ChannelWords
  beforeAll(async () => {
    lab = await startTestLab(kind)
    words = channelWords(lab)
  })
  afterAll(() => lab?.down())

  /** Audits the orders while b applies what it gets so many seconds late. */
  async function diffDelayed(seconds: number, diff: () => ReturnType<TestLab['diff']>) {
    await lab.run('b', words.stop, words.delay(seconds), words.start)
    await lab.run('a', `UPDATE ${ORDERS} SET status = '${seconds}' WHERE order_id <= 3`)
    const found = await diff()
    await lab.run('b', words.stop, words.delay(0), words.start)
    await caughtUp(lab)
    return found
  }

  it('does not take replication lag for divergence, whatever sessions are like by default', async () => {
    const { run, report } = await diffDelayed(6, async () => {
      // Without it, a session would never see what arrives after its first reading.
      await lab.run('b', 'SET GLOBAL autocommit = 0')
      return lab.diff([ORDERS]).finally(() => lab.run('b', 'SET GLOBAL autocommit = 1'))
    })
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({ status: 'consistent', reason: null, chunks: { mismatched: 1 } })
    expect(run).toMatchObject({ code: 0 })
  })

  it('tells of a replica that is delayed on purpose, and does not wait for it', async () => {
    const { run, report } = await diffDelayed(3600, () => lab.diff([ORDERS, ...FOR_EVER]))
    const reason = 'b applies the writes of a 3600 s late, on purpose'
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({ unsettled: 3, reason: expect.stringContaining(reason) })
    expect(report.summary).toMatchObject({ complete: false, unsettled: 3 })
    expect(run.stdout).toMatch(new RegExp(`Notes\n.*${reason}`))
    expect(run).toMatchObject({ code: 2 })
  })

  it('calls rows unsettled, not divergent, when a master does not catch up in the time allowed', async () => {
    const locker = await holdSession(lab, 'b', 'BEGIN', `SELECT * FROM ${ORDERS} WHERE order_id = 5 FOR UPDATE`)
    await lab.run('a', `UPDATE ${ORDERS} SET status = 'HELD' WHERE order_id = 5`)
    const { run, report } = await lab.diff([ORDERS, '--confirm-timeout', '1'])
    await locker.close()
    await caughtUp(lab)
    expect(report.divergences).toEqual([])
    expect(report.tables[0]).toMatchObject({
      unsettled: 1,
      reason: expect.stringContaining('b had not applied the writes of a in the time allowed')
    })
    expect(run).toMatchObject({ code: 2 })
  })

  it.each<[string, number, Statements, Statements, TextRow, RegExp]>([
    [
      'was stopped',
      11,
      ({ stop }) => [stop],
      ({ start }) => [start],
      { running: 'No', Last_IO_Errno: '0' },
      /on b, the replication applier has stopped since some time after .* UTC, when it applied its last transaction/
    ],
    [
      'cannot connect',
      12,
      ({ stop, password, start }) => [stop, password('wrong'), start],
      ({ stop, password, start }) => [stop, password(''), start],
      { running: 'Connecting', Last_IO_Errno: '1045' },
      /on b, the replication receiver is not connected to its source since some time after .* UTC, when it .*: 1045 /
    ]
  ])(
    'says so and since when, when rows differ because replication %s',
    async (_, order, breakIt, mendIt, state, reason) => {
      await lab.run('b', ...breakIt(words))
      await vi.waitFor(async () => {
        const [row] = await lab.query('b', words.status)
        expect({ running: row?.[words.receiver], ...row }).toMatchObject(state)
      }, 30_000)
      await lab.run('a', `UPDATE ${ORDERS} SET status = 'KEPT' WHERE order_id = ${order}`)
      const { run, report } = await lab.diff([ORDERS, ...FOR_EVER])
      await lab.run('b', ...mendIt(words))
      await caughtUp(lab)
      expect(report.divergences).toMatchObject([{ key: { order_id: String(order) }, class: 'conflict' }])
      expect(report.tables[0]).toMatchObject({ status: 'divergent', reason: expect.stringMatching(reason) })
      expect(report.tables[0]?.reason).toMatch(TIME)
      expect(run.stdout.replaceAll(/\s+/g, ' ')).toMatch(reason)
      expect(run).toMatchObject({ code: 1 })
    }
  )

  it('says at which error an applier broke, and when', async () => {
    await lab.runLocally(
      'b',
      `DELETE FROM retail_db.order_items WHERE order_id = 7`,
      `DELETE FROM ${ORDERS} WHERE order_id = 7`
    )
    await lab.run('a', `UPDATE ${ORDERS} SET status = 'GONE' WHERE order_id = 7`)
    await vi.waitFor(async () => {
      expect(await lab.query('b', words.status)).toMatchObject([{ Last_SQL_Errno: '1032' }])
    }, 30_000)
    const { run, report } = await lab.diff([ORDERS, ...FOR_EVER])
    expect(report.divergences).toMatchObject([{ key: { order_id: '7' }, class: 'missing' }])
    const reason = String(report.tables[0]?.reason)
    expect(reason).toMatch(
      /on b, the replication applier has stopped since .* UTC.*: 1032 .*Can't find record in 'orders'/
    )
    expect(reason).toMatch(TIME)
    expect(run).toMatchObject({ code: 1 })
  })
})

describe.each(replicating)('three masters on %s', (kind) => {
  let lab: TestLab
  let words: ChannelWords
  beforeAll(async () => {
    lab = await startTestLab(kind, { masters: 3 })
    words = channelWords(lab)
  })
  afterAll(() => lab?.down())

  /** Keeps c from applying what a writes, and makes a and b differ besides. */
  async function diffHeldUp(args: readonly string[]) {
    const locker = await holdSession(lab, 'c', 'BEGIN', `SELECT * FROM ${ORDERS} WHERE order_id = 5 FOR UPDATE`)
    await lab.run('a', `UPDATE ${ORDERS} SET status = 'HELD' WHERE order_id = 5`)
    await lab.runLocally('b', `UPDATE ${ORDERS} SET status = 'ODD' WHERE order_id = 60`)
    const found = await lab.diff([ORDERS, ...args])
    await locker.close()
    await caughtUp(lab)
    return found
  }

  it('that replicate all to all: what differs between two of them is found while the third is held up', async () => {
    await linkAllToAll(lab)
    // A MariaDB that gets a transaction twice and has to wait for it does not tell its state meanwhile.
    await lab.run('c', words.stopFirst)
    const { run, report } = await diffHeldUp(['--confirm-timeout', '2'])
    expect(report.divergences).toMatchObject([{ key: { order_id: '60' }, class: 'conflict' }])
    expect(report.tables[0]).toMatchObject({
      unsettled: 1,
      reason: expect.stringMatching(/c had not applied the writes of [ab] in the time allowed/)
    })
    expect(run).toMatchObject({ code: 2 })
    await lab.run('c', words.start)
    const later = await lab.diff([ORDERS])
    expect(later.report.divergences).toMatchObject([{ key: { order_id: '60' } }])
    expect(later.report.tables[0]).toMatchObject({ unsettled: 0 })
    expect(later.run).toMatchObject({ code: 1 })
  })

  it('in a ring by file and position: writes are waited for over every hop', async () => {
    await relinkByFile(lab)
    for (const name of ['b', 'c']) await lab.run(name, words.stop, words.delay(3), words.start)
    await lab.run('a', `UPDATE ${ORDERS} SET status = 'RING' WHERE order_id <= 3`)
    const { report } = await lab.diff([ORDERS])
    expect(report.tables[0]).toMatchObject({ unsettled: 0, chunks: { mismatched: 1 } })
    expect(report.divergences).toMatchObject([{ key: { order_id: '60' } }])
  })
})
