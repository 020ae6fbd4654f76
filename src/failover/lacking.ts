import { serverOf, type TransactionState } from '../masters/transaction-state.js'
import type { FailoverKind } from '../model/failover.js'
import {
  commonGtids,
  countGtids,
  type GtidSet,
  gtidsFrom,
  NO_GTIDS,
  uniteGtids,
  withoutGtids
} from '../model/gtid-set.js'
import type { Vendor } from '../model/master.js'

/** Which master a failover is about. */
export interface Subject {
  readonly kind: FailoverKind
  /** Its name in the configuration. */
  readonly master: string
  /** What stands for it in GTIDs; see `TransactionState.source`. */
  readonly source: string
}

/** For each master the transactions that it lacks; masters that lack none are left out. */
export type Lacks = ReadonlyMap<string, GtidSet>

/**
 * Which transactions are where and not elsewhere: of a lost master those that it wrote and some survivor has; where one is
 * back, all that some master has.
 */
export function lacksOf(states: readonly TransactionState[], subject: Subject): Lacks {
  const all = states.map(({ has }) => has).reduce(uniteGtids, NO_GTIDS)
  const isWritten = (vendor: Vendor) => (source: string) => serverOf(vendor, source) === subject.source
  return nonEmpty(
    states.map(({ master, vendor, has }) => {
      return [master, withoutGtids(subject.kind === 'lost' ? gtidsFrom(all, isWritten(vendor)) : all, has)]
    })
  )
}

/** What was lacking before and is still. */
export function stillLacking(before: Lacks, now: Lacks): Lacks {
  return nonEmpty([...before].map(([master, set]) => [master, commonGtids(set, now.get(master) ?? NO_GTIDS)]))
}

function nonEmpty(lacks: readonly (readonly [master: string, set: GtidSet])[]): Lacks {
  return new Map(lacks.filter(([, set]) => set.size > 0))
}

/** The lacking transactions by their side. */
export interface Sides {
  /** Those that the lost master wrote, or that the returned one has. */
  readonly own: GtidSet
  /** Those that the returned one has missed. */
  readonly others: GtidSet
  /** Those that only the returned one has. */
  readonly unsent: GtidSet
}

/** Parts what is lacking anywhere into what comes from the returned master and what it has missed. */
export function sidesOf(states: readonly TransactionState[], lacks: Lacks, { kind, master }: Subject): Sides {
  const all = [...lacks.values()].reduce(uniteGtids, NO_GTIDS)
  if (kind === 'lost') return { own: all, others: NO_GTIDS, unsent: NO_GTIDS }
  const has = states.find((state) => state.master === master)?.has ?? NO_GTIDS
  const elsewhere = states.filter((state) => state.master !== master).map((state) => state.has)
  const own = commonGtids(all, has)
  return { own, others: withoutGtids(all, has), unsent: withoutGtids(own, elsewhere.reduce(uniteGtids, NO_GTIDS)) }
}

/** Transactions that are to be read on one master. */
interface Share {
  readonly holder: string
  readonly wanted: GtidSet
}

/** Who is to be read for what, and what can be read nowhere. */
export interface Shares {
  readonly shares: readonly Share[]
  readonly nowhere: GtidSet
}

/**
 * Divides transactions among the masters whose binlogs have them, so that each is read once: always on the one that has most
 * of what is left, so that most are read in one order.
 */
export function shareOut(states: readonly TransactionState[], wanted: GtidSet): Shares {
  const shares: Share[] = []
  for (let rest = wanted; ; ) {
    const [best] = states
      .map((state) => ({ holder: state.master, wanted: commonGtids(rest, loggedOn(state)) }))
      .toSorted((left, right) => Number(countGtids(right.wanted) - countGtids(left.wanted)))
    if (best === undefined || best.wanted.size === 0) return { shares, nowhere: rest }
    shares.push(best)
    rest = withoutGtids(rest, best.wanted)
  }
}

/** What should be in the binlogs of a master. */
function loggedOn({ vendor, source, has, purged, logsApplied, files }: TransactionState): GtidSet {
  if (files.length === 0) return NO_GTIDS
  const logged = logsApplied ? has : gtidsFrom(has, (each) => serverOf(vendor, each) === source)
  return withoutGtids(logged, purged)
}

/** Why it cannot be told whether a master has what it seems to lack; `null` when it can. */
export function whyVague({ master, lastApplied }: TransactionState, lacks: Lacks): string | null {
  const sources = [...(lacks.get(master)?.keys() ?? [])]
  const vague = sources.find((each) => {
    const [domain, server] = each.split('-').map(Number)
    return lastApplied.some((last) => last.domain === domain && last.serverId !== server)
  })
  if (vague === undefined) return null
  return (
    `${master} does not log what it applies (log_slave_updates) and tells only the last transaction of each domain, ` +
    `so whether it has those of server ${vague.split('-')[1]} in domain ${vague.split('-')[0]} cannot be told`
  )
}
