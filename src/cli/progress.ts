import type { AuditEvent, Progress, WaitReason } from '../model/events.js'

/** Shows how far an audit is. */
export interface ProgressView {
  observe(event: AuditEvent): void
  progress(progress: Progress): void
  /** Called when what is waited for changes; with nothing when the audit goes on. */
  waiting(reasons: readonly WaitReason[]): void
  /** Takes anything unfinished off the screen. */
  clear(): void
}

/** Shows nothing. */
export const noProgress: ProgressView = { observe() {}, progress() {}, waiting() {}, clear() {} }

/** How fast a table is read, and how long it will still take. */
export interface Pace {
  /** Part of the table that was read, from 0 to 1; `null` when the server has no estimate. */
  readonly part: number | null
  readonly rowsPerSecond: number
  /** `null` while it cannot be told. */
  readonly secondsLeft: number | null
}

/** Estimates are off by half at times: a table is not said to be read to the end before it is. */
const MOST = 0.99

/** @param seconds since the table was begun. */
export function paceOf({ rows, estimatedRows }: Progress, seconds: number): Pace {
  const rowsPerSecond = seconds > 0 ? rows / seconds : 0
  const part = estimatedRows > 0 ? Math.min(MOST, rows / estimatedRows) : null
  const left = Math.max(0, estimatedRows - rows)
  return { part, rowsPerSecond, secondsLeft: part !== null && rowsPerSecond > 0 ? left / rowsPerSecond : null }
}
