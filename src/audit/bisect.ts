import { allSame, type Digest } from '../model/chunk.js'
import type { KeyRange } from '../model/range.js'
import type { FindBound } from './bounds.js'
import { chunks } from './chunk.js'
import type { Part } from './sections.js'

/** A differing range is cut into this many at a time: each round reads it once more in all, and 16 divide it fast. */
const FAN_OUT = 16

/** What bisecting needs to know of a table. */
export interface Bisection {
  /** Digests of a range on every master. */
  digest(range: KeyRange): Promise<readonly Digest[]>
  /** A bound finder for one range, beginning with all masters. */
  findBound(): FindBound
  /** Parts of at most this many rows on every master are not divided further. */
  readonly leafRows: number
}

/**
 * Narrows a part whose digests differ: yields parts that together are the same range, in key order, each of which either
 * agrees on all masters (it was just read whole) or is small enough to compare row by row.
 */
export async function* bisect(part: Part, bisection: Bisection): AsyncGenerator<Part, void> {
  const rows = Math.max(...part.digests.map((digest) => digest.rows))
  if (allSame(part.digests) || rows <= bisection.leafRows) {
    yield part
    return
  }
  const size = Math.max(1, Math.ceil(rows / FAN_OUT))
  for await (const { range } of chunks(part.range, () => size, bisection.findBound())) {
    const narrower = { range, digests: await bisection.digest(range) }
    // No bound was found inside when the rows were deleted meanwhile: then what is left is small.
    if (range.lower === part.range.lower && range.upper === part.range.upper) yield narrower
    else yield* bisect(narrower, bisection)
  }
}
