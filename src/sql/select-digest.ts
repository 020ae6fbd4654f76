import type { KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { literal } from './literal.js'
import { rangeCondition } from './range.js'
import { rowNumber, type SecondCrc } from './row-digest.js'
import { sourceOf, type TableReading, whereClause } from './select.js'

/** A statement that is prepared once and executed with the values of each range. */
export interface BoundStatement {
  readonly sql: string
  /** A value for each `?`, as text. */
  readonly parameters: readonly string[]
  /** Whether other ranges have the same text, so that preparing it pays. */
  readonly repeats: boolean
}

/** What of a table a server adds up. */
export interface Digested {
  /** As {@link TableReading.expressions}, in that order. */
  readonly columns: readonly Column[]
  /** Where in `columns` those are whose sums are wanted. */
  readonly summed: readonly number[]
  readonly second: SecondCrc
}

const WHOLE = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/** The values of whole numbers of up to 32 bits, signed or not, and one beyond at the upper end. */
const LEAST_INTEGER = String(-(2n ** 31n))
const BEYOND_INTEGER = String(2n ** 32n)

/**
 * A whole number that is bound as text. MySQL takes a parameter of CAST itself for a signed number, and what is larger for
 * the largest of those.
 */
function boundInteger(unsigned: boolean): string {
  return `CAST(CAST(? AS CHAR) AS ${unsigned ? 'UNSIGNED' : 'SIGNED'})`
}

/** Answers with its own parameters, if the server takes them as they are meant. */
export const echoedIntegers: BoundStatement = {
  sql: `SELECT CAST(CONCAT_WS(' ', ${boundInteger(true)}, ${boundInteger(false)}) AS BINARY) AS d`,
  parameters: ['18446744073709551615', '-9223372036854775808'],
  repeats: true
}

/**
 * Count, sums and XOR of the row numbers of a range, by one statement and so of one instant: as one text in the column
 * `d`, with spaces between, because describing a column costs more bytes than a value.
 */
export function selectDigest(reading: TableReading, digested: Digested, range: KeyRange): BoundStatement {
  const { columns, summed, second } = digested
  const repeats = reading.keyColumns.every((column) => WHOLE.has(column.dataType))
  const parameters: string[] = []
  const write = (column: Column, value: SqlValue): string => {
    if (!repeats || typeof value !== 'string') return literal(column, value)
    parameters.push(value)
    return boundInteger(column.unsigned)
  }
  const conditions = [rangeCondition(reading.keyColumns, closed(reading, range), write), reading.where]
  const sums = summed.map((at) => `COALESCE(SUM(${reading.expressions[at] ?? ''}), 0)`)
  const row = rowNumber(
    columns.map((column, at) => ({ column, expression: reading.expressions[at] ?? '' })),
    reading.keyColumns.length,
    second
  )
  const parts = ['COUNT(*)', ...sums, `BIT_XOR(${row})`]
  const where = whereClause(conditions.filter((part) => part !== null))
  return {
    sql: `SELECT CAST(CONCAT_WS(' ', ${parts.join(', ')}) AS BINARY) AS d ${sourceOf(reading)}${where}`,
    parameters,
    repeats
  }
}

/** Open ends of a short whole number become bounds that no key passes, so that all ranges have the same text. */
function closed({ keyColumns }: TableReading, range: KeyRange): KeyRange {
  const [only] = keyColumns
  if (only === undefined || keyColumns.length > 1 || only.dataType === 'bigint' || !WHOLE.has(only.dataType))
    return range
  return {
    lower: range.lower ?? [only.unsigned ? '0' : LEAST_INTEGER],
    upper: range.upper ?? [BEYOND_INTEGER]
  }
}
