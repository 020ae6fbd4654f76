import { sameImage } from '../evidence/history.js'
import type { Outlook } from '../model/failover.js'
import type { RowValues } from '../model/value.js'
import type { LackedChange, Side } from './written-rows.js'

/** What will become of a row, and why. */
export interface Foreseen {
  readonly outlook: Outlook
  /** In words; empty when the masters agree, and will. */
  readonly because: string
  /** Whether it was written by the returned master as well as by others. */
  readonly bothSides: boolean
  /** The masters whose appliers will stop at it. */
  readonly stoppedOn: readonly string[]
}

/** A row as the masters have it, and what is to come. */
export interface RowProspect {
  /** The row on each master now, in the form in which equal values are equal. */
  readonly states: ReadonlyMap<string, RowValues | null>
  readonly lacked: ReadonlyMap<string, LackedChange>
  readonly sides: ReadonlySet<Side>
  /** Those that are compared. */
  readonly columns: readonly string[]
}

/**
 * Says what will become of a row when every master applies the changes of it that it lacks: an insert of a row that is there
 * stops an applier with 1062, a change of one that is not there with 1032; otherwise the row will be as the last change left it.
 */
export function foresee({ states, lacked, sides: from, columns }: RowProspect): Foreseen {
  const stops = [...states].flatMap(([master, state]) => stopOf(master, state, lacked.get(master)) ?? [])
  const ends = [...states].map(([master, state]) => endOf(state, lacked.get(master)))
  const willAgree = ends.every((end) => sameImage(end, ends[0] ?? null, columns))
  const bothSides = from.size > 1
  const known = { bothSides, stoppedOn: stops.map(({ master }) => master) }
  const sides = bothSides ? 'written on both sides' : ''
  if (stops.length > 0) {
    return { ...known, outlook: 'stops', because: joined(sides, ...stops.map(({ because }) => because)) }
  }
  if (!willAgree)
    return { ...known, outlook: bothSides ? 'both-sides' : 'differs', because: joined(sides, WILL_DIFFER) }
  const now = [...states.values()]
  const agrees = now.every((state) => sameImage(state, now[0] ?? null, columns))
  return agrees
    ? { ...known, outlook: 'agrees', because: '' }
    : { ...known, outlook: 'arrives', because: `${[...lacked.keys()].join(', ')} will have it once it is applied` }
}

const WILL_DIFFER = 'the masters will differ once everything is applied'

interface Stop {
  readonly master: string
  readonly because: string
}

function stopOf(master: string, state: RowValues | null, change: LackedChange | undefined): Stop | null {
  if (change === undefined) return null
  if (change.first === 'insert') {
    return state === null
      ? null
      : { master, because: `the applier of ${master} would stop with 1062, for it has the row` }
  }
  return state === null
    ? { master, because: `the applier of ${master} would stop with 1032, for it lacks the row` }
    : null
}

function endOf(state: RowValues | null, change: LackedChange | undefined): RowValues | null {
  if (change === undefined) return state
  return change.after === null ? null : { ...state, ...change.after }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ')
}
