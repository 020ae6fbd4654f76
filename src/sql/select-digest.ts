import type { KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import { type Bound, boundCondition } from './bound.js'
import { rowNumber, type SecondCrc } from './row-digest.js'
import { sourceOf, type TableReading, whereClause } from './select.js'

/** What of a table a server adds up. */
export interface Digested {
  /** As {@link TableReading.expressions}, in that order. */
  readonly columns: readonly Column[]
  /** Where in `columns` those are whose sums are wanted. */
  readonly summed: readonly number[]
  readonly second: SecondCrc
}

/**
 * Count, sums and XOR of the row numbers of a range, by one statement and so of one instant: as one text in the column
 * `d`, with spaces between, because describing a column costs more bytes than a value.
 */
export function selectDigest(reading: TableReading, digested: Digested, range: KeyRange): Bound {
  const { columns, summed, second } = digested
  const inRange = boundCondition(reading.keyColumns, range)
  const sums = summed.map((at) => `COALESCE(SUM(${reading.expressions[at] ?? ''}), 0)`)
  const row = rowNumber(
    columns.map((column, at) => ({ column, expression: reading.expressions[at] ?? '' })),
    reading.keyColumns.length,
    second
  )
  const parts = ['COUNT(*)', ...sums, `BIT_XOR(${row})`]
  return {
    ...inRange,
    sql: `SELECT CAST(CONCAT_WS(' ', ${parts.join(', ')}) AS BINARY) AS d ${sourceOf(reading)}${whereClause([inRange.sql, reading.where])}`
  }
}
