import type { DivergenceClass } from '../model/divergence.js'
import type { EventKind } from '../model/evidence.js'
import type { RowValues, SqlValue } from '../model/value.js'

/** What one transaction made of a row, as one master's binlog has it. `null` is no row; images may lack columns. */
export interface Entry {
  /** The same for one transaction on all masters. */
  readonly write: string
  readonly gtid: string | null
  readonly serverId: number
  /** See `RowEvent.at`. */
  readonly at: string
  readonly before: RowValues | null
  readonly after: RowValues | null
}

/** What one master holds, and what its binlog says of how that came about. */
export interface MasterHistory {
  readonly master: string
  readonly serverId: number
  readonly state: RowValues | null
  /** In the order of the binlog. */
  readonly log: readonly Entry[]
  /** Whether it logs what it applies from others. */
  readonly logsApplied: boolean
  /** Whether rows may go without a trace in any binlog: where foreign keys delete or change them along. */
  readonly losesSilently: boolean
  /** Whether a write may stand in that part of the binlog that was not read. */
  readonly mayHaveHad: (entry: Entry) => boolean
}

/** One divergent row and all that is known of its past. */
export interface RowHistory {
  readonly class: DivergenceClass
  readonly masters: readonly MasterHistory[]
  /** The compared columns. */
  readonly columns: readonly string[]
}

/** What a transaction did to the row. */
export function kindOf({ before, after }: Pick<Entry, 'before' | 'after'>): EventKind {
  return before === null ? 'insert' : after === null ? 'delete' : 'update'
}

/** Whether a row may be this image: alike in every column that the image has. */
export function matches(row: RowValues | null, image: RowValues | null): boolean {
  if (row === null || image === null) return row === image
  return Object.entries(image).every(([column, value]) => sameValue(row[column], value))
}

/** Whether two images are one row: both are whole, and alike. */
export function sameImage(left: RowValues | null, right: RowValues | null, columns: readonly string[]): boolean {
  if (left === null || right === null) return left === right
  return columns.every((column) => left[column] !== undefined && sameValue(left[column], right[column]))
}

/** Whether an image tells the whole row. */
export function isWhole(image: RowValues | null, columns: readonly string[]): boolean {
  return image === null || columns.every((column) => image[column] !== undefined)
}

function sameValue(left: SqlValue | undefined, right: SqlValue | undefined): boolean {
  if (left == null || right == null || typeof left === 'string' || typeof right === 'string') return left === right
  return left.hex === right.hex
}
