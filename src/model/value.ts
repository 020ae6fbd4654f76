/**
 * One SQL value as it appears in reports: the text exactly as the server prints it (floats with all the digits that
 * tell them apart), `null`, or bytes that are not text. Never a JavaScript number, so nothing is rounded.
 */
export type SqlValue = string | null | { readonly hex: string }

/** A row by column name, in the order of the table's columns. */
export type RowValues = Readonly<Record<string, SqlValue>>
