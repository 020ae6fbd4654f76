import { setTimeout as sleep } from 'node:timers/promises'
import { MmauditError } from '../../model/errors.js'
import { type Member, transaction } from '../cluster.js'
import { newCustomer } from '../new-rows.js'
import { Random } from '../random.js'
import { insertStatement } from '../tables.js'
import { BOTH, locally, type Scenario } from './scenario.js'

/** Loopback replication takes milliseconds. */
const TIMEOUT_MS = 30_000
const POLL_MS = 20
/** Two masters are asked something within the same minute. */
const APART_MS = 31_000

/** Appliers that have stopped because a row does not fit. Each transaction changes several rows, and is not the last. */
export const STOPPED_SCENARIOS = {
  'stopped-1062': {
    about: 'the applier of b stands before a row that b has otherwise already',
    vendors: BOTH,
    async arrange(cluster) {
      const [a, b] = [cluster.at(0), cluster.at(1)]
      const id = await nextCustomer(a)
      const at = Date.now()
      const random = new Random(1, `stopped ${id}`)
      for (const statement of locally(customer(random, 1, id, at - APART_MS))) await b.session.run(statement)
      await transaction(a.session, [
        customer(random, 0, id + 2, at),
        customer(random, 0, id, at),
        "UPDATE stores SET manager = 'Grace Hopper' ORDER BY region, store_code LIMIT 1"
      ])
      await a.session.run(customer(random, 0, id + 4, at))
      await stopped(b, 1062)
    }
  },
  'stopped-1032': {
    about: 'the applier of b stands before a change of a row that b does not have',
    vendors: BOTH,
    async arrange(cluster) {
      const [a, b] = [cluster.at(0), cluster.at(1)]
      for (const statement of locally(`DELETE FROM stores ${LAST}`)) await b.session.run(statement)
      await transaction(a.session, [
        `UPDATE stores SET manager = 'Ada Lovelace' ${LAST}`,
        "UPDATE stores SET manager = 'Alan Turing' ORDER BY region, store_code LIMIT 1"
      ])
      await a.session.run(`UPDATE stores SET turnover = turnover + 1 ${LAST}`)
      await stopped(b, 1032)
    }
  }
} as const satisfies Readonly<Record<string, Scenario>>

const LAST = 'ORDER BY region DESC, store_code DESC LIMIT 1'

async function nextCustomer({ session }: Member): Promise<number> {
  const [row] = await session.query('SELECT MAX(customer_id) AS id FROM customers')
  return Number(row?.id) + 1
}

function customer(random: Random, master: number, id: number, at: number): string {
  return insertStatement('customers', newCustomer(random, { master, id: String(id), at }))
}

async function stopped(member: Member, errno: number): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS
  for (;;) {
    const status = await member.replication.status(member.session)
    if (status !== null && !status.applying && status.errno === errno) return
    if (Date.now() > deadline) {
      throw new MmauditError('incomplete', `the applier of ${member.master.name} did not stop with ${errno}`)
    }
    await sleep(POLL_MS)
  }
}
