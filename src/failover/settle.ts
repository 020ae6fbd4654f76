import { setTimeout as sleep } from 'node:timers/promises'
import { onEveryMaster } from '../audit/on-every-master.js'
import type { Master } from '../masters/master.js'
import { readNodes } from '../masters/read-nodes.js'
import { type Node, whyNotFollowing } from '../masters/topology.js'
import { readTransactionState, type TransactionState } from '../masters/transaction-state.js'
import { commonGtids } from '../model/gtid-set.js'
import { withKnownSources } from './known-sources.js'
import { type Lacks, lacksOf, type Subject, stillLacking } from './lacking.js'

/** How often masters are asked that have something on its way. */
const POLL_MS = 100

/** Which transactions the masters have, and lack for more than a moment. */
export interface Settled {
  readonly states: readonly TransactionState[]
  readonly lacks: Lacks
  /** Received before and not applied since. */
  readonly pending: Lacks
}

/**
 * Asks all masters which transactions they have. The one that is back comes first: what others write meanwhile is then never
 * taken for something that it alone has.
 */
export async function readStates(masters: readonly Master[], first: string): Promise<readonly TransactionState[]> {
  const read = (some: readonly Master[]) => onEveryMaster(some, 'asking for its transactions', readTransactionState)
  const states = [
    ...(await read(masters.filter(({ name }) => name === first))),
    ...(await read(masters.filter(({ name }) => name !== first)))
  ]
  const inOrder = masters.flatMap(({ name }) => states.find(({ master }) => master === name) ?? [])
  return withKnownSources(
    inOrder,
    masters.map(({ info }) => info)
  )
}

/**
 * Waits for what is on its way: transactions that a running applier has received, or that a running channel will bring. What
 * is written in the meantime is not waited for, and not looked at.
 *
 * @param milliseconds to wait at most.
 */
export async function settle(
  masters: readonly Master[],
  states: readonly TransactionState[],
  subject: Subject,
  milliseconds: number,
  signal: AbortSignal | undefined
): Promise<Settled> {
  const deadline = Date.now() + milliseconds
  let settled: Settled = { states, lacks: lacksOf(states, subject), pending: pendingIn(states) }
  while (Date.now() < deadline && mayArrive(await readNodes(masters), settled)) {
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal })
    const now = await readStates(masters, subject.master)
    settled = {
      states: now,
      lacks: stillLacking(settled.lacks, lacksOf(now, subject)),
      pending: stillLacking(settled.pending, pendingIn(now))
    }
  }
  return settled
}

function pendingIn(states: readonly TransactionState[]): Lacks {
  return new Map(states.map(({ master, pending }) => [master, pending]))
}

/** Whether a running channel or applier may bring something that is lacking, or that is pending. */
function mayArrive(nodes: readonly Node[], { states, lacks, pending }: Settled): boolean {
  return states.some((state) => {
    const received = pending.get(state.master)?.size ?? 0
    if (received > 0 && state.channels.every(({ applierRunning }) => applierRunning)) return true
    const lacking = lacks.get(state.master)
    const follower = nodes.find(({ name }) => name === state.master)
    if (lacking === undefined || follower === undefined) return false
    return states.some((holder) => {
      const source = nodes.find(({ name }) => name === holder.master)
      if (source === undefined || source === follower || commonGtids(holder.has, lacking).size === 0) return false
      return whyNotFollowing(nodes, follower, source) === null
    })
  })
}
