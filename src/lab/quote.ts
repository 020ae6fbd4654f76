/** A text as an SQL literal. The lab's own texts hold no backslash, so doubling the quote is all the escaping there is. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
