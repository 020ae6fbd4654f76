import type { Session } from '../masters/session.js'
import type { Digest } from '../model/chunk.js'
import type { Key, KeyRange } from '../model/range.js'
import type { RowValues } from '../model/value.js'
import type { Bound } from '../sql/bound.js'
import { selectRange, selectRanges, type TableReading } from '../sql/select.js'
import type { Hashing } from '../wire/hasher.js'
import { differingPlaces, type Places } from './align.js'
import type { ConfirmedRow } from './confirm.js'
import { sectionRows } from './digest.js'
import type { RowVersion } from './fetch.js'
import { both, InTurn } from './in-turn.js'
import { RowShape } from './row-shape.js'
import { giveBack, type RowStore, storeFor } from './row-store.js'
import { SectionSink } from './section-sink.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** The rows of small parts on one master, whole and in the order of their keys. */
export interface KeptRows {
  /** Of each part, if each has as many rows as before. */
  readonly digests: readonly Digest[]
  readonly rows: RowStore
}

/** A part, and how many rows one master was seen to hold in it. */
export interface SeenPart {
  readonly range: KeyRange
  readonly rows: number
}

/**
 * Reads small parts that lie behind each other on one master in one statement, and keeps the rows beside the digests. Which of
 * several parts a row belongs to is known by their numbers only: where these changed, so do the digests.
 */
export async function keepRows(session: Session, table: AuditTable, parts: readonly SeenPart[]): Promise<KeptRows> {
  const kept: { counted: readonly SectionSink[]; rows: RowStore }[] = []
  await session.stream(statementFor(readingOn(table, session.master), parts), (columns) => {
    const shape = new RowShape(table, columns)
    const counted = parts.map(() => new SectionSink(shape, sectionRows(table)))
    const turns = counted.map((sink, at) => ({ sink, rows: parts[at]?.rows ?? 0 }))
    const last = turns.pop()
    if (last === undefined) throw new Error('no parts to read')
    const rows = storeFor(shape)
    kept.push({ counted, rows })
    return both(new InTurn(turns, last.sink), rows)
  })
  const [read] = kept
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  return { digests: read.counted.map(digestOf), rows: read.rows }
}

function statementFor(reading: TableReading, parts: readonly SeenPart[]): Bound | string {
  const [only, ...others] = parts.map(({ range }) => range)
  if (only === undefined) throw new Error('no parts to read')
  return others.length === 0 ? selectRange(reading, only) : selectRanges(reading, [only, ...others])
}

function digestOf(sink: SectionSink): Digest {
  const sections = sink.sections()
  const digest = sections.digest()
  sections.giveBack()
  return digest
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
