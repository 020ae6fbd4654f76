import pLimit from 'p-limit'
import type { Chunk } from '../model/chunk.js'
import type { AuditConfig } from '../model/config.js'
import type { Key } from '../model/range.js'
import { selectRangeText } from '../sql/select.js'
import { boundFinder, type FindBound, isCountable, largestKey } from './bounds.js'
import { refuseFullScan } from './check-statements.js'
import { chunks } from './chunk.js'
import { adaptiveSize, type ChunkSize, fixedSize, LED, PUSHED, READ } from './chunk-size.js'
import type { TableContext } from './context.js'
import { digestParts, together } from './digest.js'
import { evenBounds } from './even-bounds.js'
import { FOLLOWED_AHEAD, isCutByReading, ledChunks } from './led-chunks.js'
import { mapInOrder } from './map-in-order.js'
import { type PlannedChunk, secondsSince } from './planned-chunk.js'
import { pushedParts } from './pushdown.js'
import type { Part } from './sections.js'
import type { AuditTable } from './table-plan.js'

/** Digests are small: for each lane, enough of them may wait that none stands idle behind a slow chunk. */
const DIGESTS_AHEAD = 4

/**
 * Cuts a table into chunks and reads them on every master; the results come in key order.
 *
 * @param from the first key to read; `null` begins at the beginning.
 * @param map what is made of each chunk.
 */
export function readChunks<Result>(
  context: TableContext,
  from: Key | null,
  map: (parts: readonly Part[], chunk: Chunk) => Result
): AsyncGenerator<Result, void> {
  const { table, config } = context
  const { sizes, ahead, plan } = wayOf(table)
  const size =
    config.chunkRows === null
      ? adaptiveSize(config.chunkTime, table.averageRowBytes, sizes)
      : fixedSize(config.chunkRows)
  return inLanes(config, plan(context, from, size), ahead, async (chunk) => {
    await context.gate.pass()
    const { parts, seconds } = await chunk.digest()
    size.record(Math.max(...together(parts).map((digest) => digest.rows)), seconds)
    return map(parts, chunk)
  })
}

/** How chunks are planned: their sizes, and how many for each lane may be under way or wait for an earlier one. */
function wayOf(table: AuditTable) {
  if (table.pushed) return { sizes: PUSHED, ahead: DIGESTS_AHEAD, plan: cutChunks }
  if (isCutByReading(table)) return { sizes: LED, ahead: FOLLOWED_AHEAD, plan: ledChunks }
  return { sizes: READ, ahead: DIGESTS_AHEAD, plan: cutChunks }
}

/**
 * Maps items over as many lanes as are configured; results come in the order of the items.
 * @param ahead results for each lane that may be under way or wait for an earlier one.
 */
export function inLanes<Item, Result>(
  { concurrency }: AuditConfig,
  source: AsyncIterable<Item>,
  ahead: number,
  map: (item: Item) => Promise<Result>
): AsyncGenerator<Result, void> {
  return mapInOrder(source, pLimit(concurrency), concurrency * ahead, map)
}

/** Chunks whose bounds are looked for, and which are read on all masters at once. */
async function* cutChunks(
  context: TableContext,
  from: Key | null,
  size: ChunkSize
): AsyncGenerator<PlannedChunk, void> {
  const read = context.table.pushed ? pushedParts : digestParts
  for await (const chunk of chunks({ lower: from, upper: null }, size.next, gatedBounds(context))) {
    const { index, range } = chunk
    yield {
      ...chunk,
      async digest() {
        // The second chunk is the first with a bound at each end; a table of one chunk is read whole anyway.
        if (index === 1) await refuseFullScan(context, (reading) => [selectRangeText(reading, range)])
        const started = performance.now()
        const parts = await read(context, range)
        return { parts, seconds: secondsSince(started) }
      }
    }
  }
}

/**
 * Bounds are looked for ahead of the lanes that read. Where the user did not ask for so many rows, about as many will do;
 * and where the servers compute, a bound that has to be asked for costs more than a chunk.
 */
function gatedBounds({ gate, masters, table, config }: TableContext): FindBound {
  const exact = boundFinder(masters, table)
  const spread = (config.chunkRows === null || table.pushed) && isCountable(table.keyColumns)
  const findBound = spread ? evenBounds(exact, () => largestKey(masters, table)) : exact
  return async (range, rows) => {
    await gate.pass()
    return findBound(range, rows)
  }
}
