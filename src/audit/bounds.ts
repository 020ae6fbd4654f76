import type { Master } from '../masters/master.js'
import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key, KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import { selectBound, selectLargest } from '../sql/select.js'
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
        master.withSession((session) =>
          readKey(session, table, selectBound(readingOn(table, master.name), range, rows))
        )
      )
      if (bound !== null) return bound
      leaders.shift()
    }
    return null
  }
}

/** The largest key of any master, of a table whose key is one whole number; `null` when there is no row. */
export async function largestKey(masters: readonly Master[], table: AuditTable): Promise<bigint | null> {
  const keys = await onEveryMaster(masters, 'looking for the largest key', (master) =>
    master.withSession((session) => readKey(session, table, selectLargest(readingOn(table, master.name))))
  )
  const numbers = keys.flatMap((key) => (typeof key?.[0] === 'string' ? [BigInt(key[0])] : []))
  return numbers.reduce<bigint | null>((most, number) => (most === null || number > most ? number : most), null)
}

const WHOLE_NUMBER = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/** Whether keys can be reckoned with: their order is that of numbers, on every server and under every collation. */
export function isCountable(keyColumns: readonly Column[]): boolean {
  return keyColumns.length === 1 && keyColumns.every((column) => WHOLE_NUMBER.has(column.dataType))
}

function readKey(session: Session, table: AuditTable, statement: string): Promise<Key | null> {
  return isCountable(table.keyColumns) ? readNumber(session, statement) : streamKey(session, table, statement)
}

/** Whole numbers are the same in every protocol, and in that of text there is nothing to prepare. */
async function readNumber(session: Session, statement: string): Promise<Key | null> {
  const [row = {}] = await session.query(statement)
  const [number = null] = Object.values(row)
  return number === null ? null : [String(BigInt(number))]
}

async function streamKey(session: Session, table: AuditTable, statement: string): Promise<Key | null> {
  let key: Key | null = null
  await session.stream(statement, (columns) => {
    const shape = new RowShape(table, columns)
    return rowByRow((buffer, start) => {
      key = shape.key(shape.keyBytes(buffer, start))
    })
  })
  return key
}
