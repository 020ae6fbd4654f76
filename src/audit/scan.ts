import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key, KeyRange } from '../model/range.js'
import { selectRange } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import { RowShape } from './row-shape.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** The rows of a small range on one master: the hash of each by its key bytes, in key order. Row contents are not kept. */
export interface Scan {
  readonly rows: ReadonlyMap<string, bigint>
  /** Prints a key of this scan; `null` when the range held no row. */
  readonly shape: RowShape | null
}

/** A key whose rows differ between masters, as far as one reading of each tells. */
export interface Suspect {
  readonly key: Key
  /** The row's hash on each master, in the order of the masters; `null` where it is not there. */
  readonly seen: readonly (bigint | null)[]
}

/** Hashes every row of a range on one master. */
export async function scanRange(session: Session, table: AuditTable, range: KeyRange, hashing: Hashing): Promise<Scan> {
  const rows = new Map<string, bigint>()
  let shape: RowShape | null = null
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const known = new RowShape(table, columns)
    shape = known
    return rowByRow((buffer, start, end) => {
      const key = known.keyBytes(buffer, start).toString('latin1')
      rows.set(key, hashing.row(known.normal(buffer.subarray(start, end))))
    })
  })
  return { rows, shape }
}

/** The keys that not every scan has with the same hash, in key order. */
export function differences(scans: readonly Scan[]): readonly Suspect[] {
  return mergedKeys(scans.map((scan) => [...scan.rows.keys()])).flatMap((key) => {
    const seen = scans.map((scan) => scan.rows.get(key) ?? null)
    if (seen.every((hash) => hash === seen[0])) return []
    const shape = scans.find((scan) => scan.rows.has(key))?.shape
    return shape == null ? [] : [{ key: shape.key(Buffer.from(key, 'latin1')), seen }]
  })
}

/**
 * Merges lists that are each in key order into one, without knowing the order: a key comes only after everything that
 * stands before it in any list.
 */
export function mergedKeys(lists: readonly (readonly string[])[]): readonly string[] {
  const cursors = lists.map((list) => ({ list, keys: new Set(list), next: 0 }))
  const merged = new Set<string>()
  for (;;) {
    const open = cursors.filter((cursor) => cursor.next < cursor.list.length)
    const [first] = open
    if (first === undefined) return [...merged]
    const isNext = (key: string) => open.every(({ list, keys, next }) => !keys.has(key) || list[next] === key)
    // Lists that contradict each other's order still end up whole.
    const { list, next } = open.find((cursor) => isNext(cursor.list[cursor.next] ?? '')) ?? first
    const key = list[next] ?? ''
    merged.add(key)
    for (const cursor of open) if (cursor.list[cursor.next] === key) cursor.next++
  }
}
