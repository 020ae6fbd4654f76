import type { RowSink } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Digest } from '../model/chunk.js'
import type { Key, KeyRange } from '../model/range.js'
import type { RowValues } from '../model/value.js'
import { selectRange } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import { differingPlaces, type Places } from './align.js'
import type { ConfirmedRow } from './confirm.js'
import { sectionRows } from './digest.js'
import type { RowVersion } from './fetch.js'
import { RowShape } from './row-shape.js'
import { giveBack, type RowStore, storeFor } from './row-store.js'
import { SectionSink } from './section-sink.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** The rows of a small range on one master, whole and in the order of their keys. */
export interface KeptRows {
  readonly digest: Digest
  readonly rows: RowStore
}

/** Reads a small range on one master in one statement, and keeps the rows beside their digest. */
export async function keepRows(session: Session, table: AuditTable, range: KeyRange): Promise<KeptRows> {
  const kept: { counted: SectionSink; rows: RowStore }[] = []
  await session.stream(selectRange(readingOn(table, session.master), range), (columns) => {
    const shape = new RowShape(table, columns)
    const counted = new SectionSink(shape, sectionRows(table))
    const rows = storeFor(shape)
    kept.push({ counted, rows })
    return both(counted, rows)
  })
  const [read] = kept
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  const sections = read.counted.sections()
  const digest = sections.digest()
  sections.giveBack()
  return { digest, rows: read.rows }
}

function both(first: RowSink, second: RowSink): RowSink {
  return {
    block(buffer, start, end, rows) {
      first.block(buffer, start, end, rows)
      second.block(buffer, start, end, rows)
    },
    large(row) {
      first.large(row)
      second.large(row)
    }
  }
}

/**
 * The rows that are not the same on all masters, in key order. They are copied, and the stores given back: most of what is
 * read to be compared is equal, and would be kept until the memory is collected.
 */
export function takeDiffering(masters: readonly RowStore[], hashing: Hashing): readonly ConfirmedRow[] {
  const places = differingRows(masters)
  const copies = masters.map((rows, master) => rows.pick(places.flatMap((row) => row[master] ?? [])))
  giveBack(masters)
  let copied = masters.map(() => 0)
  return places.map((row) => {
    const before = copied
    copied = before.map((count, master) => (row[master] == null ? count : count + 1))
    return new KeptRow(
      row.map((at, master) => (at === null ? null : (before[master] ?? 0))),
      copies,
      hashing
    )
  })
}

function differingRows(masters: readonly RowStore[]): readonly Places[] {
  const [first, ...others] = masters
  if (first === undefined) return []
  return differingPlaces(
    masters.map((rows) => ({ length: rows.length, keyText: (at) => rows.key(at).toString('latin1') })),
    {
      hasSameKey: ([at = 0, ...ats]) => others.every((other, index) => first.hasSameKey(at, other, ats[index] ?? 0)),
      countAlike: ([at = 0, ...ats]) =>
        Math.min(...others.map((other, index) => first.countAlike(at, other, ats[index] ?? 0)))
    }
  )
}

/** Nothing is made of a row before it is asked for: thousands wait at a time, and bytes take a tenth of the memory. */
class KeptRow implements ConfirmedRow {
  readonly #places: Places
  readonly #stores: readonly RowStore[]
  readonly #hashing: Hashing

  constructor(places: Places, stores: readonly RowStore[], hashing: Hashing) {
    this.#places = places
    this.#stores = stores
    this.#hashing = hashing
  }

  get key(): Key {
    return this.versions.find((version) => version !== null)?.key ?? []
  }

  get versions(): readonly (RowVersion | null)[] {
    return this.#stores.map((rows, master) => {
      const at = this.#places[master] ?? null
      return at === null ? null : new KeptVersion(rows, at, this.#hashing)
    })
  }
}

class KeptVersion implements RowVersion {
  readonly #rows: RowStore
  readonly #at: number
  readonly #hashing: Hashing

  constructor(rows: RowStore, at: number, hashing: Hashing) {
    this.#rows = rows
    this.#at = at
    this.#hashing = hashing
  }

  get key(): Key {
    return this.#rows.shape.key(this.#rows.key(this.#at))
  }

  get hash(): bigint {
    return this.#hashing.row(this.#rows.row(this.#at))
  }

  get values(): RowValues {
    const { shape } = this.#rows
    return shape.values(shape.split(this.#rows.row(this.#at)))
  }
}
