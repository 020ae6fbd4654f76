import { type RowSink, rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Digest } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import { selectRange } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import type { ConfirmedRow } from './confirm.js'
import { digestOf, sectionRows } from './digest.js'
import type { RowVersion } from './fetch.js'
import { RowShape } from './row-shape.js'
import { mergedKeys } from './scan.js'
import { SectionSink } from './section-sink.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** A row packet in the form in which equal values are equal bytes. */
interface Packet {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/** The rows of a small range on one master, whole, by the bytes of their keys and in the order of the keys. */
export interface KeptRows {
  readonly digest: Digest
  readonly packets: ReadonlyMap<string, Packet>
  readonly shape: RowShape
}

/** Reads a small range on one master in one statement, and keeps the rows beside their digest. */
export async function keepRows(
  session: Session,
  table: AuditTable,
  range: KeyRange,
  hashing: Hashing
): Promise<KeptRows> {
  const kept: { shape: RowShape; counted: SectionSink; packets: Map<string, Packet> }[] = []
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const shape = new RowShape(table, columns)
    const counted = new SectionSink(shape, hashing, sectionRows(table))
    const packets = new Map<string, Packet>()
    kept.push({ shape, counted, packets })
    return both(counted, keeper(shape, packets))
  })
  const [read] = kept
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  return { digest: digestOf(read.counted.sections()), packets: read.packets, shape: read.shape }
}

function both(first: RowSink, second: RowSink): RowSink {
  return {
    block(buffer, start, end) {
      first.block(buffer, start, end)
      second.block(buffer, start, end)
    },
    large(row) {
      first.large(row)
      second.large(row)
    }
  }
}

/** Copies blocks rather than rows: there are far fewer of them. */
function keeper(shape: RowShape, packets: Map<string, Packet>): RowSink {
  const keep = rowByRow((buffer, start, end) => {
    const key = shape.keyBytes(buffer, start).toString('latin1')
    if (!shape.hasJson) {
      packets.set(key, { buffer, start, end })
      return
    }
    const normal = shape.normal(buffer.subarray(start, end))
    packets.set(key, { buffer: normal, start: 0, end: normal.length })
  })
  return {
    block: (buffer, start, end) => keep.block(Buffer.from(buffer.subarray(start, end)), 0, end - start),
    large: (row) => keep.large(row)
  }
}

/** The rows that are not the same on all masters, in key order. */
export function differingRows(masters: readonly KeptRows[], hashing: Hashing): readonly ConfirmedRow[] {
  const differing = (key: string) => {
    const [first, ...others] = masters.map(({ packets }) => packets.get(key))
    return others.some((packet) => !sameBytes(first, packet))
  }
  const keys = mergedKeys(masters.map(({ packets }) => [...packets.keys()].filter(differing)))
  return keys.map((key) => {
    const versions = masters.map((master) => versionOf(master, key, hashing))
    return { key: versions.find((version) => version !== null)?.key ?? [], versions }
  })
}

function sameBytes(left: Packet | undefined, right: Packet | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return left.buffer.compare(right.buffer, right.start, right.end, left.start, left.end) === 0
}

function versionOf({ packets, shape }: KeptRows, key: string, hashing: Hashing): RowVersion | null {
  const packet = packets.get(key)
  if (packet === undefined) return null
  const bytes = packet.buffer.subarray(packet.start, packet.end)
  return {
    key: shape.key(Buffer.from(key, 'latin1')),
    hash: hashing.row(bytes),
    values: shape.values(shape.split(bytes))
  }
}
