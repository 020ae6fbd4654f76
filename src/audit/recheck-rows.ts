import pLimit from 'p-limit'
import type { Divergence } from '../model/divergence.js'
import { FOUND_AT_ONCE, type Found } from '../model/events.js'
import { inPortions } from '../model/portions.js'
import { RowComparer } from './compare-rows.js'
import type { Confirmed, ConfirmedRow } from './confirm.js'
import type { TableContext } from './context.js'
import { Describer } from './describe.js'
import { mapInOrder } from './map-in-order.js'
import { keyOfReported } from './reported-key.js'
import type { Step } from './run.js'
import { BATCH_ROWS } from './suspects.js'
import type { TableTally } from './table-tally.js'

/** Batches that may be under way or wait for an earlier one, for each lane. */
const AHEAD = 2

/** The rows of the report with their keys as text, which tells them apart. */
type Batch = ReadonlyMap<string, Divergence>

/** Reads rows of a report again by their keys, and yields those that still differ, in the order of the report. */
export async function* recheckRows(
  context: TableContext,
  tally: TableTally,
  reported: AsyncIterable<Divergence>,
  onProgress: () => void
): AsyncGenerator<Step, void> {
  const comparer = new RowComparer(context)
  const describer = new Describer(context)
  const { concurrency } = context.config
  const compared = mapInOrder(batches(reported, context), pLimit(concurrency), concurrency * AHEAD, async (batch) => ({
    batch,
    confirmed: await comparer.compareKeys([...batch.values()].map((each) => keyOfReported(each, context)))
  }))
  const counts = new Counts()
  const told = new Set<string>()
  for await (const { batch, confirmed } of compared) {
    counts.add(batch.size, confirmed)
    tally.addRows(batch.size, confirmed.unsettled.length, confirmed.obstacles)
    onProgress()
    const found: Found[] = []
    for (const row of confirmed.differing) {
      // Two spellings of one key ('a' and 'A') find the same rows.
      if (told.has(spellings(row))) continue
      told.add(spellings(row))
      const divergence = describer.describe({ ...row, key: presentKey(row) })
      const before = batch.get(JSON.stringify(row.key))
      tally.addDivergence(divergence)
      found.push(before === undefined ? { divergence } : { divergence, reported: before })
    }
    for (const portion of inPortions(found, FOUND_AT_ONCE)) yield { found: portion }
  }
  tally.remark(counts.text(context.table.where !== null))
}

/** Rows in portions that are read together; what a report names twice comes once. */
async function* batches(reported: AsyncIterable<Divergence>, context: TableContext): AsyncGenerator<Batch, void> {
  const seen = new Set<string>()
  let batch = new Map<string, Divergence>()
  for await (const divergence of reported) {
    const key = JSON.stringify(keyOfReported(divergence, context))
    if (seen.has(key)) continue
    seen.add(key)
    batch.set(key, divergence)
    if (batch.size < BATCH_ROWS) continue
    yield batch
    batch = new Map()
  }
  if (batch.size > 0) yield batch
}

function spellings({ versions }: ConfirmedRow): string {
  return JSON.stringify(versions.map((version) => version?.key ?? null))
}

/** The key as the first master that has the row spells it now. */
function presentKey({ key, versions }: ConfirmedRow) {
  return versions.find((version) => version !== null)?.key ?? key
}

/** What became of the rows of a report. */
class Counts {
  #rows = 0
  #agree = 0
  #gone = 0

  add(rows: number, { converged, gone }: Confirmed): void {
    this.#rows += rows
    this.#agree += converged
    this.#gone += gone.length
  }

  text(conditional: boolean): string {
    const named = this.#rows === 1 ? '1 row' : `${this.#rows} rows`
    const where = conditional ? ' any more, or outside the condition' : ' any more'
    const gone = this.#gone === 0 ? '' : ` (${this.#gone} on no master${where})`
    return `read again: ${named} of the report; ${this.#agree} of them agree now${gone}`
  }
}
