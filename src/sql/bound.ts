import type { Key, KeyRange } from '../model/range.js'
import type { Column } from '../model/table.js'
import { literal } from './literal.js'
import { conditionFrom, rangeCondition, type WriteValue } from './range.js'

/** A part of a statement in which values may be bound. */
export interface Bound {
  readonly sql: string
  /** A value for each `?`, as text. */
  readonly parameters: readonly string[]
  /** Whether other ranges have the same text, so that keeping it prepared pays. */
  readonly repeats: boolean
}

const WHOLE = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/** The values of whole numbers of up to 32 bits, signed or not, and one beyond at the upper end. */
const LEAST_INTEGER = String(-(2n ** 31n))
const BEYOND_INTEGER = String(2n ** 32n)

/**
 * A whole number that is bound as text. MySQL takes a parameter of CAST itself for a signed number, and what is larger for
 * the largest of those.
 */
export function boundInteger(unsigned: boolean): string {
  return `CAST(CAST(? AS CHAR) AS ${unsigned ? 'UNSIGNED' : 'SIGNED'})`
}

/** The condition that a row's key lies in a range, with bound values where the key is of whole numbers; no text for none. */
export function boundCondition(keyColumns: readonly Column[], range: KeyRange): Bound {
  return bound(keyColumns, (write) => rangeCondition(keyColumns, closed(keyColumns, range), write) ?? '')
}

/**
 * Conditions that select the keys from `lower` on, those of the first before those of the next, with bound values where the
 * key is of whole numbers; see {@link conditionFrom}. From the beginning on, that is one without text.
 */
export function boundConditionsFrom(keyColumns: readonly Column[], lower: Key | null): readonly Bound[] {
  if (lower === null) return [bound(keyColumns, () => '')]
  return keyColumns
    .map((_, shared) => bound(keyColumns, (write) => conditionFrom(keyColumns, lower, shared, write)))
    .reverse()
}

function bound(keyColumns: readonly Column[], condition: (write: WriteValue) => string): Bound {
  const repeats = keyColumns.every((column) => WHOLE.has(column.dataType))
  const parameters: string[] = []
  const sql = condition((column, value) => {
    if (!repeats || typeof value !== 'string') return literal(column, value)
    parameters.push(value)
    return boundInteger(column.unsigned)
  })
  return { sql, parameters, repeats }
}

/** Open ends of a short whole number become bounds that no key passes, so that all ranges have the same text. */
function closed(keyColumns: readonly Column[], range: KeyRange): KeyRange {
  const [only] = keyColumns
  if (only === undefined || keyColumns.length > 1 || only.dataType === 'bigint' || !WHOLE.has(only.dataType))
    return range
  return {
    lower: range.lower ?? [only.unsigned ? '0' : LEAST_INTEGER],
    upper: range.upper ?? [BEYOND_INTEGER]
  }
}
