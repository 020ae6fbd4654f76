import { isDeepStrictEqual } from 'node:util'
import type { Master } from '../masters/master.js'
import { rowByRow } from '../masters/row-framer.js'
import type { Session } from '../masters/session.js'
import type { Key, KeyRange } from '../model/range.js'
import { selectFrom, selectFromText } from '../sql/select.js'
import { boundFinder, isCountable } from './bounds.js'
import { refuseFullScan } from './check-statements.js'
import { chunks } from './chunk.js'
import type { ChunkSize } from './chunk-size.js'
import type { TableContext } from './context.js'
import { digestParts, partsOf, type ReadSections, readSections, sectionRows } from './digest.js'
import { both, InTurn } from './in-turn.js'
import { onEveryMaster } from './on-every-master.js'
import { type PlannedChunk, secondsSince } from './planned-chunk.js'
import { RowShape } from './row-shape.js'
import { SectionSink } from './section-sink.js'
import type { Part } from './sections.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** Chunks for each lane that one master may be read ahead of the others: what is written meanwhile has to be compared. */
export const FOLLOWED_AHEAD = 2
/** Where rows are larger, the one that is read beyond each chunk is no longer little beside it. */
const MOST_ROW_BYTES = 64 * 1024

/**
 * Whether chunks are cut where a master has sent so many rows. To look for a bound beforehand, the server would walk over all
 * keys before it, and to compare each row's key with an upper bound costs more still; only whole numbers are compared in no
 * time, and can mostly be reckoned with.
 */
export function isCutByReading({ pushed, where, keyColumns, averageRowBytes }: AuditTable): boolean {
  return !pushed && where === null && !isCountable(keyColumns) && averageRowBytes <= MOST_ROW_BYTES
}

/**
 * Chunks that are cut by reading them on the first master, where they begin, and one row more: that is where the next begins.
 * The other masters are read in the same way, and as long as they have the same row there, the range is the same.
 *
 * That rows were counted up to a bound says nothing of what its literal means to a server. So a chunk only counts as read once the next
 * one was seen to begin with that row; else it is read between its bounds, by which each row is on one side or the other.
 */
export async function* ledChunks(
  context: TableContext,
  from: Key | null,
  size: ChunkSize
): AsyncGenerator<PlannedChunk, void> {
  const leader = new Leader(context)
  try {
    for await (const chunk of chunks({ lower: from, upper: null }, size.next, leader.findBound)) {
      const { range } = chunk
      const { led } = leader
      yield {
        ...chunk,
        async digest() {
          const isBoundMet = led !== null && (await led.isBoundMet)
          const started = performance.now()
          const parts = isBoundMet ? await leader.follow(range, led) : await digestParts(context, range)
          return { parts, seconds: Math.max(led?.seconds ?? 0, secondsSince(started)) }
        }
      }
    }
  } finally {
    leader.abandon()
  }
}

/** What was read of a master from a key on, up to `next`; `null` where it has no more rows. */
interface ReadFirst extends ReadSections {
  readonly next: Key | null
  /** Rows that were wanted. */
  readonly rows: number
  /** How long that took. */
  readonly seconds: number
}

/** The same of the master that is read first. */
interface Led extends ReadFirst {
  /** Whether reading from `next` on began with that row. */
  readonly isBoundMet: Promise<boolean>
}

class Leader {
  /** What the first master was read to hold in the last chunk; `null` once others have rows beyond all of its own. */
  led: Led | null = null
  readonly #context: TableContext
  readonly #leader: Master
  readonly #others: readonly Master[]
  readonly #beyond: (range: KeyRange, rows: number) => Promise<Key | null>
  #isAtEnd = false
  #isExamined = false
  /** Those that did not have as many rows as the leader when they were read last. */
  readonly #outOfStep = new Set<Master>()
  /** Where it becomes known whether the last bound is met. */
  #bound: { resolve(isMet: boolean): void; reject(reason: Error): void } | null = null

  constructor(context: TableContext) {
    const [leader, ...others] = context.masters
    if (leader === undefined) throw new Error('no masters')
    this.#context = context
    this.#leader = leader
    this.#others = others
    this.#beyond = boundFinder(others, context.table)
  }

