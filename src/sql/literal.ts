import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'

const EXACT_NUMERIC = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'])
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

/**
 * A text literal for a session whose `sql_mode` holds NO_BACKSLASH_ESCAPES (every session of ours does), so that
 * doubling the quote is all the escaping there is.
 */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A value of `column` as a literal that the server compares with the column by the column's own type and collation. */
export function literal(column: Column, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'object') return hexLiteral(column, value.hex)
  if (EXACT_NUMERIC.has(column.dataType)) return numberLiteral(column, value, /^-?\d+(\.\d+)?$/)
  switch (column.dataType) {
    case 'double':
      return numberLiteral(column, value, NUMBER)
    case 'float':
      // The server compares in double precision, where 0.1 is no FLOAT: the value has to be written with all its digits.
      return String(Math.fround(Number(numberLiteral(column, value, NUMBER))))
    case 'enum':
      return value === '' && !enumMembers(column).includes('') ? '0' : String(memberNumber(column, value))
    case 'set':
      return setBits(column, value)
    default:
      return text(value)
  }
}

/**
 * The members of an ENUM or SET in order. Servers sort and index these by member number but compare them with a text as
 * texts, so only the number finds its place in the order of the index.
 */
export function enumMembers(column: Column): readonly string[] {
  return [...column.columnType.matchAll(/'((?:[^']|'')*)'/g)].map(([, member = '']) =>
    member.replaceAll(/''|\\(.)/gs, (escaped, letter: string | undefined) =>
      letter === undefined ? escaped.slice(1) : (ESCAPED[letter] ?? letter)
    )
  )
}

/** Servers describe a type as they would write it in SQL, whatever the `sql_mode`. */
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0', Z: '\x1a' }

/** Counted from 1. */
function memberNumber(column: Column, member: string): number {
  const at = enumMembers(column).indexOf(member)
  if (at === -1) throw new Error(`no member of ${column.name} (${column.columnType}) is ${JSON.stringify(member)}`)
  return at + 1
}

/** A SET as its number: bit *n* stands for member *n*. */
function setBits(column: Column, value: string): string {
  const chosen = value === '' ? [] : value.split(',')
  return String(chosen.reduce((bits, member) => bits | (1n << BigInt(memberNumber(column, member) - 1)), 0n))
}

function hexLiteral(column: Column, hex: string): string {
  if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new Error(`not hexadecimal: the value of column ${column.name}`)
  // BIT compares as a number, and what a hexadecimal literal is as a number differs between vendors.
  if (column.dataType === 'bit') return String(BigInt(`0x${hex}`))
  return column.charset === null ? `X'${hex}'` : `_${column.charset} X'${hex}'`
}

function numberLiteral(column: Column, value: string, shape: RegExp): string {
  if (!shape.test(value)) throw new Error(`not a number: the value of column ${column.name}`)
  return value
}
