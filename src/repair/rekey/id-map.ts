import { type TableRef, tableName } from '../../model/table.js'
import type { JournalChange, JournalContents } from '../apply/journal-records.js'
import type { Rekeying, ReservedId } from './rekeying.js'

/** A row that gets another id, and how far that has come: no master has it yet, some, or all of the repair. */
export interface MappedId extends Pick<ReservedId, 'database' | 'table' | 'column' | 'from' | 'master'> {
  readonly to: string
  readonly status: 'reserved' | 'begun' | 'applied'
}

/** The ids that rows got instead of theirs, by all runs on a journal. */
export function idMapOf(contents: Contents): readonly MappedId[] {
  const status = statusIn(contents)
  return contents.reserved.map((each) => {
    const { database, table, column, from, master, id: to } = each
    return { database, table, column, from, to, master, status: status(each) }
  })
}

/** Ids that are not in use on all masters, and those of them that are on some: there a run was cut short. */
export function openIds(contents: Contents): Pick<Rekeying, 'reserved' | 'begun'> {
  const status = statusIn(contents)
  const reserved = contents.reserved.filter((each) => status(each) !== 'applied')
  return { reserved, begun: reserved.filter((each) => status(each) === 'begun') }
}

type Contents = Pick<JournalContents, 'reserved' | 'committed' | 'masters'>

function statusIn({ committed, masters }: Contents): (reserved: ReservedId) => MappedId['status'] {
  const last = [...new Map(committed.map((change) => [placeOf(change), change])).values()]
  const holders = new Map<string, number>()
  for (const name of last.filter(({ after }) => after !== null).flatMap(idsIn)) {
    holders.set(name, (holders.get(name) ?? 0) + 1)
  }
  return (reserved) => {
    const count = holders.get(idName(reserved, reserved.column, reserved.id)) ?? 0
    if (count === 0) return 'reserved'
    return count < masters.length ? 'begun' : 'applied'
  }
}

function placeOf(change: JournalChange): string {
  return JSON.stringify([change.master, tableName(change), change.key])
}

/** The parts of the key of a changed row, each of which may be an id that was given anew. */
export function idsIn({ key, ...change }: JournalChange): readonly string[] {
  return Object.entries(key).flatMap(([column, value]) =>
    typeof value === 'string' ? idName(change, column, value) : []
  )
}

/** Tells ids apart. Masters may spell the name of a table differently. */
export function idName(ref: TableRef, column: string, id: string): string {
  return JSON.stringify([tableName(ref).toLowerCase(), column, id])
}
