import { lengthPrefix, prefixedLength } from '../protocol.js'
import { CellType } from './codes.js'

/** How the cells of one column are laid out in row images. */
export interface CellLayout {
  /** One of {@link CellType}; for strings the real type, ENUM and SET included. */
  readonly type: number
  /** What the type needs to know besides: digits, length of the length, longest value. */
  readonly meta: number
}

/** What a table map event says of the table whose rows follow. */
export interface TableMap {
  readonly database: string
  readonly table: string
  readonly cells: readonly CellLayout[]
}

/** Reads the table map whose post-header (6 bytes of table id, 2 of flags) has been passed. */
export function readTableMap(buffer: Buffer, from: number): TableMap {
  const database = shortText(buffer, from)
  const table = shortText(buffer, database.end)
  const columns = prefixedLength(buffer, table.end)
  const types = table.end + lengthPrefix(buffer[table.end] ?? 0)
  const metadata = types + columns
  let at = metadata + lengthPrefix(buffer[metadata] ?? 0)
  const cells: CellLayout[] = []
  for (let column = 0; column < columns; column++) {
    const type = buffer[types + column] ?? 0
    cells.push(cellLayout(buffer, at, type))
    at += metadataBytes(type)
  }
  return { database: database.text, table: table.text, cells }
}

/** A length of one byte, the text, and a zero. */
function shortText(buffer: Buffer, at: number): { readonly text: string; readonly end: number } {
  const end = at + 1 + (buffer[at] ?? 0)
  return { text: buffer.toString('utf8', at + 1, end), end: end + 1 }
}

function cellLayout(buffer: Buffer, at: number, type: number): CellLayout {
  switch (metadataBytes(type)) {
    case 1:
      return { type, meta: buffer[at] ?? 0 }
    case 2:
      return type === CellType.string ? stringLayout(buffer[at] ?? 0, buffer[at + 1] ?? 0) : twoBytes(buffer, at, type)
    default:
      return { type, meta: 0 }
  }
}

/** VARCHAR has its longest length, BIT its bits and bytes, DECIMAL its digits in all and after the point. */
function twoBytes(buffer: Buffer, at: number, type: number): CellLayout {
  return { type, meta: buffer.readUInt16LE(at) }
}

/** Lengths of CHAR above 255 hide two bits in the type: see `Field_string::do_save_field_metadata`. */
function stringLayout(first: number, second: number): CellLayout {
  if ((first & 0x30) !== 0x30) return { type: first | 0x30, meta: second | (((first & 0x30) ^ 0x30) << 4) }
  return { type: first, meta: second }
}

function metadataBytes(type: number): number {
  switch (type) {
    case CellType.float:
    case CellType.double:
    case CellType.timestamp2:
    case CellType.datetime2:
    case CellType.time2:
    case CellType.json:
    case CellType.geometry:
    case CellType.vector:
    case CellType.compressedBlob:
    case CellType.tinyBlob:
    case CellType.mediumBlob:
    case CellType.longBlob:
    case CellType.blob:
      return 1
    case CellType.varchar:
    case CellType.bit:
    case CellType.newDecimal:
    case CellType.enum:
    case CellType.set:
    case CellType.varString:
    case CellType.string:
    case CellType.compressedVarchar:
      return 2
    default:
      return 0
  }
}
