import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key } from '../model/range.js'
import type { RowValues } from '../model/value.js'
import { selectKeys } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import { type RawRow, splitTag } from '../wire/row.js'
import { RowShape } from './row-shape.js'
import type { AuditTable } from './table-plan.js'

/** One row as one master holds it. */
export interface RowVersion {
  readonly hash: bigint
  readonly raw: RawRow
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
  await session.stream(selectKeys(table, keys, table.collatedKey), (columns) => {
    const shape = new RowShape(table, columns)
    const types = columns.map((column) => column.type)
    return rowByRow((buffer, start, end) => {
      const received = Buffer.from(buffer.subarray(start, end))
      const { packet, tag } = table.collatedKey
        ? splitTag(received, types)
        : { packet: received, tag: positions.get(JSON.stringify(shape.key(shape.keyBytes(received, 0)))) }
      if (tag === undefined) throw new Error('the server returned a row that was not asked for')
      const raw = shape.split(packet)
      versions[tag] = { hash: hashing.row(packet), raw, values: shape.values(raw) }
    })
  })
  return versions
}
