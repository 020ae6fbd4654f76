import { type RowSink, rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Digest } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import { selectRange } from '../sql/select.js'
import type { Hashing, RowHasher } from '../wire/hasher.js'
import type { Sums } from '../wire/sums.js'
import type { TableContext } from './context.js'
import { onEveryMaster } from './on-every-master.js'
import { RowShape } from './row-shape.js'
import { type AuditTable, readingOn } from './table-plan.js'

/**
 * Counts, adds up and hashes the rows of a range on one master. One statement reads them, so that the three describe the
 * same instant without any snapshot being held; the rows themselves are never kept.
 */
async function digestRange(session: Session, table: AuditTable, range: KeyRange, hashing: Hashing): Promise<Digest> {
  const hasher = hashing.stream()
  let sums: Sums | null = null
  let rows = 0
  let bytes = 0
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const shape = new RowShape(table, columns)
    const adder = shape.sums()
    sums = adder
    const count = (buffer: Buffer, start: number, end: number) => {
      adder.add(buffer, start)
      rows++
      bytes += end - start
    }
    return shape.hasJson ? hashedRowByRow(shape, hasher, count) : hashedInBlocks(hasher, count)
  })
  return { rows, bytes, checksum: hasher.digest(), sums: (sums as Sums | null)?.totals() ?? [] }
}

type OnRow = (buffer: Buffer, start: number, end: number) => void

/** Rows that lie behind each other are hashed together, as they arrived. */
function hashedInBlocks(hasher: RowHasher, onRow: OnRow): RowSink {
  const each = rowByRow(onRow)
  return {
    block(buffer, start, end) {
      hasher.add(buffer, start, end)
      each.block(buffer, start, end)
    },
    large(row) {
      hasher.add(row, 0, row.length)
      each.large(row)
    }
  }
}

function hashedRowByRow(shape: RowShape, hasher: RowHasher, onRow: OnRow): RowSink {
  return rowByRow((buffer, start, end) => {
    const normal = shape.normal(buffer.subarray(start, end))
    hasher.add(normal, 0, normal.length)
    onRow(buffer, start, end)
  })
}

/** Digests of a range on every master, in the order of the masters. */
export function digestAll(context: TableContext, range: KeyRange): Promise<readonly Digest[]> {
  return onEveryMaster(context.masters, 'reading a chunk', (master) =>
    master.withSession((session) => digestRange(session, context.table, range, context.hashing))
  )
}

/** No rows at all: what every sum of digests begins with. */
export function emptyDigest(table: AuditTable): Digest {
  return { rows: 0, bytes: 0, checksum: 0n, sums: table.summed.map(() => 0n) }
}

/** Counts and sums of two ranges together; checksums do not add up, so that of the result means nothing. */
export function addDigests(left: Digest, right: Digest): Digest {
  return {
    rows: left.rows + right.rows,
    bytes: left.bytes + right.bytes,
    checksum: 0n,
    sums: left.sums.map((sum, at) => sum + (right.sums[at] ?? 0n))
  }
}
