import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key } from '../model/range.js'
import type { RowValues } from '../model/value.js'
import { selectKeys } from '../sql/select.js'
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
export async function fetchRows(
  session: Session,
  table: AuditTable,
  keys: readonly Key[],
  hashing: Hashing
): Promise<readonly (RowVersion | null)[]> {
  const versions: (RowVersion | null)[] = keys.map(() => null)
  const positions = new Map(keys.map((key, at) => [JSON.stringify(key), at]))
  await session.stream(selectKeys(readingOn(table, session.master), keys, table.looseKey), (columns) => {
    const shape = new RowShape(table, columns)
    const types = columns.map((column) => column.type)
    return rowByRow((buffer, start, end) => {
      const received = Buffer.from(buffer.subarray(start, end))
      const tagged = table.looseKey ? splitTag(received, types) : null
      const packet = tagged?.packet ?? received
      const key = shape.key(shape.keyBytes(packet, 0))
      const tag = tagged?.tag ?? positions.get(JSON.stringify(key))
      if (tag === undefined) throw new Error('the server returned a row that was not asked for')
      const normal = shape.normal(packet)
      versions[tag] = { key, hash: hashing.row(normal), values: shape.values(shape.split(normal)) }
    })
  })
  return versions
}
