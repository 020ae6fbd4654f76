import { isWhole, type MasterHistory, matches } from './history.js'
import type { Past } from './verdict.js'
import type { Write } from './writes.js'

/** The change that made the row what this master holds; `null` where that is not known. */
export function heldWrite({ log, logsApplied, state }: MasterHistory, { history, writes }: Past): Write | null {
  const end = log.at(-1)
  if (end !== undefined && logsApplied) {
    const write = writes.all.find(({ id }) => id === end.write)
    // Where not all of a transaction was applied, it left another row here than on its own master.
    return write !== undefined && matches(state, end.after) && matches(state, write.entry.after) ? write : null
  }
  const alike = writes.all.filter(({ entry }) => isWhole(entry.after, history.columns) && matches(state, entry.after))
  const [latest, ...others] = alike.filter((write) => !alike.some((other) => writes.precedes(write, other)))
  return others.length === 0 ? (latest ?? null) : null
}
