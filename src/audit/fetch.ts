import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key } from '../model/range.js'
import type { RowValues } from '../model/value.js'
import { selectAll, selectKeys } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import { splitTag } from '../wire/row.js'
import { RowShape } from './row-shape.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** One row as one master holds it. */
export interface RowVersion {
  /** As this master spells it. */
  readonly key: Key
  readonly hash: bigint
  readonly values: RowValues
}

/** Reads the rows that have one of `keys` on one master; results are in the order of `keys`, `null` for no such row. */
export function fetchRows(
  session: Session,
  table: AuditTable,
  keys: readonly Key[],
  hashing: Hashing
): Promise<readonly (RowVersion | null)[]> {
  return readKeys(session, table, keys, '', (shape, packet, key) => ({
    key,
    hash: hashing.row(packet),
    values: shape.values(shape.split(packet))
  }))
}

/**
 * Reads the rows that have one of `keys` and makes something of each: results are in the order of `keys`, `null` for no
 * such row. `packet` is a copy in the form in which equal values are equal bytes.
 * @param locking what stands at the end of the statement: nothing, `FOR UPDATE`, …
 */
export async function readKeys<Row>(
  session: Session,
  table: AuditTable,
  keys: readonly Key[],
  locking: string,
  make: (shape: RowShape, packet: Buffer, key: Key) => Row
): Promise<readonly (Row | null)[]> {
  const rows: (Row | null)[] = keys.map(() => null)
  const positions = new Map(keys.map((key, at) => [JSON.stringify(key), at]))
  const statement = `${selectKeys(readingOn(table, session.master), keys, table.looseKey)}${locking}`
  await session.stream(statement, (columns) => {
    const shape = new RowShape(table, columns)
    const types = columns.map((column) => column.type)
    return rowByRow((buffer, start, end) => {
      const received = Buffer.from(buffer.subarray(start, end))
      const tagged = table.looseKey ? splitTag(received, types) : null
      const packet = tagged?.packet ?? received
      const key = shape.key(shape.keyBytes(packet, 0))
      const tag = tagged?.tag ?? positions.get(JSON.stringify(key))
      if (tag === undefined) throw new Error('the server returned a row that was not asked for')
      rows[tag] = make(shape, shape.normal(packet), key)
    })
  })
  return rows
}

/** Reads the rows for which a condition in SQL holds, in any order, and makes something of each; `packet` as for `readKeys`. */
export async function readRowsWhere<Row>(
  session: Session,
  table: AuditTable,
  condition: string,
  make: (shape: RowShape, packet: Buffer, key: Key) => Row
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const statement = selectAll({ ...readingOn(table, session.master), where: condition })
  await session.stream(statement, (columns) => {
    const shape = new RowShape(table, columns)
    return rowByRow((buffer, start, end) => {
      const packet = Buffer.from(buffer.subarray(start, end))
      rows.push(make(shape, shape.normal(packet), shape.key(shape.keyBytes(packet, 0))))
    })
  })
  return rows
}
