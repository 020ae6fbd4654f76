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
import { InTurn } from './in-turn.js'
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
 */
export async function* ledChunks(
  context: TableContext,
  from: Key | null,
  size: ChunkSize
): AsyncGenerator<PlannedChunk, void> {
  const leader = new Leader(context)
  for await (const chunk of chunks({ lower: from, upper: null }, size.next, leader.findBound)) {
    const { range } = chunk
    const { led } = leader
    yield {
      ...chunk,
      async digest() {
        const started = performance.now()
        const parts = led === null ? await digestParts(context, range) : await leader.follow(range, led)
        return { parts, seconds: Math.max(led?.seconds ?? 0, secondsSince(started)) }
      }
    }
  }
}

/** What was read of a master from a key on, up to `next`; `null` where it has no more rows. */
interface Led extends ReadSections {
  readonly next: Key | null
  /** Rows that were wanted. */
  readonly rows: number
  /** How long that took. */
  readonly seconds: number
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
      const [led = null] = await onEveryMaster([this.#leader], 'reading a chunk', (master) =>
        master.withSession((session) => readFirst(session, this.#context.table, range.lower, rows))
      )
      this.led = led
      if (led !== null && led.next !== null) return led.next
      this.#isAtEnd = true
    }
    const bound = await this.#beyond(range, rows)
    // Rows of the leader may lie on both sides of it.
    if (bound !== null) this.#drop()
    return bound
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

/** Counts, adds up and hashes so many rows of one master from a key on. */
async function readFirst(session: Session, table: AuditTable, lower: Key | null, rows: number): Promise<Led> {
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
      const beyond = rowByRow((row, start) => {
        next = shape.key(shape.keyBytes(row, start))
      })
      const sent = new InTurn([{ sink, rows }], beyond)
      open.push({ shape, sink, sent })
      return sent
    })
  }
  const [read] = open
  if (read === undefined) throw new Error(`${session.master} described no columns`)
  const { shape, sink } = read
  return { shape, sections: sink.sections(), next, rows, seconds: secondsSince(started) }
}
