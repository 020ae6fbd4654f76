import { createHash } from 'node:crypto'
import type { RowImage, WritableColumn, WritableTable } from '../model/repair.js'
import { isPlainAscii, isUtf8 } from './exact-literal.js'
import { identifier } from './identifier.js'

/** Literals beyond this length are compared by their hash: a statement stays readable, and short enough to be sent. */
const LONG = 500

/** Two of these that a server takes for equal are the same value; -0 and 0 apart, which nothing in SQL tells apart. */
const EXACTLY_COMPARED =
  /^(tinyint|smallint|mediumint|int|bigint|decimal|float|double|date|datetime|timestamp|time|uuid|inet[46])$/

/** As a condition, that a row has the key of this image, as the server compares keys. */
export function keyOf(table: WritableTable, image: RowImage): string {
  return keyColumns(table)
    .map((column) => keyPart(column, valueIn(image, column)))
    .join(' AND ')
}

/**
 * As a condition, that a row is exactly this image in all that is compared. The key comes first and plainly, so that its
 * index is used and no other row is locked.
 */
export function rowGuard(table: WritableTable, image: RowImage): string {
  const plain = keyColumns(table).map((column) => keyPart(column, valueIn(image, column)))
  const exact = table.columns
    .filter((column) => column.compared)
    .map((column) => ({ column, literal: valueIn(image, column) }))
    .filter(({ column, literal }) => !(table.key.includes(column.form.name) && isExactKeyPart(column, literal)))
    .map(({ column, literal }) => holdsValue(column, literal))
  return [...plain, ...exact].join(' AND ')
}

/** The literal that an image has for a column. */
export function valueIn(image: RowImage, column: WritableColumn): string {
  const literal = Object.hasOwn(image, column.form.name) ? image[column.form.name] : undefined
  if (literal === undefined) throw new Error(`an image of a row lacks the column ${column.form.name}`)
  return literal
}

/**
 * As a condition, that a column holds the value of an exact literal, down to the last byte. Never unknown, also for NULL.
 * Only -0 and 0 are not told apart.
 */
export function holdsValue(column: WritableColumn, literal: string): string {
  const { expression, form } = column
  if (EXACTLY_COMPARED.test(form.dataType)) return `${expression} <=> ${literal}`
  // Of dates, IS NULL also finds '0000-00-00'; of vectors, <=> is refused.
  if (literal === 'NULL') return `${expression} IS NULL`
  switch (form.dataType) {
    case 'bit':
    case 'year':
      return `${expression} + 0 <=> ${literal}`
    case 'json':
      return holdsJson(expression, literal)
    default:
      return holdsBytes(expression, form.charset, literal)
  }
}

function keyColumns(table: WritableTable): readonly WritableColumn[] {
  return table.key.map((name) => {
    const column = table.columns.find((each) => each.form.name === name)
    if (column === undefined) throw new Error(`the key column ${name} is not writable`)
    return column
  })
}

function keyPart(column: WritableColumn, literal: string): string {
  return `${identifier(column.name)} = ${literal}`
}

/** Whether the plain comparison of the key says all that there is to say. */
function isExactKeyPart(column: WritableColumn, literal: string): boolean {
  return holdsValue(column, literal) === `${identifier(column.name)} <=> ${literal}`
}

function holdsBytes(expression: string, charset: string | null, literal: string): string {
  const bytes = bytesOf(charset, literal)
  const left = `CAST(${expression} AS BINARY)`
  if (bytes === null) return `${left} <=> CAST(CONVERT(${literal} USING ${charset}) AS BINARY)`
  if (literal.length > LONG) return `SHA2(${left}, 256) <=> '${createHash('sha256').update(bytes).digest('hex')}'`
  // Beside BINARY, a quoted text counts by its bytes.
  return `${left} <=> ${literal.startsWith("'") ? literal : `X'${bytes.toString('hex')}'`}`
}

/** The bytes that the column stores for the literal; `null` where only the server can convert it. */
function bytesOf(charset: string | null, literal: string): Buffer | null {
  // The number of an invalid member of an ENUM, which reads as the empty text.
  if (literal === '0') return Buffer.alloc(0)
  const [, introducer = null, hex] = /^(?:_(\w+) )?X'([0-9a-f]*)'$/.exec(literal) ?? []
  if (hex !== undefined) return sameBytes(introducer, charset) ? Buffer.from(hex, 'hex') : null
  const text = literal.slice(1, -1).replaceAll("''", "'")
  const isPlain = charset === null || isPlainAscii(charset, text)
  return isPlain || sameBytes('utf8mb4', charset) ? Buffer.from(text, 'utf8') : null
}

function sameBytes(from: string | null, to: string | null): boolean {
  return from === null || to === null || from === to || (isUtf8(from) && isUtf8(to))
}

/**
 * JSON by its text, as the server prints it. Between vendors, images hold JSON in a form that neither prints, so each
 * vendor, by the comments that only it reads, also compares by value. MariaDB before 10.7 has nothing for that.
 */
function holdsJson(expression: string, literal: string): string {
  const sameText = holdsBytes(`CONVERT(${expression} USING utf8mb4)`, 'utf8mb4', literal)
  const text = bytesOf('utf8mb4', literal)?.toString('utf8') ?? ''
  if (isAsMysqlPrints(text)) return sameText
  // Whatever reads comments without knowing texts must not take one for the end of the other.
  const json = text.includes('*/') ? `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'` : literal
  const sameValue = [
    `/*!80000 OR ${expression} <=> CAST(${json} AS JSON) */`,
    `/*M!100700 OR COALESCE(JSON_EQUALS(${expression}, ${json}), 0) */`
  ]
  return `(${sameText} ${sameValue.join(' ')})`
}

/** Whether JSON has a space after its first comma or colon, as only MySQL writes it. */
function isAsMysqlPrints(json: string): boolean {
  let quoted = false
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '\\') at++
    else if (json[at] === '"') quoted = !quoted
    else if (!quoted && (json[at] === ',' || json[at] === ':')) return json[at + 1] === ' '
  }
  return false
}
