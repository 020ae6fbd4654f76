/**
 * Spreadsheets run a cell as a formula when it begins with `= + - @`, their full-width twins, or a tab or line break that
 * they skip. Such a cell gets an apostrophe in front, which spreadsheets read as "text follows". Plain numbers are left
 * alone. A cell that already begins with apostrophes before such a character gets one more, so that taking one away always
 * gives back what was there.
 */
const DANGEROUS = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/
const DEFUSED = /^'+[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The cell, harmless in a spreadsheet. */
export function defuse(cell: string): string {
  return DANGEROUS.test(cell) && !PLAIN_NUMBER.test(cell) ? `'${cell}` : cell
}

/** The cell as it was before {@link defuse}. */
export function undefuse(cell: string): string {
  return DEFUSED.test(cell) ? cell.slice(1) : cell
}
