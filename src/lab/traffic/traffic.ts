import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withLock } from '../../files/lock.js'
import { Cluster, type Member, openSession } from '../cluster.js'
import { type LabState, lockFile, readLab } from '../lab-state.js'
import { Random } from '../random.js'
import { shopSize } from '../shop.js'
import { frozenRows, readTruth } from '../truth.js'
import { requireInteger } from '../up-options.js'
import { CustomerDesk } from './customer-desk.js'
import { Writer } from './writer.js'

/** How much traffic, for how long. */
export interface LabTrafficOptions {
  readonly dir: string
  readonly seconds?: number
  /** Transactions per second on each master. */
  readonly writesPerSecond?: number
  readonly seed?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  readonly say?: (line: string) => void
}

/** What was written. */
export interface LabTrafficResult {
  readonly seconds: number
  /** Transactions committed, by master. */
  readonly transactions: Readonly<Record<string, number>>
  /** Transactions that had to be done again because of a deadlock. */
  readonly retries: number
}

const DEFAULTS = { seconds: 10, writesPerSecond: 50 }
const LIMITS = { seconds: 86_400, writesPerSecond: 10_000 }

/** Deadlock, and a lock waited for too long: the transaction was undone, and may well succeed now. */
const WORTH_RETRYING = new Set([1213, 1205])
const MOST_RETRIES = 20

/** Seconds; the default of 50 would let one stuck row look like the end of all traffic. */
const LOCK_WAIT = 5

/** Timers are not finer than this. */
const SHORTEST_PAUSE_MS = 2

/** Writes to every master of a running lab at once, in a way that leaves equal masters equal. */
export async function labTraffic(options: LabTrafficOptions): Promise<LabTrafficResult> {
  const { seconds = DEFAULTS.seconds, writesPerSecond = DEFAULTS.writesPerSecond, seed = 1, say = () => {} } = options
  requireInteger('--seconds', seconds, 1, LIMITS.seconds)
  requireInteger('--writes-per-second', writesPerSecond, 1, LIMITS.writesPerSecond)
  requireInteger('--seed', seed, 0, 2 ** 31 - 1)
  const dir = resolve(options.dir)
  const lab = await readLab(dir)
  return withLock(lockFile(dir), 'this lab', 'writing traffic', async () => {
    const cluster = await Cluster.open(lab, lab.database)
    try {
      const until = { milliseconds: seconds * 1000, signal: options.signal }
      const result = await writeEverywhere({ dir, lab, cluster, seed, writesPerSecond, until })
      if (cluster.linked) say('waiting until every master has caught up')
      await cluster.catchUp()
      return result
    } finally {
      await cluster.close()
    }
  })
}

interface Traffic {
  readonly dir: string
  readonly lab: LabState
  readonly cluster: Cluster
  readonly seed: number
  readonly writesPerSecond: number
  readonly until: { readonly milliseconds: number; readonly signal: AbortSignal | undefined }
}

async function writeEverywhere(traffic: Traffic): Promise<LabTrafficResult> {
  const { dir, lab, cluster, seed } = traffic
  const frozen = await frozenRows(cluster, await readTruth(dir))
  const writers = await Promise.all(cluster.members.map((own) => openWriter(cluster, own, lab)))
  const rules = { masters: writers.length, size: shopSize(lab.rows), frozen }
  const desks = writers.map(
    (writer, i) => new CustomerDesk(writer, { ...rules, master: i }, new Random(seed, `desk ${i}`))
  )
  const started = performance.now()
  // One that fails stops the others, too: half of the traffic is not what was asked for.
  const failure = new AbortController()
  const works = desks.map((desk) => work(desk, traffic, failure))
  const settled = await Promise.allSettled(works)
  await Promise.all(writers.map((writer) => writer.close()))
  const done = settled.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
  return {
    seconds: (performance.now() - started) / 1000,
    transactions: Object.fromEntries(cluster.members.map(({ master }, i) => [master.name, done[i]?.transactions ?? 0])),
    retries: done.reduce((sum, { retries }) => sum + retries, 0)
  }
}

async function openWriter(cluster: Cluster, own: Member, lab: LabState): Promise<Writer> {
  const members = cluster.linked ? [own] : [own, ...cluster.members.filter((other) => other !== own)]
  const settings = [`USE ${lab.database}`, `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT}`]
  return new Writer(await Promise.all(members.map(({ master }) => openSession(master, settings))))
}

interface Done {
  readonly transactions: number
  readonly retries: number
}

async function work(desk: CustomerDesk, { writesPerSecond, until }: Traffic, failure: AbortController): Promise<Done> {
  const signals = until.signal === undefined ? [failure.signal] : [failure.signal, until.signal]
  const stop = AbortSignal.any(signals)
  const started = performance.now()
  let transactions = 0
  let retries = 0
  try {
    for (;;) {
      const due = started + (transactions * 1000) / writesPerSecond
      await pauseUntil(Math.min(due, started + until.milliseconds), stop)
      if (stop.aborted || performance.now() >= started + until.milliseconds) return { transactions, retries }
      retries += await serve(desk)
      transactions++
    }
  } catch (error) {
    failure.abort()
    throw error
  }
}

async function pauseUntil(due: number, signal: AbortSignal): Promise<void> {
  const pause = due - performance.now()
  if (pause < SHORTEST_PAUSE_MS || signal.aborted) return
  await sleep(pause, undefined, { signal }).catch(() => {})
}

/** One transaction, done again when the server gave up on it. Returns how often. */
async function serve(desk: CustomerDesk): Promise<number> {
  for (let retries = 0; ; retries++) {
    try {
      await desk.serve()
      return retries
    } catch (error) {
      const errno = (error as { errno?: number }).errno ?? 0
      if (!WORTH_RETRYING.has(errno) || retries >= MOST_RETRIES) throw error
    }
  }
}
