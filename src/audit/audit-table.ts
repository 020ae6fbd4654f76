import pLimit from 'p-limit'
import type { Chunk } from '../model/chunk.js'
import type { Divergence } from '../model/divergence.js'
import { WHOLE_TABLE } from '../model/range.js'
import { allSame, type Bisection, bisect, type Part } from './bisect.js'
import { boundFinder } from './bounds.js'
import { refuseFullScan } from './check-statements.js'
import { chunks } from './chunk.js'
import { adaptiveSize, type ChunkSize, fixedSize } from './chunk-size.js'
import { RowComparer } from './compare-rows.js'
import type { TableContext } from './context.js'
import { describe } from './describe.js'
import { digestAll } from './digest.js'
import { mapInOrder } from './map-in-order.js'
import { auditMultiset } from './multiset.js'
import type { TableTally } from './table-tally.js'

/**
 * Hashes of this many rows of each master are held at once to name the rows that differ; about 2 MB. Below it, reading a
 * differing range once more row by row costs less than any further division.
 */
const LEAF_ROWS = 16_384
/** Results that may wait for an earlier one, for each lane: enough that no lane stands idle behind a slow chunk. */
const AHEAD = 4

/**
 * Audits one table and yields its divergences in key order, as they are confirmed.
 * `chunk → digest → bisect → compare → confirm → classify`, each phase working ahead of the next within bounds.
 */
export async function* auditTable(
  context: TableContext,
  tally: TableTally,
  onChunk: () => void
): AsyncGenerator<Divergence, void> {
  const { masters, table, config } = context
  if (table.keyColumns.length === 0) {
    yield* auditMultiset(context, tally)
    return
  }
  const size =
    config.chunkRows === null ? adaptiveSize(config.chunkTime, table.averageRowBytes) : fixedSize(config.chunkRows)
  const comparer = new RowComparer(context)

  const planned = chunks(WHOLE_TABLE, size.next, boundFinder(masters, table))
  const digested = mapInOrder(planned, pLimit(config.concurrency), config.concurrency * AHEAD, (chunk) =>
    digestChunk(context, chunk, size)
  )
  const parts = narrowed(context, digested, tally, onChunk)
  const compared = mapInOrder(parts, pLimit(config.concurrency), config.concurrency * AHEAD, (part) =>
    comparer.compare(part)
  )
  for await (const part of compared) {
    tally.addPart(part)
    for (const row of part.differing) {
      const divergence = describe(row, context)
      tally.addDivergence(divergence)
      yield divergence
    }
  }
  // Bounds are keys of rows. Chunks that hold none were not read as they were cut, and nothing said of them would be true.
  if (table.where === null && tally.chunks > 1 && tally.rowsRead === 0) {
    throw new Error('no chunk holds a row, although the rows of the table were cut into several')
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
async function* narrowed(
  context: TableContext,
  digested: AsyncIterable<Part>,
  tally: TableTally,
  onChunk: () => void
): AsyncGenerator<Part, void> {
  const bisection: Bisection = {
    digest: (range) => digestAll(context, range),
    findBound: () => boundFinder(context.masters, context.table),
    leafRows: LEAF_ROWS
  }
  for await (const chunk of digested) {
    tally.addChunk(chunk.digests, allSame(chunk.digests))
    onChunk()
    yield* bisect(chunk, bisection)
  }
}
