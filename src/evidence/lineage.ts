import type { RowValues } from '../model/value.js'
import { isWhole, sameImage } from './history.js'
import type { Past } from './verdict.js'
import { previousEntry, type Write } from './writes.js'

/**
 * The insert that a change goes back to; `null` when it lies further back than the binlogs that were read, or when several
 * rows were merged into one. It is found by what each writer had before it, for an order that is only probable may lead to
 * another row; where images are not whole, by the order.
 */
export function rootInsert(write: Write, past: Past): Write | null {
  const { before, after } = write.entry
  if (before === null) return after === null ? null : write
  if (write.origin === null) return null
  const made = isWhole(before, past.history.columns)
    ? parents(write, before, past)
    : latest(past, write, ({ entry }) => entry.before === null && entry.after !== null)
  const roots = new Set(made.map((each) => rootInsert(each, past)))
  const [root = null] = roots
  return roots.size === 1 ? root : null
}

/** The row as it was before a change, and before the change that had made it so, and so on, as long as it was one row. */
export function formerRows(write: Write, past: Past): readonly RowValues[] {
  const { before } = write.entry
  if (before === null || write.origin === null || !isWhole(before, past.history.columns)) return []
  const [parent, ...others] = parents(write, before, past)
  return [before, ...(parent === undefined || others.length > 0 ? [] : formerRows(parent, past))]
}

/** The changes that left the row as another one found it; a log of all that was applied names the one. */
function parents(write: Write, before: RowValues, past: Past): readonly Write[] {
  const previous = write.origin?.logsApplied === true ? previousEntry(write) : null
  const isParent = ({ id, entry }: Write) =>
    sameImage(entry.after, before, past.history.columns) && (previous === null || id === previous.write)
  return latest(past, write, isParent)
}

/** The changes of a kind before another one, but for those that are known to be older than others of them. */
function latest({ writes }: Past, write: Write, isKind: (other: Write) => boolean): readonly Write[] {
  const isBefore = (earlier: Write, later: Write) => writes.precedes(earlier, later) && !writes.precedes(later, earlier)
  const found = writes.all.filter((other) => isBefore(other, write) && isKind(other))
  return found.filter((each) => !found.some((other) => isBefore(each, other)))
}
