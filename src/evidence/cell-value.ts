import type { Column } from '../model/table.js'
import type { SqlValue } from '../model/value.js'
import { enumMembers } from '../sql/literal.js'
import { CellType } from '../wire/binlog/codes.js'
import { decimalText } from '../wire/binlog/decimal.js'
import { jsonText } from '../wire/binlog/jsonb.js'
import type { CellLayout } from '../wire/binlog/table-map.js'
import { datetimeValue, dateValue, timestampValue, timeValue } from '../wire/binlog/temporal.js'
import { display, readsText, type WireColumn } from '../wire/display.js'
import { canonicalJson } from '../wire/json-value.js'
import { ColumnType } from '../wire/protocol.js'

/** Digits of the longest fraction of a second. */
const MICROS = 6

/**
 * The value of a cell as the audit prints it; `undefined` where that is not known for its type.
 *
 * @param own the column as the master of the binlog has it.
 * @param form the column in the form in which it is compared.
 */
export function cellValue(cell: Buffer, layout: CellLayout, own: Column, form: Column): SqlValue | undefined {
  const { type, meta } = layout
  switch (type) {
    case CellType.tiny:
    case CellType.short:
    case CellType.int24:
    case CellType.long:
    case CellType.longlong:
      return wholeNumber(integer(cell, own.unsigned), form)
    case CellType.year:
      return wholeNumber(cell[0] === 0 ? 0n : BigInt(1900 + (cell[0] ?? 0)), form)
    case CellType.newDecimal:
      return decimal(decimalText(cell, meta & 0xff, meta >> 8), form)
    case CellType.float:
      return floating(cell.readFloatLE(0), form)
    case CellType.double:
      return floating(cell.readDoubleLE(0), form)
    case CellType.date:
    case CellType.newDate:
      return moment(form.dataType === 'date' ? dateValue(cell) : atMidnight(dateValue(cell)), form)
    case CellType.datetime2:
      return moment(datetimeValue(cell, meta), form)
    case CellType.timestamp2:
      return moment(timestampValue(cell, meta), form)
    case CellType.time2:
      return display(form, printed(ColumnType.time, fractionDigits(form)), timeValue(cell, meta))
    default:
      return otherValue(cell, type, own)
  }
}

function otherValue(cell: Buffer, type: number, own: Column): SqlValue | undefined {
  switch (type) {
    case CellType.enum:
      return readable(own) ? enumMember(cell.readUIntLE(0, cell.length), own) : undefined
    case CellType.set:
      return readable(own) ? setMembers(cell, own) : undefined
    case CellType.json:
      return canonicalJson(jsonText(cell, printTime)) ?? undefined
    case CellType.bit:
    case CellType.geometry:
    case CellType.vector:
      return { hex: cell.toString('hex') }
    case CellType.varchar:
    case CellType.varString:
    case CellType.string:
    case CellType.tinyBlob:
    case CellType.blob:
    case CellType.mediumBlob:
    case CellType.longBlob:
      return string(cell, own)
    default:
      return undefined
  }
}

/** Types of MariaDB that are texts to everybody and other bytes to the storage engine: UUID, INET6 and their like. */
const TEXTS_ELSEWHERE = new Set(['uuid', 'inet4', 'inet6'])

function string(cell: Buffer, own: Column): SqlValue | undefined {
  if (TEXTS_ELSEWHERE.has(own.dataType)) return undefined
  return display(own, printed(0xfd), own.dataType === 'binary' ? padded(cell, own) : cell)
}

/** Zeros at the end of a BINARY are not logged. */
function padded(cell: Buffer, { columnType }: Column): Buffer {
  const length = Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 1)
  return cell.length >= length ? cell : Buffer.concat([cell, Buffer.alloc(length - cell.length)])
}

function integer(cell: Buffer, unsigned: boolean): bigint {
  if (cell.length === 8) return unsigned ? cell.readBigUInt64LE(0) : cell.readBigInt64LE(0)
  return BigInt(unsigned ? cell.readUIntLE(0, cell.length) : cell.readIntLE(0, cell.length))
}

function wholeNumber(value: bigint, form: Column): SqlValue | undefined {
  switch (form.dataType) {
    case 'decimal':
      return decimal(String(value), form)
    case 'year':
      return String(value).padStart(4, '0')
    default:
      return zerofilled(String(value), form)
  }
}

function zerofilled(digits: string, { columnType }: Column): string {
  const width = /zerofill/i.test(columnType) ? Number(/\((\d+)/.exec(columnType)?.[1] ?? 0) : 0
  return digits.padStart(width, '0')
}

/** With as many digits after the point as its form has. */
function decimal(digits: string, { scale, columnType }: Column): SqlValue | undefined {
  if (/zerofill/i.test(columnType)) return undefined
  const [whole = '', fraction = ''] = digits.split('.')
  return scale === null || scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0')}`
}

function floating(value: number, form: Column): SqlValue | undefined {
  if (/zerofill/i.test(form.columnType)) return undefined
  const single = form.dataType === 'float'
  const bytes = Buffer.alloc(single ? 4 : 8)
  if (single) bytes.writeFloatLE(value)
  else bytes.writeDoubleLE(value)
  return display(form, printed(single ? ColumnType.float : ColumnType.double), bytes)
}

function moment(bytes: Buffer, form: Column): SqlValue {
  const type = form.dataType === 'date' ? ColumnType.date : ColumnType.datetime
  return display(form, printed(type, fractionDigits(form)), bytes)
}

function atMidnight(date: Buffer): Buffer {
  return Buffer.concat([date, Buffer.alloc(7)])
}

function fractionDigits({ columnType }: Column): number {
  return Number(/\((\d+)\)/.exec(columnType)?.[1] ?? 0)
}

function readable({ charset }: Column): boolean {
  return charset !== null && readsText(charset)
}

/** Counted from 1; what was no member is kept as number 0. */
function enumMember(number: number, own: Column): SqlValue | undefined {
  const member = number === 0 ? '' : enumMembers(own)[number - 1]
  return member === undefined || isMaimed(member) ? undefined : member
}

function setMembers(cell: Buffer, own: Column): SqlValue | undefined {
  const bits = cell.length === 8 ? cell.readBigUInt64LE(0) : BigInt(cell.readUIntLE(0, cell.length))
  const members = enumMembers(own).filter((_, at) => (bits & (1n << BigInt(at))) !== 0n)
  return members.some(isMaimed) ? undefined : members.join(',')
}

/** The servers' own catalogue has a question mark for every character beyond the basic plane. */
function isMaimed(member: string): boolean {
  return member.includes('?')
}

function printTime(type: number, bytes: Buffer): string {
  const text = display(ANY, printed(type, MICROS), bytes)
  return typeof text === 'string' ? text : ''
}

function printed(type: number, decimals = 0): WireColumn {
  return { type, unsigned: false, zerofill: false, displayLength: 0, decimals }
}

/** A column of which nothing but its type in the protocol matters. */
const ANY: Column = {
  name: '',
  dataType: '',
  columnType: '',
  unsigned: false,
  nullable: true,
  charset: null,
  collation: null,
  scale: null,
  precision: null,
  autoIncrement: false,
  generated: null,
  defaultValue: null,
  onUpdateNow: false
}
