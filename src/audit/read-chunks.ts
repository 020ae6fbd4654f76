import pLimit from 'p-limit'
import type { Chunk } from '../model/chunk.js'
import type { AuditConfig } from '../model/config.js'
import type { Key } from '../model/range.js'
import { boundFinder, type FindBound, isCountable, largestKey } from './bounds.js'
import { refuseFullScan } from './check-statements.js'
import { chunks } from './chunk.js'
import { adaptiveSize, type ChunkSize, fixedSize, PUSHED, READ } from './chunk-size.js'
import type { TableContext } from './context.js'
import { digestParts, together } from './digest.js'
import { evenBounds } from './even-bounds.js'
import { mapInOrder } from './map-in-order.js'
import { pushedParts } from './pushdown.js'
import type { Part } from './sections.js'

/** Digests are small: for each lane, enough of them may wait that none stands idle behind a slow chunk. */
export const DIGESTS_AHEAD = 4

/** How the chunks of one table are cut, and how each of them is read on every master. */
export interface ChunkReader {
  readonly planned: AsyncIterable<Chunk>
  readonly digest: (chunk: Chunk) => Promise<readonly Part[]>
}

/** @param from the first key to read; `null` begins at the beginning. */
export function chunkReader(context: TableContext, from: Key | null): ChunkReader {
  const { table, config } = context
  const size =
    config.chunkRows === null
      ? adaptiveSize(config.chunkTime, table.averageRowBytes, table.pushed ? PUSHED : READ)
      : fixedSize(config.chunkRows)
  return {
    planned: chunks({ lower: from, upper: null }, size.next, gatedBounds(context)),
    digest: (chunk) => digestChunk(context, chunk, size)
  }
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

async function digestChunk(context: TableContext, chunk: Chunk, size: ChunkSize): Promise<readonly Part[]> {
  // The second chunk is the first with a bound at each end; a table of one chunk is read whole anyway.
  if (chunk.index === 1) await refuseFullScan(context, chunk.range)
  await context.gate.pass()
  const started = performance.now()
  const parts = await (context.table.pushed ? pushedParts : digestParts)(context, chunk.range)
  size.record(Math.max(...together(parts).map((digest) => digest.rows)), (performance.now() - started) / 1000)
  return parts
}
