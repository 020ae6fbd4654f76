import type { Master } from '../masters/master.js'
import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key, KeyRange } from '../model/range.js'
import { selectBound } from '../sql/select.js'
import { onEveryMaster } from './on-every-master.js'
import { RowShape } from './row-shape.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** Finds the key that has `rows` keys of a range before it, or `null` when no master has that many. */
export type FindBound = (range: KeyRange, rows: number) => Promise<Key | null>

/**
 * Bounds come from a master, not from arithmetic: only the server knows how its keys are spread and ordered. One master
 * is asked as long as it has rows left, then the next, so that rows which only one master has are cut into chunks too.
 */
export function boundFinder(masters: readonly Master[], table: AuditTable): FindBound {
  const leaders = [...masters]
  return async (range, rows) => {
    for (let leader = leaders[0]; leader !== undefined; leader = leaders[0]) {
      const [bound = null] = await onEveryMaster([leader], 'looking for chunk bounds', (master) =>
        master.withSession((session) => readBound(session, table, range, rows))
      )
      if (bound !== null) return bound
      leaders.shift()
    }
    return null
  }
}

async function readBound(session: Session, table: AuditTable, range: KeyRange, rows: number): Promise<Key | null> {
  let bound: Key | null = null
  await session.stream(selectBound(readingOn(table, session.master), range, rows), (columns) => {
    const shape = new RowShape(table, columns)
    return rowByRow((buffer, start) => {
      bound = shape.key(shape.keyBytes(buffer, start))
    })
  })
  return bound
}
