import type { Key } from '../model/range.js'
import type { FindBound } from './bounds.js'

/** Bounds made by arithmetic before a server is asked again, so that a change in the spread of the keys is soon seen. */
const STEPS = 16
/**
 * Where fewer than one number in so many is a key, bounds are not guessed: behind a gap the same step could hold far more
 * rows than were asked for. Up to here it holds at most so many times as many.
 */
const SPARSE = 4

/**
 * Finds bounds of a numeric key that is filled evenly mostly without asking: looking for a bound makes the server walk
 * over all keys before it. Chunks have about as many rows as asked for, and together every key as ever.
 *
 * @param ask finds a bound exactly.
 * @param largest the largest key of any master; `null` when there is none.
 */
export function evenBounds(ask: FindBound, largest: () => Promise<bigint | null>): FindBound {
  let end: bigint | null | undefined
  let steps = 0
  /** Numbers for each key, as last seen. */
  let spread = Number.POSITIVE_INFINITY
  return async (range, rows) => {
    const lower = numberOf(range.lower)
    if (lower !== null && steps > 0 && spread <= SPARSE) {
      end = end === undefined ? await largest() : end
      const guess = lower + BigInt(Math.ceil(rows * spread))
      const upper = numberOf(range.upper)
      steps--
      if (end !== null && guess <= end && (upper === null || guess < upper)) return [String(guess)]
    }
    const bound = await ask(range, rows)
    const found = numberOf(bound)
    steps = STEPS
    spread = lower === null || found === null ? Number.POSITIVE_INFINITY : Number(found - lower) / rows
    return bound
  }
}

function numberOf(key: Key | null): bigint | null {
  const value = key?.[0]
  return typeof value === 'string' ? BigInt(value) : null
}
