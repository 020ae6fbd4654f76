import { join } from 'node:path'
import type { RowValues } from '../../model/value.js'
import { type Cluster, followUp, type Member, transaction } from '../cluster.js'
import { LAB_FILES, readLab, writeJson, writeLab } from '../lab-state.js'
import { newCustomer } from '../new-rows.js'
import { text } from '../quote.js'
import { Random } from '../random.js'
import { killServer, startAgain } from '../restart.js'
import { insertStatement } from '../tables.js'
import { BOTH, type Scenario } from './scenario.js'

/** A row by its table and key. */
interface TrueRow {
  readonly table: 'customers' | 'stores'
  readonly key: RowValues
}

/** What such a scenario has left behind: what `mmaudit failover` has to find, no more and no less. */
export interface FailoverTruth {
  /** The master that was killed. */
  readonly master: string
  /** Transactions of it that nobody received. */
  readonly unsent: number
  /** Transactions of it that its follower received, and the next master did not; none among two. */
  readonly received: number
  /** Transactions that it missed. */
  readonly missed: number
  /** Rows that only unsent transactions changed. */
  readonly unsentRows: readonly TrueRow[]
  /** Rows that were changed on both sides. */
  readonly bothSides: readonly TrueRow[]
  /** Rows that received transactions changed. */
  readonly receivedRows: readonly TrueRow[]
}

/** Masters that were killed with writes that others never received. */
export const KILLED_SCENARIOS = {
  'killed-master': {
    about: 'a was killed; nobody received its last writes, and of those before only b has some',
    vendors: BOTH,
    async arrange(cluster, dir) {
      await lose(cluster, dir)
    }
  },
  'returned-master': {
    about: 'a was killed with writes that nobody received, rows were written elsewhere, and a is back',
    vendors: BOTH,
    async arrange(cluster, dir) {
      const command = await lose(cluster, dir)
      const { master } = cluster.at(0)
      const pid = await startAgain(command, dir, master)
      const lab = await readLab(dir)
      const masters = lab.masters.map((each) => (each.name === master.name ? { ...each, pid } : each))
      await writeLab(dir, { ...lab, masters })
    }
  }
} as const satisfies Readonly<Record<string, Scenario>>

/** Everything that was written before a kill has to be there after it. */
const DURABLE = ['SET GLOBAL innodb_flush_log_at_trx_commit = 1', 'SET GLOBAL sync_binlog = 1']

async function lose(cluster: Cluster, dir: string) {
  const [a, b] = [cluster.at(0), cluster.at(1)]
  await cluster.catchUp()
  for (const statement of DURABLE) await a.session.run(statement)
  const stores = await storeKeys(a)
  const received = cluster.members.length > 2 ? await receivedByOne(cluster, stores) : []
  await b.session.run(stopReceiver(b))
  const unsentRows = await unsent(a, stores)
  const command = await killServer(a.master)
  a.session.destroy()
  await meanwhile(b, stores)
  const bothSides = [store(stores, 0)]
  await writeTruth(dir, {
    ...{ master: a.master.name, unsent: 3, missed: 3, received: received.length },
    ...{ unsentRows, bothSides, receivedRows: received }
  })
  return command
}

/** The receiver of the third master stands still, so only the second one gets these. */
async function receivedByOne(cluster: Cluster, stores: readonly RowValues[]): Promise<readonly TrueRow[]> {
  const [a, b, c] = [cluster.at(0), cluster.at(1), cluster.at(2)]
  await c.session.run(stopReceiver(c))
  await a.session.run(managed(stores, 3, 'received by one'))
  await a.session.run(managed(stores, 4, 'received by one'))
  await followUp(a, b)
  return [store(stores, 3), store(stores, 4)]
}

/** Three transactions, of which the last one changes a row that is changed elsewhere as well. */
async function unsent(a: Member, stores: readonly RowValues[]): Promise<readonly TrueRow[]> {
  const id = await newest(a)
  const random = new Random(1, `unsent ${id}`)
  await a.session.run(
    insertStatement('customers', newCustomer(random, { master: 0, id: String(id + 1), at: Date.now() }))
  )
  await a.session.run(managed(stores, 1, 'unsent'))
  await a.session.run(managed(stores, 0, 'unsent'))
  return [{ table: 'customers', key: { customer_id: String(id + 1) } }, store(stores, 1)]
}

/** Three transactions on the master that took over. */
async function meanwhile(b: Member, stores: readonly RowValues[]): Promise<void> {
  await b.session.run(managed(stores, 0, 'meanwhile'))
  await b.session.run(managed(stores, 2, 'meanwhile'))
  const id = await newest(b)
  const random = new Random(2, `meanwhile ${id}`)
  await transaction(b.session, [
    insertStatement('customers', newCustomer(random, { master: 1, id: String(id + 100), at: Date.now() }))
  ])
}

async function newest({ session }: Member): Promise<number> {
  const [row] = await session.query('SELECT MAX(customer_id) AS id FROM customers')
  return Number(row?.id)
}

async function storeKeys({ session }: Member): Promise<readonly RowValues[]> {
  const rows = await session.query('SELECT region, store_code FROM stores ORDER BY region, store_code LIMIT 5')
  return rows.map(({ region = null, store_code = null }) => ({ region, store_code }))
}

function store(stores: readonly RowValues[], at: number): TrueRow {
  return { table: 'stores', key: stores[at] ?? {} }
}

function managed(stores: readonly RowValues[], at: number, manager: string): string {
  const { region, store_code } = stores[at] ?? {}
  return `UPDATE stores SET manager = ${text(manager)} WHERE region = ${text(String(region))} AND store_code = ${text(String(store_code))}`
}

function stopReceiver({ master }: Member): string {
  return master.vendor === 'mysql' ? 'STOP REPLICA IO_THREAD' : 'STOP SLAVE IO_THREAD'
}

function writeTruth(dir: string, truth: FailoverTruth): Promise<void> {
  return writeJson(join(dir, LAB_FILES.failover), truth)
}
