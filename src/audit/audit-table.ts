import { allSame } from '../model/chunk.js'
import { FOUND_AT_ONCE } from '../model/events.js'
import { gathered, inPortions } from '../model/portions.js'
import type { Key } from '../model/range.js'
import { RowComparer } from './compare-rows.js'
import type { Compared } from './compared.js'
import type { TableContext } from './context.js'
import { Describer } from './describe.js'
import { together } from './digest.js'
import { auditMultiset } from './multiset.js'
import { pieces } from './pieces.js'
import { inLanes, readChunks } from './read-chunks.js'
import type { Step } from './run.js'
import type { AuditTable } from './table-plan.js'
import type { TableTally } from './table-tally.js'

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

function comparedPieces(context: TableContext, from: Key | null) {
  const comparer = new RowComparer(context)
  const digested = readChunks(context, from, (parts) => parts)
  return inLanes(context.config, pieces(digested), COMPARED_AHEAD, async (piece) => ({
    piece,
    compared: await comparer.compare(piece.parts)
  }))
}
