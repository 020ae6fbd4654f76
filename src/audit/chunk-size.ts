/** Rows in the first chunk of a table, before its speed is known. */
const FIRST_ROWS = 10_000
/** Beyond this size no more time is saved on round trips, while an interrupted run has more to read again. */
const MOST_ROWS = 50_000
/** Fewer rows than this cost more round trips than reading; tables of wide rows begin below it. */
const FEWEST_ROWS = 100
/** What the first chunk of a table with wide rows should read at most. */
const FIRST_BYTES = 8 * 1024 * 1024
/** One chunk that happened to be slow or fast must not turn the size round at once. */
const STEP = 2

/** How many rows the next chunk of a table should have. */
export interface ChunkSize {
  next(): number
  /** Tells how long a chunk took on the slowest master. */
  record(rows: number, seconds: number): void
}

/** The size the user asked for. */
export function fixedSize(rows: number): ChunkSize {
  return { next: () => rows, record: () => {} }
}

/** A size that follows the speed seen, so that one chunk takes about `seconds` to read. */
export function adaptiveSize(seconds: number, averageRowBytes: number): ChunkSize {
  let rows = clamp(averageRowBytes > 0 ? FIRST_BYTES / averageRowBytes : FIRST_ROWS, 1, FIRST_ROWS)
  const fewest = Math.min(rows, FEWEST_ROWS)
  return {
    next: () => Math.max(1, Math.floor(rows)),
    record(read, took) {
      if (read === 0 || took <= 0) return
      const wanted = clamp((read / took) * seconds, rows / STEP, rows * STEP)
      rows = clamp(wanted, fewest, MOST_ROWS)
    }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
