import type { RowEvent } from '../model/evidence.js'
import { heldWrite } from './held-write.js'
import { type Entry, kindOf, type MasterHistory, matches } from './history.js'
import type { Past } from './verdict.js'

/** Enough to see what happened last; the binlogs have the rest. */
const SHOWN = 3

/** The last changes in each binlog, and those that the verdict and the policies go by. */
export function eventsOf(past: Past): readonly RowEvent[] {
  const { history, writes, last } = past
  const held = new Map(history.masters.map((master) => [master, heldWrite(master, past)]))
  const telling = new Set([...last, ...held.values()].map((write) => write?.id))
  return history.masters.flatMap((master) =>
    master.log
      .filter((entry, at) => at >= master.log.length - SHOWN || telling.has(entry.write))
      .map((entry) => {
        const write = writes.all.find(({ id }) => id === entry.write)
        const isLast = write !== undefined && last.includes(write)
        const holders = history.masters.filter(
          (each) => held.get(each) === write || (isLast && matches(each.state, write.entry.after))
        )
        return eventOf(entry, master, isLast, holders)
      })
  )
}

function eventOf(entry: Entry, master: MasterHistory, last: boolean, holders: readonly MasterHistory[]): RowEvent {
  return {
    master: master.master,
    gtid: entry.gtid,
    serverId: entry.serverId,
    at: entry.at,
    kind: kindOf(entry),
    local: entry.serverId === master.serverId,
    last,
    heldBy: holders.map((each) => each.master)
  }
}
