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

/** A row packet in the form in which equal values are equal bytes; its key is `buffer[from, to)`. */
interface Packet {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  readonly from: number
  readonly to: number
}

/** The rows of a small range on one master, whole and in the order of their keys. */
export interface KeptRows {
  readonly digest: Digest
  readonly packets: readonly Packet[]
  readonly shape: RowShape
}

/** Reads a small range on one master in one statement, and keeps the rows beside their digest. */
export async function keepRows(
  session: Session,
  table: AuditTable,
  range: KeyRange,
  hashing: Hashing
): Promise<KeptRows> {
  const kept: { shape: RowShape; counted: SectionSink; packets: Packet[] }[] = []
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const shape = new RowShape(table, columns)
    const counted = new SectionSink(shape, hashing, sectionRows(table))
    const packets: Packet[] = []
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
function keeper(shape: RowShape, packets: Packet[]): RowSink {
  const add = (buffer: Buffer, start: number, end: number) =>
    packets.push({ buffer, start, end, ...shape.keyAt(buffer, start) })
  const keep = rowByRow((buffer, start, end) => {
    if (!shape.hasJson) add(buffer, start, end)
    else {
      const normal = shape.normal(buffer.subarray(start, end))
      add(normal, 0, normal.length)
    }
  })
  return {
    block: (buffer, start, end) => keep.block(Buffer.from(buffer.subarray(start, end)), 0, end - start),
    large: (row) => keep.large(row)
  }
}

/** The rows that are not the same on all masters, in key order. */
export function differingRows(masters: readonly KeptRows[], hashing: Hashing): readonly ConfirmedRow[] {
  const alike = sameKeys(masters.map(({ packets }) => packets))
  const rows: ConfirmedRow[] = []
  for (let at = 0; at < alike; at++) {
    const packets = masters.map((master) => master.packets[at])
    if (!allEqual(packets)) rows.push(rowOf(masters, packets, hashing))
  }
  return [...rows, ...differingFrom(alike, masters, hashing)]
}

/** How many rows, from the first on, have the same keys on all masters. */
function sameKeys(masters: readonly (readonly Packet[])[]): number {
  const [first = [], ...others] = masters
  const most = Math.min(...masters.map((packets) => packets.length))
  for (let at = 0; at < most; at++) {
    const packet = first[at]
    if (packet === undefined || !others.every((packets) => sameKey(packet, packets[at]))) return at
  }
  return most
}

/** Where some masters lack rows: which of the others come first only their order tells, and no reckoning with keys. */
function differingFrom(at: number, masters: readonly KeptRows[], hashing: Hashing): readonly ConfirmedRow[] {
  const byKey = masters.map(
    ({ packets }) =>
      new Map(packets.slice(at).map((packet) => [packet.buffer.toString('latin1', packet.from, packet.to), packet]))
  )
  const packetsOf = (key: string) => byKey.map((packets) => packets.get(key))
  const keys = mergedKeys(byKey.map((packets) => [...packets.keys()].filter((key) => !allEqual(packetsOf(key)))))
  return keys.map((key) => rowOf(masters, packetsOf(key), hashing))
}

function sameKey(left: Packet, right: Packet | undefined): boolean {
  if (right === undefined || left.to - left.from !== right.to - right.from) return false
  for (let at = 0; at < left.to - left.from; at++) {
    if (left.buffer[left.from + at] !== right.buffer[right.from + at]) return false
  }
  return true
}

function allEqual([first, ...others]: readonly (Packet | undefined)[]): boolean {
  return others.every((packet) => sameBytes(first, packet))
}

function sameBytes(left: Packet | undefined, right: Packet | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  if (left.end - left.start !== right.end - right.start) return false
  return left.buffer.compare(right.buffer, right.start, right.end, left.start, left.end) === 0
}

function rowOf(masters: readonly KeptRows[], packets: readonly (Packet | undefined)[], hashing: Hashing): ConfirmedRow {
  const versions = packets.map((packet, at) => versionOf(packet, masters[at]?.shape, hashing))
  return { key: versions.find((version) => version !== null)?.key ?? [], versions }
}

function versionOf(packet: Packet | undefined, shape: RowShape | undefined, hashing: Hashing): RowVersion | null {
  if (packet === undefined || shape === undefined) return null
  const bytes = packet.buffer.subarray(packet.start, packet.end)
  return {
    key: shape.key(packet.buffer.subarray(packet.from, packet.to)),
    hash: hashing.row(bytes),
    values: shape.values(shape.split(bytes))
  }
}
