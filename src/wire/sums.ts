import type { Column } from '../model/table.js'

const EXACT_NUMERIC = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'])

/** Whether the sum of a column is exact, and so part of the audit. */
export function isExactNumeric(column: Column): boolean {
  return EXACT_NUMERIC.has(column.dataType)
}

/** A scaled sum as decimal text: `1230n` with scale 2 is `12.30`. */
export function sumText(sum: bigint, scale: number): string {
  if (scale === 0) return String(sum)
  const digits = String(sum < 0n ? -sum : sum).padStart(scale + 1, '0')
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
