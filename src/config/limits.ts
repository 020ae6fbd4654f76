/** The values a number may take, both ends included. */
export interface Limits {
  readonly least: number
  readonly most: number
  readonly whole: boolean
  readonly unit: string
}

/** Above ten million rows a chunk no longer saves round trips, and one mismatch means reading all of it again. */
export const CHUNK_ROWS: Limits = { least: 1, most: 10_000_000, whole: true, unit: 'rows' }

/** Below ten milliseconds the round trips outweigh the reading; above a minute a chunk holds its snapshot too long. */
export const CHUNK_TIME: Limits = { least: 0.01, most: 60, whole: false, unit: 'seconds' }

/** Each lane is a connection to every master; servers allow 151 connections as they come, and others want some too. */
export const CONCURRENCY: Limits = { least: 1, most: 64, whole: true, unit: 'chunks at once' }

/** A master that lags by more than a day is no longer waited for. Zero reads again without waiting. */
export const CONFIRM_TIMEOUT: Limits = { least: 0, most: 86_400, whole: false, unit: 'seconds' }

/** Below a second, a server at work would be asked all the time; a link that is dead for an hour should be heard of. */
export const SILENCE_TIMEOUT: Limits = { least: 1, most: 3_600, whole: false, unit: 'seconds' }

/** An audit that runs for more than a month was hardly meant. */
export const RUN_TIME: Limits = { least: 0.1, most: 2_678_400, whole: false, unit: 'seconds' }

export const MAX_LAG: Limits = { least: 0, most: 86_400, whole: false, unit: 'seconds' }

/** Audits that are more than a year apart are hardly made. */
export const AUDIT_INTERVAL: Limits = { least: 1, most: 31_622_400, whole: false, unit: 'seconds' }

/** Binlogs are kept for a month, as a rule; who keeps them for longer may look. */
export const EVIDENCE_WINDOW: Limits = { least: 1, most: 31_622_400, whole: false, unit: 'seconds' }

/** Zero only counts. */
export const MAX_DIVERGENCES: Limits = { least: 0, most: 1_000_000_000_000, whole: true, unit: 'rows' }

/** A plan of more changes than this was hardly meant; it is the user's to say otherwise, up to what one run can hold. */
export const MAX_ROWS: Limits = { least: 1, most: 1_000_000_000, whole: true, unit: 'rows' }

export const MAX_DELETES: Limits = { least: 0, most: 1_000_000_000, whole: true, unit: 'rows' }

export const MAX_PERCENT: Limits = { least: 0, most: 100, whole: false, unit: 'per cent' }

export const PORT: Limits = { least: 1, most: 65_535, whole: true, unit: '' }

/** What a value must be, for people: `must be a whole number from 1 to 64`. */
export function expectation(limits: Limits): string {
  const kind = limits.whole ? 'a whole number' : `a number of ${limits.unit}`
  return `must be ${kind} from ${grouped(limits.least)} to ${grouped(limits.most)}`
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}
