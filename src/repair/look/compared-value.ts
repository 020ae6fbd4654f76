import type { ColumnFacts } from '../../masters/table-facts.js'

/** The values of some columns of a row together, in a form in which they can be found again without a server. */
export interface ComparedValue {
  /** As SQL, in the order of the columns. */
  readonly literals: readonly string[]
  /** Alike for values that are the same in every byte. */
  readonly exact: string
  /** Alike also for all values that a collation may take for equal; perhaps for others too. */
  readonly folded: string
}

/** Puts the literals of some columns together; `null` when one is NULL, for then they are equal to nothing. */
export function comparedValue(
  columns: readonly (ColumnFacts | undefined)[],
  literals: readonly string[]
): ComparedValue | null {
  if (literals.includes('NULL')) return null
  const exact = literals.map(exactForm)
  const joined = join(exact)
  const isText = exact.some((form) => form.startsWith('t'))
  return {
    literals,
    exact: joined,
    folded: isText ? join(exact.map((form, at) => foldedForm(form, columns[at]))) : joined
  }
}

/** As one text; commas within the parts are no commas between them. */
function join(forms: readonly string[]): string {
  const [only] = forms
  return forms.length === 1 && only !== undefined ? only : JSON.stringify(forms)
}

/** Character sets, by the name that Node has for them, whose bytes are decoded here; of others only ASCII is understood. */
const ENCODINGS: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  utf8mb3: 'utf-8',
  utf8mb4: 'utf-8',
  latin1: 'windows-1252',
  latin2: 'iso-8859-2',
  latin5: 'iso-8859-9',
  latin7: 'iso-8859-13',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  eucjpms: 'euc-jp',
  euckr: 'euc-kr',
  gbk: 'gbk',
  gb2312: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  utf16: 'utf-16be',
  ucs2: 'utf-16be',
  utf16le: 'utf-16le'
}

/** One literal, whatever way it is written in: `t` and a text, `b` and bytes, or a number. */
function exactForm(literal: string): string {
  if (literal.startsWith("'")) return `t${literal.slice(1, -1).replaceAll("''", "'")}`
  const [, charset, hex] = /^(?:_(\w+) )?X'([0-9a-f]*)'$/i.exec(literal) ?? []
  if (hex === undefined) return numberForm(literal)
  if (charset === undefined) return `b${hex.toLowerCase()}`
  return `t${new TextDecoder(ENCODINGS[charset] ?? 'latin1', { ignoreBOM: true }).decode(Buffer.from(hex, 'hex'))}`
}

/** Scale does not count: `1.50` of a wider column is `1.5` of a narrower. */
function numberForm(literal: string): string {
  return literal.includes('.') && !/e/i.test(literal) ? literal.replace(/\.?0+$/, '') : literal
}

/** Characters that the collations of Unicode skip, and marks that many of them do. */
const SKIPPED = /[\p{M}\p{C}]/gu

function foldedForm(form: string, column: ColumnFacts | undefined): string {
  if (!form.startsWith('t')) return form
  const trimmed = form.trimEnd()
  if (column?.collation?.endsWith('_bin')) return trimmed
  return trimmed.normalize('NFKD').replaceAll(SKIPPED, '').toUpperCase().toLowerCase()
}
