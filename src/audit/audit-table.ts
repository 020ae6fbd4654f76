import { allSame } from '../model/chunk.js'
import { FOUND_AT_ONCE } from '../model/events.js'
import { gathered, inPortions } from '../model/portions.js'
import type { Key } from '../model/range.js'
import { type Compared, RowComparer } from './compare-rows.js'
import type { TableContext } from './context.js'
import { Describer } from './describe.js'
import { together } from './digest.js'
import { auditMultiset } from './multiset.js'
import { chunkReader, DIGESTS_AHEAD, inLanes } from './read-chunks.js'
import type { Step } from './run.js'
import type { Part } from './sections.js'
import type { AuditTable } from './table-plan.js'
import type { TableTally } from './table-tally.js'

/** Rows of differing parts that are compared after the masters caught up once; those that differ are held whole. */
const PIECE_ROWS = 16_384
/**
 * Chunks that are compared together, from the first that differs on. What is asked of the masters once for each piece costs
 * more than reading again the little that mostly differs; but what differs is told, and a checkpoint moves on, only then.
 */
const PIECE_CHUNKS = 4
/** Bytes of rows that are told at once, about. */
const FOUND_BYTES = 256 * 1024
/** Rows that differ are large: of these, none wait but for the lanes. */
const COMPARED_AHEAD = 1

/**
 * Audits one table and yields its divergences in key order, as they are confirmed, and how far it is at each end of a
 * chunk. `chunk → digest → bisect → compare → confirm → classify`, each phase working ahead of the next within bounds.
 * The tally follows what is yielded.
 *
 * @param from the first key to compare; `null` begins at the beginning. A table without a key always does.
 */
export async function* auditTable(
  context: TableContext,
  tally: TableTally,
  onProgress: () => void,
  from: Key | null = null
): AsyncGenerator<Step, void> {
  const { table } = context
  if (table.keyColumns.length === 0) {
    yield* auditKeyless(context, tally)
    return
  }
  const describer = new Describer(context)
  for await (const { piece, compared } of comparedPieces(context, from)) {
    tally.addPart(compared)
    yield* described(compared, describer, table, tally)
    if (piece.ended.length === 0) continue
    for (const digests of piece.ended.map(together)) tally.addChunk(digests, allSame(digests))
    onProgress()
    const reached = piece.parts.at(-1)?.range.upper ?? null
    if (reached !== null) yield { reached }
  }
  // Bounds are keys of rows. Chunks that hold none were not read as they were cut, and nothing said of them would be true.
  if (table.where === null && tally.chunks > 1 && tally.rowsRead === 0) {
    throw new Error('no chunk holds a row, although the rows of the table were cut into several')
  }
}

function* described(
  { differing }: Compared,
  describer: Describer,
  table: AuditTable,
  tally: TableTally
): Generator<Step, void> {
  for (const rows of inPortions(differing, rowsAtOnce(table))) {
    const found = rows.map((row) => ({ divergence: describer.describe(row) }))
    for (const { divergence } of found) tally.addDivergence(divergence)
    yield { found }
  }
}

/** Rows that are told at once: printed and quoted for several reports, wide ones would take a lot of memory. */
function rowsAtOnce({ averageRowBytes }: AuditTable): number {
  return Math.max(1, Math.min(FOUND_AT_ONCE, Math.floor(FOUND_BYTES / Math.max(1, averageRowBytes))))
}

async function* auditKeyless(context: TableContext, tally: TableTally): AsyncGenerator<Step, void> {
  for await (const rows of gathered(auditMultiset(context, tally), FOUND_AT_ONCE)) {
    yield { found: rows.map((divergence) => ({ divergence })) }
  }
}

/** Neighbouring parts that are compared together. */
interface Piece {
  readonly parts: readonly Part[]
  /** The chunks of which these are the last parts, each with all of its parts. */
  readonly ended: readonly (readonly Part[])[]
}

function comparedPieces(context: TableContext, from: Key | null) {
  const comparer = new RowComparer(context)
  const { planned, digest } = chunkReader(context, from)
  const digested = inLanes(context.config, planned, DIGESTS_AHEAD, digest)
  return inLanes(context.config, pieces(digested), COMPARED_AHEAD, async (piece) => ({
    piece,
    compared: await comparer.compare(piece.parts)
  }))
}

/**
 * The parts of chunks in portions, each with as many differing rows as are compared at once. A piece that holds the end of a
 * chunk ends with one, so that all counts are those of the rows up to there.
 */
async function* pieces(chunks: AsyncIterable<readonly Part[]>): AsyncGenerator<Piece, void> {
  let piece = new Gathered()
  for await (const chunk of chunks) {
    if (piece.ended.length > 0 && !piece.hasRoomFor(chunk)) {
      yield piece
      piece = new Gathered()
    }
    for (const part of chunk) {
      if (!piece.hasRoomFor([part])) {
        yield piece
        piece = new Gathered()
      }
      piece.add(part)
    }
    piece.ended.push(chunk)
    if (piece.differing === 0 || piece.ended.length === PIECE_CHUNKS) {
      yield piece
      piece = new Gathered()
    }
  }
  if (piece.parts.length > 0) yield piece
}

class Gathered implements Piece {
  readonly parts: Part[] = []
  readonly ended: (readonly Part[])[] = []
  /** Rows of the parts that differ. */
  differing = 0

  add(part: Part): void {
    this.parts.push(part)
    this.differing += differingRows(part)
  }

  /** A single part is compared at once, however large it is. */
  hasRoomFor(parts: readonly Part[]): boolean {
    const rows = parts.reduce((sum, part) => sum + differingRows(part), 0)
    return this.differing === 0 || this.differing + rows <= PIECE_ROWS
  }
}

function differingRows({ digests }: Part): number {
  return allSame(digests) ? 0 : Math.max(...digests.map((digest) => digest.rows))
}
