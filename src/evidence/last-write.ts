import { type Entry, kindOf, type MasterHistory, matches, sameImage } from './history.js'
import { rootInsert } from './lineage.js'
import { type Past, unknown, type Verdict } from './verdict.js'
import { named, told } from './words.js'
import type { Write } from './writes.js'

/** One change came after all the others: the masters that do not hold what it left never received it, or cannot be judged. */
export function judgeLastWrite(last: Write, past: Past): Verdict {
  const { masters } = past.history
  const losers = masters.filter(({ state }) => !matches(state, last.entry.after))
  if (losers.length === masters.length) return unknown('no master holds the row as its last change left it')
  if (losers.length === 0) return unknown('the images in the binlogs do not tell what differs')
  const doubtful = losers.find((master) => mayHaveReceived(master, last) || mayHaveBeenOverwritten(master, last, past))
  if (doubtful !== undefined) {
    return unknown(`${told(last)}; ${doubtful.master} received that, or may have, and holds something else`)
  }
  const kind = kindOf(last.entry)
  const because = `${told(last)}, which never arrived on ${named(losers)}`
  if (kind === 'delete') return { verdict: 'deleted', because, base: null, class: null }
  const gone = whyGone(last, losers, past)
  return gone === null ? { verdict: 'never-arrived', because, base: null, class: null } : unknown(gone)
}

/** Whether masters that lack a row may have had it, and lost it in a way that no binlog tells; `null` when they never had it. */
function whyGone(last: Write, losers: readonly MasterHistory[], past: Past): string | null {
  const lacking = losers.filter(({ state }) => state === null)
  if (lacking.length === 0) return null
  const root = rootInsert(last, past)
  if (root === null) return `${told(last)}; the binlogs do not reach back to where the row was inserted`
  const had = lacking.find((master) => mayHaveReceived(master, root) || (!master.logsApplied && master.losesSilently))
  return had === undefined ? null : `${told(root)}; ${had.master} had it, or may have, and no binlog says how it went`
}

/**
 * Among three, an older change of another master may arrive behind the last one. A log of what was applied would tell; but
 * not of what left the row as it was, which is in no log: then the older change found the like of what the last one leaves.
 */
function mayHaveBeenOverwritten({ log, logsApplied }: MasterHistory, { entry }: Write, { history }: Past): boolean {
  if (history.masters.length === 2) return false
  const isLike = ({ serverId, before }: Entry) =>
    serverId !== entry.serverId && before !== null && sameImage(before, entry.after, history.columns)
  return !logsApplied || log.some(isLike)
}

function mayHaveReceived(master: MasterHistory, { id, entry }: Write): boolean {
  // Whose change it is had it, whatever is left of it there.
  if (entry.serverId === master.serverId) return true
  return master.log.some(({ write }) => write === id) || master.mayHaveHad(entry)
}
