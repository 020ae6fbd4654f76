import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { ColumnType } from './protocol.js'

/** What the server said of a result column, as far as printing its values needs it. */
export interface WireColumn {
  readonly type: number
  readonly unsigned: boolean
  readonly zerofill: boolean
  readonly displayLength: number
  /** Fraction digits of a temporal value. */
  readonly decimals: number
}

/**
 * The names that JavaScript has for the servers' character sets.
 * Text in a character set that is not listed is shown as hexadecimal bytes.
 */
const DECODERS: Readonly<Record<string, string>> = {
  utf8mb4: 'utf-8',
  utf8mb3: 'utf-8',
  utf8: 'utf-8',
  ascii: 'utf-8',
  latin2: 'iso-8859-2',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  latin7: 'iso-8859-13',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  euckr: 'euc-kr',
  ucs2: 'utf-16be',
  utf16: 'utf-16be',
  utf16le: 'utf-16le'
}

/** Whether text in this character set is shown as text. */
export function readsText(charset: string): boolean {
  return charset === 'latin1' || DECODERS[charset] !== undefined
}

/** Types without a character set of their own whose bytes are plain text. */
const TEXT_TYPES = new Set(['json', 'uuid', 'inet4', 'inet6', 'decimal'])

/** The value as the server prints it. `bytes` is the value in the binary protocol, without a length prefix. */
export function display(column: Column, wire: WireColumn, bytes: Buffer | null): SqlValue {
  if (bytes === null) return null
  switch (wire.type) {
    case ColumnType.tiny:
    case ColumnType.short:
    case ColumnType.long:
    case ColumnType.int24:
    case ColumnType.longlong:
      return integer(wire, bytes)
    case ColumnType.year:
      return String(bytes.readUInt16LE(0)).padStart(4, '0')
    case ColumnType.float:
      return shortestFloat(bytes.readFloatLE(0))
    case ColumnType.double:
      return float(bytes.readDoubleLE(0))
    case ColumnType.date:
      return datePart(bytes)
    case ColumnType.datetime:
    case ColumnType.timestamp:
      return `${datePart(bytes)} ${timeOfDay(bytes.subarray(4), wire.decimals)}`
    case ColumnType.time:
      return duration(bytes, wire.decimals)
    default:
      return stringValue(column, bytes)
  }
}

function integer(wire: WireColumn, bytes: Buffer): string {
  const digits = integerDigits(wire.unsigned, bytes)
  return wire.zerofill ? digits.padStart(wire.displayLength, '0') : digits
}

function integerDigits(unsigned: boolean, bytes: Buffer): string {
  if (bytes.length === 8) return String(unsigned ? bytes.readBigUInt64LE(0) : bytes.readBigInt64LE(0))
  return String(unsigned ? bytes.readUIntLE(0, bytes.length) : bytes.readIntLE(0, bytes.length))
}

/** The fewest digits that name this single-precision number; nine always do. */
function shortestFloat(value: number): string {
  if (value === 0) return float(value)
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return float(Number(text))
  }
  return float(Number(value.toPrecision(9)))
}

function float(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value).replace('e+', 'e')
}

/** A zero date has no bytes at all. */
function datePart(bytes: Buffer): string {
  if (bytes.length === 0) return '0000-00-00'
  return `${pad(bytes.readUInt16LE(0), 4)}-${pad(bytes[2])}-${pad(bytes[3])}`
}

/** A time of midnight is left out by the server, and so is a fraction of zero. */
function timeOfDay(bytes: Buffer, decimals: number): string {
  const time = `${pad(bytes[0])}:${pad(bytes[1])}:${pad(bytes[2])}`
  return time + fraction(bytes.length > 3 ? bytes.readUInt32LE(3) : 0, decimals)
}

/** A TIME: sign, days, hours, minutes, seconds, microseconds. */
function duration(bytes: Buffer, decimals: number): string {
  if (bytes.length === 0) return `00:00:00${fraction(0, decimals)}`
  const sign = bytes[0] === 1 ? '-' : ''
  const hours = bytes.readUInt32LE(1) * 24 + (bytes[5] ?? 0)
  const micros = bytes.length > 8 ? bytes.readUInt32LE(8) : 0
  return `${sign}${pad(hours)}:${pad(bytes[6])}:${pad(bytes[7])}${fraction(micros, decimals)}`
}

function fraction(micros: number, decimals: number): string {
  return decimals >= 1 && decimals <= 6 ? `.${pad(micros, 6).slice(0, decimals)}` : ''
}

function stringValue(column: Column, bytes: Buffer): SqlValue {
  if (column.charset === 'latin1') return latin1(bytes)
  const encoding = TEXT_TYPES.has(column.dataType) ? 'utf-8' : column.charset === null ? null : DECODERS[column.charset]
  if (encoding === null || encoding === undefined) return { hex: bytes.toString('hex') }
  if (encoding === 'utf-8' && bytes.length <= SHORT && isAscii(bytes)) return bytes.toString('latin1')
  return decode(encoding, bytes) ?? { hex: bytes.toString('hex') }
}

/** MySQL's latin1 is Windows code page 1252 with its five gaps filled by control characters; Node 20 knows neither. */
function latin1(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, (byte) => LATIN1_80_9F[byte.charCodeAt(0) - 0x80] ?? byte)
}

const LATIN1_80_9F = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** Most values are short and plain: to look at each byte of those is faster than to call a decoder. */
const SHORT = 64

function isAscii(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false
  return true
}

/** Making a decoder takes longer than decoding most values. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>()

function decoderOf(encoding: string) {
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  decoders.set(encoding, decoder)
  return decoder
}

function decode(encoding: string, bytes: Buffer): string | null {
  try {
    return decoderOf(encoding).decode(bytes)
  } catch {
    // What a decoder that failed keeps of the bytes before is nobody's business.
    decoders.delete(encoding)
    return null
  }
}

function pad(value = 0, length = 2): string {
  return (length === 2 ? TWO_DIGITS[value] : undefined) ?? String(value).padStart(length, '0')
}

/** Nearly every date and time is made of these. */
const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
