import { setTimeout as sleep } from 'node:timers/promises'
import { type FilePosition, reachesFile } from '../masters/position.js'
import { isDown } from '../masters/replication.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import { findLost } from './by-commit.js'
import type { LackingFound, Search, Which } from './lacking-found.js'
import { isBehind } from './pending.js'
import { tooMany } from './read-lacking.js'
import { readFrom } from './read-share.js'
import { readStates } from './settle.js'
import { goOnBehind } from './step-over.js'
import { Tally } from './tally.js'

const POLL_MS = 100

/**
 * Tells transactions apart where they are not numbered. Of a master that is back, the channels to and from it tell how far its
 * binlog was applied by others, and theirs by it. Of a lost one, see {@link findLost}.
 *
 * @throws MmauditError `incomplete`.
 */
export async function findByPosition(search: Search): Promise<LackingFound> {
  const states = await arrived(search)
  return search.subject.kind === 'lost' ? findLost({ ...search, states }) : findReturned({ ...search, states })
}

/** Waits for what running channels and appliers are to bring. */
async function arrived({ masters, states, subject, audit, signal }: Search): Promise<readonly TransactionState[]> {
  const ends = states.map(({ serverId, end }) => ({ serverId, end }))
  const deadline = Date.now() + audit.confirmTimeout * 1000
  for (let now = states; ; now = await readStates(masters, subject.master)) {
    const isWaiting = now.some(({ channels }) =>
      channels.some((channel) => {
        if (channel.applierRunning && isBehind(channel)) return true
        const end = ends.find(({ serverId }) => serverId === channel.sourceServerId)?.end
        if (isDown(channel) || end == null) return false
        return !reachesFile(channel.isIdle ? channel.received : channel.applied, end)
      })
    )
    if (!isWaiting || Date.now() >= deadline) return now
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal })
  }
}

/** A part of a binlog that has to be read. */
interface Span {
  readonly holder: TransactionState
  readonly from: FilePosition
  readonly lackedBy: (transaction: Transaction) => readonly string[]
  /** Nobody was further. */
  readonly isLast: boolean
}

async function findReturned(search: Search): Promise<LackingFound> {
  const { masters, states, subject } = search
  const own = states.find(({ master }) => master === subject.master)
  if (own === undefined) throw new Error('the returned master was not asked')
  const { spans: sent, gaps } = sentSpans(own, states)
  const read = await readSpans([...sent, ...missedSpans(own, states)], own, search)
  const stepOver = masters.flatMap(({ name, capabilities }) => {
    const follower = states.find(({ master }) => master === name && read.counts.has(master))
    return follower === undefined ? [] : goOnBehind(capabilities, follower, own)
  })
  const which = new Map([...read.counts.keys()].map((master) => [master, whichOf(master, own, sent, read)]))
  return { by: 'position', states, read, stepOver, which, gaps: [...gaps, ...whyNotMissed(own, states)] }
}

async function readSpans(
  spans: readonly Span[],
  own: TransactionState,
  { masters, subject, viewOf }: Search
): Promise<Tally> {
  let isLast = false
  const tally = new Tally(() => isLast)
  for (const { holder, from, lackedBy, ...span } of spans) {
    isLast = span.isLast
    const side = holder === own ? 'own' : 'others'
    const master = masters.find(({ name }) => name === holder.master)
    if (master === undefined || !holder.files.includes(from.file)) {
      const text = `${from.file} of ${holder.master}, from which on transactions are lacking, is not there any more`
      tally.findings.addGap({ side, ref: null, text })
      continue
    }
    await readFrom(master, from, {
      ...{ holder: master.name, side, viewOf, lackedBy, findings: tally.findings },
      onTransaction: (transaction, by) => tally.add(master.name, transaction, by)
    })
    if (tally.findings.rows.leftOut && side === 'own') throw tooMany(subject)
  }
  return tally
}

function whyNotMissed({ master, channels }: TransactionState, states: readonly TransactionState[]): readonly string[] {
  if (channels.some(({ sourceServerId }) => states.some(({ serverId }) => serverId === sourceServerId))) return []
  return [`${master} has no channel from any of the others, so how far it had applied their writes cannot be told`]
}

/** What each follower of the returned master has not applied, and those behind it with it. */
function sentSpans(
  own: TransactionState,
  states: readonly TransactionState[]
): { readonly spans: readonly Span[]; readonly gaps: readonly string[] } {
  const followers = states.flatMap((state) => {
    const channel = state.channels.find(({ sourceServerId }) => sourceServerId === own.serverId)
    return channel === undefined ? [] : [{ state, from: channel.applied }]
  })
  const others = states.filter((state) => state !== own)
  const firstHops = new Map(others.map((state) => [state, firstHop(state, own, states)]))
  const furthest = followers.find(({ from }) => followers.every((other) => reachesFile(from, other.from)))
  const spans = followers.map(({ state, from }) => {
    const targets = others.filter((each) => firstHops.get(each) === state)
    return {
      ...{ holder: own, from, isLast: state === furthest?.state },
      lackedBy: ({ serverId }: Transaction) =>
        targets.filter((each) => each.serverId !== serverId).map((each) => each.master)
    }
  })
  const lost = others.filter((state) => firstHops.get(state) === null)
  const gaps = lost.map(
    ({ master }) => `no channel brings the writes of ${own.master} to ${master}, so which of them it has cannot be told`
  )
  return { spans, gaps }
}

/** The master by which the writes of another one reach this one: itself, or one upstream; `null` where none does. */
function firstHop(
  state: TransactionState,
  own: TransactionState,
  states: readonly TransactionState[],
  seen: readonly TransactionState[] = []
): TransactionState | null {
  if (state.channels.some(({ sourceServerId }) => sourceServerId === own.serverId)) return state
  const upstream = states.filter(
    (each) =>
      each !== own &&
      !seen.includes(each) &&
      state.channels.some(({ sourceServerId }) => sourceServerId === each.serverId)
  )
  return upstream.map((each) => firstHop(each, own, states, [...seen, state])).find((found) => found !== null) ?? null
}

/** What the returned master has not applied. Writes of a server that it follows directly come by that channel. */
function missedSpans(own: TransactionState, states: readonly TransactionState[]): readonly Span[] {
  const direct = new Set(own.channels.map(({ sourceServerId }) => sourceServerId))
  return own.channels.flatMap((channel) => {
    const holder = states.find(({ serverId }) => serverId === channel.sourceServerId)
    if (holder === undefined) return []
    const comes = (serverId: number) => serverId === holder.serverId || !direct.has(serverId)
    return {
      ...{ holder, from: channel.applied, isLast: false },
      lackedBy: ({ serverId }: Transaction) => (serverId !== own.serverId && comes(serverId) ? [own.master] : [])
    }
  })
}

function whichOf(master: string, own: TransactionState, sent: readonly Span[], tally: Tally): Which {
  const spans = master === own.master ? own.channels.map(({ applied }) => applied) : sent.map(({ from }) => from)
  const holders = [...(tally.readOn.get(master) ?? [])].join(', ')
  const all = `after ${spans.map(({ file, offset }) => `${file}:${offset}`).join(', ')} of ${holders}`
  const last = sent.find(({ isLast }) => isLast)?.from
  const unsent = tally.unsent === 0 || last === undefined ? '' : `after ${last.file}:${last.offset} of ${own.master}`
  return { all, unsent: master === own.master ? '' : unsent }
}
