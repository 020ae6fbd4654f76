import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { enumMembers, text } from './literal.js'

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
const INTEGER = /^-?\d+$/
const DECIMAL = /^-?\d+(\.\d+)?$/
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

/**
 * What is not written as it is: backslashes, which mean what `sql_mode` says; line ends and other control characters, which
 * clients act on; characters that nobody sees. Fixed ranges, so that a literal does not depend on the Unicode of Node.
 */
const NOT_PLAIN =
  /[\\\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\u{e0000}-\u{e0fff}]/u

/** Character sets in which some byte below 80 is another character than in ASCII, or a part of one. */
const NOT_ASCII = new Set(['ucs2', 'utf16', 'utf16le', 'utf32', 'swe7'])

/** Printable, and without the two characters for which Asian character sets have others. */
const PLAIN_ASCII = /^[ -[\]-}]*$/

/** Whether text has the same bytes in this character set as in ASCII; told the same of the text and of those bytes. */
export function isPlainAscii(charset: string, text: string): boolean {
  return !NOT_ASCII.has(charset) && PLAIN_ASCII.test(text)
}

/** Whether text in this character set has the bytes of UTF-8. */
export function isUtf8(charset: string): boolean {
  return /^utf8(mb[34])?$/.test(charset)
}

/**
 * A literal that stores exactly this value in the column, in a session of `STRICT_ALL_TABLES, NO_AUTO_VALUE_ON_ZERO,
 * ALLOW_INVALID_DATES`, `utf8mb4` and UTC; other modes do not change its meaning. Equal values are equal literals.
 *
 * Bytes of text in another character set than UTF-8 are expected as {@link SqlValue} `{ hex }`; see `RowShape.exact`.
 */
export function exactLiteral(column: Column, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (isNoMember(column, value)) return '0'
  if (typeof value === 'object') return bytesLiteral(column, value.hex)
  if (INTEGERS.has(column.dataType)) return withoutZeros(numeric(column, value, INTEGER))
  switch (column.dataType) {
    case 'decimal':
      return withoutZeros(numeric(column, value, DECIMAL))
    case 'year':
      return numeric(column, value, INTEGER)
    case 'double':
      return double(Number(numeric(column, value, NUMBER)))
    case 'float':
      // With all the digits of the double that it is, for servers compare in double precision.
      return double(Math.fround(Number(numeric(column, value, NUMBER))))
    default:
      return textLiteral(value)
  }
}

/** Text as a literal that every client and `sql_mode` takes for the same text. */
function textLiteral(value: string): string {
  return NOT_PLAIN.test(value) ? `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'` : text(value)
}

/** What an invalid value of an ENUM became; no strict session can store it. */
function isNoMember(column: Column, value: Exclude<SqlValue, null>): boolean {
  const empty = typeof value === 'string' ? value === '' : value.hex === ''
  return empty && column.dataType === 'enum' && !enumMembers(column).includes('')
}

function bytesLiteral(column: Column, hex: string): string {
  // Not by a pattern of pairs: those give up on values of some million bytes.
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex))
    throw new Error(`not hexadecimal: the value of column ${column.name}`)
  // What a hexadecimal literal is as a number differs between vendors.
  if (column.dataType === 'bit') return String(BigInt(`0x${hex || '00'}`))
  const charset = column.dataType === 'json' ? 'utf8mb4' : column.charset
  return `${charset === null ? '' : `_${charset} `}X'${hex.toLowerCase()}'`
}

/** ZEROFILL belongs to the column, not to the value. */
function withoutZeros(digits: string): string {
  return digits.replace(/^(-?)0+(?=\d)/, '$1')
}

/** Without an exponent, servers take a number for a DECIMAL, which has no negative zero. */
function double(value: number): string {
  const digits = Object.is(value, -0) ? '-0' : String(value).replace('e+', 'e')
  return digits.includes('e') ? digits : `${digits}e0`
}

function numeric(column: Column, value: string, shape: RegExp): string {
  if (!shape.test(value)) throw new Error(`not a number: the value of column ${column.name}`)
  return value
}
