import type { RowValues } from '../model/value.js'
import { heldWrite } from './held-write.js'
import { isWhole, type MasterHistory, matches, sameImage } from './history.js'
import { formerRows, rootInsert } from './lineage.js'
import { type Past, unknown, type Verdict } from './verdict.js'
import { joined, told } from './words.js'
import type { Write } from './writes.js'

/** Several changes were made, none in knowledge of another: by inserts, or from a row that all had. */
export function judgeConcurrentWrites(past: Past): Verdict {
  const { last } = past
  const tale = joined(last.map(told))
  if (last.some((later) => last.some((earlier) => earlier !== later && mayHaveKnown(later, earlier, past)))) {
    return unknown(`${tale}; whether one was made in knowledge of the other cannot be told`)
  }
  const double = areDoubleInserts(past)
  if (double && past.history.class !== 'missing' && !holdApart(past)) {
    return unknown(`${tale}, none in knowledge of the other; but the masters do not hold these rows any more`)
  }
  const isAbsent = past.history.masters.some(({ state }) => state === null)
  const base = double || isAbsent ? null : commonBase(past)
  const proven = double ? 'collision' : base === null ? null : 'conflict'
  if (areCrosswise(past)) {
    return { verdict: 'crosswise', because: `${tale}, and each holds what the other wrote`, base, class: proven }
  }
  const verdict = double ? 'double-insert' : 'concurrent-update'
  return { verdict, because: `${tale}, none in knowledge of the other`, base, class: proven }
}

/** Whether the order of two changes may only look open, for want of a log that would tell it. */
function mayHaveKnown(later: Write, earlier: Write, { history, writes }: Past): boolean {
  const { origin, entry } = later
  // One server knows of its own changes, even where no log that was read has both.
  if (origin === null || earlier.entry.serverId === entry.serverId) return true
  if (origin.log.some(({ write }) => write === earlier.id)) return false
  if (origin.mayHaveHad(earlier.entry) || writes.mayPrecede(earlier, later)) return true
  if (origin.logsApplied) return false
  // With one other server, the before-image tells how much of its changes had been applied; with more, one can hide another.
  const others = new Set(writes.all.map((write) => write.entry.serverId).filter((id) => id !== entry.serverId))
  return others.size > 1 || history.masters.length > 2 || !isWhole(entry.before, history.columns)
}

/** Whether the changes go back to inserts of which none knew of another. */
function areDoubleInserts(past: Past): boolean {
  const roots = past.last.map((write) => rootInsert(write, past))
  const distinct = [...new Set(roots)]
  return (
    distinct.length > 1 &&
    distinct.every((one) => distinct.every((other) => one === other || areApart(one, other, past)))
  )
}

/** Whether masters hold rows now that go back to inserts of which none knew of another. */
function holdApart(past: Past): boolean {
  const held = past.history.masters.map((master) => (master.state === null ? null : heldWrite(master, past)))
  const roots = held.map((write) => (write === null ? null : rootInsert(write, past)))
  return roots.some((one) => roots.some((other) => areApart(one, other, past)))
}

function areApart(one: Write | null, other: Write | null, past: Past): boolean {
  const { precedes } = past.writes
  if (one === null || other === null || one === other || precedes(one, other) || precedes(other, one)) return false
  return !mayHaveKnown(one, other, past) && !mayHaveKnown(other, one, past)
}

/** Whether two masters each hold what the other one wrote, and not what they wrote themselves. */
function areCrosswise({ last }: Past): boolean {
  const holdsOther = (own: Write, other: Write) =>
    own.origin !== null && matches(own.origin.state, other.entry.after) && !matches(own.origin.state, own.entry.after)
  return last.some((one) => last.some((other) => one !== other && holdsOther(one, other) && holdsOther(other, one)))
}

/** The latest row that all last changes, and whatever else masters hold, were made from. */
function commonBase(past: Past): RowValues | null {
  const { columns, masters } = past.history
  const isAmong = (row: RowValues, rows: readonly RowValues[]) => rows.some((other) => sameImage(row, other, columns))
  const [first = [], ...others] = past.last.map((write) => formerRows(write, past))
  const isHeld = (row: RowValues, master: MasterHistory) => {
    const held = heldWrite(master, past)
    return matches(master.state, row) || (held !== null && isAmong(row, formerRows(held, past)))
  }
  const shared = first.find((row) => others.every((rows) => isAmong(row, rows)))
  return shared !== undefined && masters.every((master) => isHeld(shared, master)) ? shared : null
}
