import pLimit from 'p-limit'
import type { Chunk } from '../model/chunk.js'
import type { Key } from '../model/range.js'
import { allSame, type Bisection, bisect, type Part } from './bisect.js'
import { boundFinder, type FindBound } from './bounds.js'
import { refuseFullScan } from './check-statements.js'
import { chunks } from './chunk.js'
import { adaptiveSize, type ChunkSize, fixedSize } from './chunk-size.js'
import { RowComparer } from './compare-rows.js'
import type { TableContext } from './context.js'
import { describe } from './describe.js'
import { digestAll } from './digest.js'
import { mapInOrder } from './map-in-order.js'
import { auditMultiset } from './multiset.js'
import type { Step } from './run.js'
import type { TableTally } from './table-tally.js'

/**
 * Hashes of this many rows of each master are held at once to name the rows that differ; about 2 MB. Below it, reading a
 * differing range once more row by row costs less than any further division.
 */
const LEAF_ROWS = 16_384
/** Results that may wait for an earlier one, for each lane: enough that no lane stands idle behind a slow chunk. */
const AHEAD = 4

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
    for await (const divergence of auditMultiset(context, tally)) yield { divergence }
    return
  }
  for await (const { piece, compared } of comparedPieces(context, from)) {
    tally.addPart(compared)
    for (const row of compared.differing) {
      const divergence = describe(row, context)
      tally.addDivergence(divergence)
      yield { divergence }
    }
    if (piece.ends === null) continue
    const { digests, range } = piece.ends
    tally.addChunk(digests, allSame(digests))
    onProgress()
    if (range.upper !== null) yield { reached: range.upper }
  }
  // Bounds are keys of rows. Chunks that hold none were not read as they were cut, and nothing said of them would be true.
  if (table.where === null && tally.chunks > 1 && tally.rowsRead === 0) {
    throw new Error('no chunk holds a row, although the rows of the table were cut into several')
  }
}

/** A part of a chunk, ready to be compared row by row. */
interface Piece extends Part {
  /** The whole chunk, when this is the last part of it. */
  readonly ends: Part | null
}

function comparedPieces(context: TableContext, from: Key | null) {
  const { table, config } = context
  const size =
    config.chunkRows === null ? adaptiveSize(config.chunkTime, table.averageRowBytes) : fixedSize(config.chunkRows)
  const comparer = new RowComparer(context)
  const lanes = <Item, Result>(source: AsyncIterable<Item>, map: (item: Item) => Promise<Result>) =>
    mapInOrder(source, pLimit(config.concurrency), config.concurrency * AHEAD, map)

  const planned = chunks({ lower: from, upper: null }, size.next, gatedBounds(context))
  const digested = lanes(planned, (chunk) => digestChunk(context, chunk, size))
  return lanes(pieces(context, digested), async (piece) => ({ piece, compared: await comparer.compare(piece) }))
}

/** Bounds are looked for ahead of the lanes that read. */
function gatedBounds({ gate, masters, table }: TableContext): FindBound {
  const findBound = boundFinder(masters, table)
  return async (range, rows) => {
    await gate.pass()
    return findBound(range, rows)
  }
}

async function digestChunk(context: TableContext, chunk: Chunk, size: ChunkSize): Promise<Part> {
  // The second chunk is the first with a bound at each end; a table of one chunk is read whole anyway.
  if (chunk.index === 1) await refuseFullScan(context, chunk.range)
  await context.gate.pass()
  const started = performance.now()
  const digests = await digestAll(context, chunk.range)
  size.record(Math.max(...digests.map((digest) => digest.rows)), (performance.now() - started) / 1000)
  return { range: chunk.range, digests }
}

/** Passes chunks that agree on as they are, and divides those that do not. */
async function* pieces(context: TableContext, digested: AsyncIterable<Part>): AsyncGenerator<Piece, void> {
  const bisection: Bisection = {
    digest: async (range) => {
      await context.gate.ease()
      return digestAll(context, range)
    },
    findBound: () => boundFinder(context.masters, context.table),
    leafRows: LEAF_ROWS
  }
  for await (const chunk of digested) {
    let last: Part | null = null
    for await (const part of bisect(chunk, bisection)) {
      if (last !== null) yield { ...last, ends: null }
      last = part
    }
    if (last !== null) yield { ...last, ends: chunk }
  }
}
