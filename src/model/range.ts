import type { SqlValue } from './value.js'

/** One key: a value for each key column, in key order. */
export type Key = readonly SqlValue[]

/**
 * A half-open range of keys, `lower <= key < upper`. `null` leaves that end open, so that the first and the last chunk of
 * a table also hold the rows beyond the first and the last key known on any one master.
 */
export interface KeyRange {
  readonly lower: Key | null
  readonly upper: Key | null
}

/** Every key there is. */
export const WHOLE_TABLE: KeyRange = { lower: null, upper: null }
