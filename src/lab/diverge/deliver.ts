import type { Session } from '../../masters/session.js'
import { ApplierStopped, type Cluster, followUp, startApplier, transaction } from '../cluster.js'
import type { LostWrite, Meeting } from './writes.js'

/** The row that was to be inserted is there already. */
const DUPLICATE_KEY = 1062

/** Makes writes on their origins, and makes the masters from `lostAt` on never receive them. */
export async function loseWrites(cluster: Cluster, writes: readonly LostWrite[]): Promise<void> {
  const routes = new Set(writes.map(routeOf))
  for (const route of routes) {
    const [first, ...others] = writes.filter((write) => routeOf(write) === route)
    if (first === undefined) continue
    const { origin, lostAt } = first
    const transactions = [first, ...others].map(({ statements }) => statements)
    if (cluster.linked) await loseOnTheWay(cluster, origin, lostAt, transactions)
    else for (const { session } of cluster.span(origin, lostAt)) await runAll(session, transactions)
  }
}

function routeOf({ origin, lostAt }: LostWrite): string {
  return `${origin} ${lostAt}`
}

async function runAll(session: Session, transactions: readonly (readonly string[])[]): Promise<void> {
  for (const statements of transactions) await transaction(session, statements)
}

/** Replication stands still, the origin writes, the masters on the way receive it, and the next one is told to skip it. */
async function loseOnTheWay(
  cluster: Cluster,
  origin: number,
  lostAt: number,
  transactions: readonly (readonly string[])[]
): Promise<void> {
  const { master, session, replication } = cluster.at(origin)
  await cluster.stopAppliers()
  const before = await replication.position(session)
  await runAll(session, transactions)
  const after = await replication.position(session)
  const [source, ...relays] = cluster.span(origin, lostAt)
  let upstream = source
  for (const relay of relays) {
    await startApplier(relay)
    if (upstream !== undefined) await followUp(upstream, relay)
    upstream = relay
  }
  const loser = cluster.at(lostAt)
  await loser.replication.skip(loser.session, { master, before, after })
  await cluster.startAppliers()
  await cluster.catchUp()
}

/** Makes both sides of each meeting while neither receives anything, then lets them hear of each other. */
export async function letMeet(cluster: Cluster, meetings: readonly Meeting[]): Promise<void> {
  if (!cluster.linked) return emulateMeetings(cluster, meetings)
  await cluster.stopAppliers()
  for (const side of meetings.flatMap(({ sides }) => sides)) {
    await transaction(cluster.at(side.master).session, side.statements)
  }
  await cluster.startAppliers()
  // Each side can stop replication once on each master.
  await catchUpOverErrors(cluster, 2 * meetings.length * cluster.members.length)
}

/** What an administrator does who wants replication to go on: step over each transaction that does not fit. */
async function catchUpOverErrors(cluster: Cluster, most: number): Promise<void> {
  for (let errors = 0; ; errors++) {
    try {
      await cluster.catchUp()
      return
    } catch (error) {
      if (!(error instanceof ApplierStopped) || error.status.errno !== DUPLICATE_KEY || errors >= most) throw error
      await error.member.replication.skipFailed(error.member.session, error.status)
      await startApplier(error.member)
    }
  }
}

/**
 * Without replication the outcome is written where it would have come about. Updates: each side ends with what reached
 * it last, the other's. Inserts: each side keeps its own, because the other's does not fit.
 */
async function emulateMeetings(cluster: Cluster, meetings: readonly Meeting[]): Promise<void> {
  for (const { how, sides } of meetings) {
    const [left, right] = sides
    const [there, here] = how === 'crossing-updates' ? [left, right] : [right, left]
    for (const { session } of cluster.span(left.master, right.master)) await transaction(session, here.statements)
    for (const { session } of cluster.span(right.master, left.master)) await transaction(session, there.statements)
  }
}
