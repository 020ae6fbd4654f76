import { isWhole, type MasterHistory, matches } from './history.js'
import type { Past } from './verdict.js'
import { told } from './words.js'
import type { Write } from './writes.js'

/** Why nothing can be concluded from a past, in words; `null` where it may be judged. */
export function obstacle(past: Past): string | null {
  if (past.writes.all.length === 0) return 'the binlogs that were read hold no change of this row'
  return lackingImages(past) ?? unexplainedRow(past) ?? silentOrigin(past) ?? unknownOrder(past)
}

/** Where no log tells what was applied, only whole images do. */
function lackingImages({ history: { masters, columns }, writes }: Past): string | null {
  const partial = masters.find((master) => !master.logsApplied)
  const isPartial = ({ entry: { before, after } }: Write) => !isWhole(before, columns) || !isWhole(after, columns)
  if (partial === undefined || !writes.all.some(isPartial)) return null
  return `images in the binlogs lack columns (binlog_row_image), and ${partial.master} does not log what it applies`
}

function unexplainedRow(past: Past): string | null {
  const strange = past.history.masters.find((master) => !isExplained(master, past))
  return strange === undefined ? null : `what ${strange.master} holds is not what the binlogs say`
}

/** Whether a master holds what its log ends with; or, where it logs nothing of the row, what some change found or left. */
function isExplained({ log, logsApplied, state }: MasterHistory, { writes }: Past): boolean {
  const end = log.at(-1)
  if (end !== undefined && logsApplied) return matches(state, end.after)
  return writes.all.some(({ entry }) => matches(state, entry.after) || matches(state, entry.before))
}

/** Others applied a change that the binlog of its own master should have, and does not. */
function silentOrigin({ history: { masters }, writes }: Past): string | null {
  for (const write of writes.all.filter(({ origin }) => origin === null)) {
    const { entry } = write
    const origin = masters.find(({ serverId, mayHaveHad }) => serverId === entry.serverId && !mayHaveHad(entry))
    if (origin !== undefined) return `${told(write)}, of which the binlog of ${origin.master} does not tell`
  }
  return null
}

/** Changes that lead to each other in a circle lead to no last one. */
function unknownOrder({ last, writes }: Past): string | null {
  const leads = (write: Write) => last.some((each) => each === write || writes.precedes(write, each))
  return writes.all.every(leads) ? null : 'in which order the row was changed cannot be told'
}
