/** Where the sizes of chunks begin and end. */
interface Sizes {
  /** Rows in the first chunk of a table, before its speed is known. */
  readonly first: number
  /** Beyond this size no more time is saved on round trips, while an interrupted run has more to read again. */
  readonly most: number
}

/** For rows that are read. */
export const READ: Sizes = { first: 10_000, most: 50_000 }
/** For rows that one master is asked for ahead of the others: at each end of a chunk, it stands idle until it hears of the next. */
export const LED: Sizes = { first: 50_000, most: 150_000 }
/** For rows that the servers add up: those take a third of the time, and a round trip may take longer than they do. */
export const PUSHED: Sizes = { first: 50_000, most: 200_000 }
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
export function adaptiveSize(seconds: number, averageRowBytes: number, { first, most }: Sizes = READ): ChunkSize {
  let rows = clamp(averageRowBytes > 0 ? FIRST_BYTES / averageRowBytes : first, 1, first)
  const fewest = Math.min(rows, FEWEST_ROWS)
  return {
    next: () => Math.max(1, Math.floor(rows)),
    record(read, took) {
      if (read === 0 || took <= 0) return
      const wanted = clamp((read / took) * seconds, rows / STEP, rows * STEP)
      rows = clamp(wanted, fewest, most)
    }
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