  /** As a `FindBound`: reads the rows before the bound. */
  readonly findBound = async (range: KeyRange, rows: number): Promise<Key | null> => {
    await this.#context.gate.pass()
    if (!this.#isAtEnd) {
      await this.#examine(range, rows)
      const next = await this.#lead(range.lower, rows)
      if (next !== null) return next
      this.#isAtEnd = true
    }
    const bound = await this.#beyond(range, rows)
    // Rows of the leader may lie on both sides of it.
    if (bound !== null) this.#drop()
    return bound
  }

  /** Whoever waits for a chunk that will not be read now must not wait for ever. */
  abandon(): void {
    this.#bound?.reject(new Error('nothing was read beyond this chunk'))
  }

  async #lead(lower: Key | null, rows: number): Promise<Key | null> {
    const isMet = (first: Key | null) => this.#bound?.resolve(isDeepStrictEqual(first, lower))
    const [read] = await onEveryMaster([this.#leader], 'reading a chunk', (master) =>
      master.withSession((session) => readFirst(session, this.#context.table, lower, rows, isMet))
    )
    if (read === undefined) throw new Error('no master was read')
    // Where there was no row at all, this is the first to say so.
    isMet(null)
    const isBoundMet = read.next === null ? Promise.resolve(true) : this.#nextBound()
    this.led = { ...read, isBoundMet }
    return read.next
  }

  #nextBound(): Promise<boolean> {
    const met = new Promise<boolean>((resolve, reject) => {
      this.#bound = { resolve, reject }
    })
    // It is awaited with its chunk; until then a failure must not count as unhandled.
    met.catch(() => {})
    return met
  }

  /** Reads on the other masters what was read of the leader. */
  async follow(range: KeyRange, led: Led): Promise<readonly Part[]> {
    const others = await onEveryMaster(this.#others, 'reading a chunk', (master) =>
      master.withSession((session) => this.#readSame(session, master, range, led))
    )
    return partsOf(range, [led, ...others])
  }

  async #readSame(session: Session, master: Master, range: KeyRange, led: Led): Promise<ReadSections> {
    const { table } = this.#context
    if (!this.#outOfStep.has(master)) {
      const read = await readFirst(session, table, range.lower, led.rows)
      if (isDeepStrictEqual(read.next, range.upper)) return read
      read.sections.giveBack()
    }
    const read = await readSections(session, table, range)
    if (read.sections.digest().rows === led.rows) this.#outOfStep.delete(master)
    else this.#outOfStep.add(master)
    return read
  }

  async #examine({ lower }: KeyRange, rows: number): Promise<void> {
    if (this.#isExamined || lower === null) return
    this.#isExamined = true
    await refuseFullScan(this.#context, (reading) => selectFromText(reading, lower, rows + 1))
  }

  #drop(): void {
    this.led?.sections.giveBack()
    this.led = null
  }
}

/**
 * Counts, adds up and hashes so many rows of one master from a key on.
 * @param onFirst is called with the key of the first row, as soon as it is there.
 */
async function readFirst(
  session: Session,
  table: AuditTable,
  lower: Key | null,
  rows: number,
  onFirst: (key: Key) => void = () => {}
): Promise<ReadFirst> {
  const started = performance.now()
  const open: { shape: RowShape; sink: SectionSink; sent: InTurn }[] = []
  let next: Key | null = null
  for (const statement of selectFrom(readingOn(table, session.master), lower)) {
    const wanted = rows + 1 - (open[0]?.sent.rows ?? 0)
    if (wanted <= 0) break
    await session.stream(statement(wanted), (columns) => {
      const [already] = open
      if (already !== undefined) return already.sent
      const shape = new RowShape(table, columns)
      const sink = new SectionSink(shape, sectionRows(table))
      const keyAt = (row: Buffer, start: number) => shape.key(shape.keyBytes(row, start))
      const beyond = rowByRow((row, start) => {
        next = keyAt(row, start)
      })
      const first = both(
        sink,
        rowByRow((row, start) => onFirst(keyAt(row, start)))
      )
      const turns = [
        { sink: first, rows: 1 },
        { sink, rows: rows - 1 }
      ]
      const sent = new InTurn(turns, beyond)
      open.push({ shape, sink, sent })
      return sent
    })
  }
  const [read] = open
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  const { shape, sink } = read
  return { shape, sections: sink.sections(), next, rows, seconds: secondsSince(started) }
}
