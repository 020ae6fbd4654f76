import { ColumnType } from '../protocol.js'
import { decimalText } from './decimal.js'
import { packedDatetime, packedTime } from './temporal.js'

/**
 * JSON as MySQL stores it, as text. Source of the layout: `sql-common/json_binary.h`. Numbers and the order of members are
 * as stored; `canonicalJson` brings both this text and the server's into one form.
 *
 * @param printTime prints a temporal value of the binary protocol with all six digits of its fraction.
 */
export function jsonText(value: Buffer, printTime: PrintTime): string {
  // A column that was added without a default has no bytes at all.
  return value.length === 0 ? 'null' : new Reader(printTime).value(value[0] ?? 0, value.subarray(1))
}

/** Prints a value of this type code. */
export type PrintTime = (type: number, bytes: Buffer) => string

const Kind = {
  smallObject: 0,
  largeObject: 1,
  smallArray: 2,
  largeArray: 3,
  literal: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  double: 11,
  string: 12,
  opaque: 15
} as const

const LITERALS = ['null', 'true', 'false'] as const

class Reader {
  readonly #printTime: PrintTime

  constructor(printTime: PrintTime) {
    this.#printTime = printTime
  }

  value(kind: number, bytes: Buffer): string {
    switch (kind) {
      case Kind.smallObject:
      case Kind.largeObject:
        return `{${this.#members(bytes, kind === Kind.smallObject ? 2 : 4).join(',')}}`
      case Kind.smallArray:
      case Kind.largeArray:
        return `[${this.#items(bytes, kind === Kind.smallArray ? 2 : 4).join(',')}]`
      case Kind.string:
        return JSON.stringify(withLength(bytes).toString('utf8'))
      case Kind.opaque:
        return this.#opaque(bytes[0] ?? 0, withLength(bytes.subarray(1)))
      default:
        return scalar(kind, bytes)
    }
  }

  #members(bytes: Buffer, size: 2 | 4): readonly string[] {
    const count = bytes.readUIntLE(0, size)
    const keys = 2 * size
    const values = keys + count * (size + 2)
    return Array.from({ length: count }, (_, index) => {
      const entry = keys + index * (size + 2)
      const start = bytes.readUIntLE(entry, size)
      const name = bytes.toString('utf8', start, start + bytes.readUInt16LE(entry + size))
      return `${JSON.stringify(name)}:${this.#entry(bytes, values + index * (size + 1), size)}`
    })
  }

  #items(bytes: Buffer, size: 2 | 4): readonly string[] {
    const count = bytes.readUIntLE(0, size)
    return Array.from({ length: count }, (_, index) => this.#entry(bytes, 2 * size + index * (size + 1), size))
  }

  /** A value that fits stands in its entry; of any other the entry says where it is. */
  #entry(bytes: Buffer, at: number, size: 2 | 4): string {
    const kind = bytes[at] ?? 0
    const start = isInline(kind, size) ? at + 1 : bytes.readUIntLE(at + 1, size)
    return this.value(kind, bytes.subarray(start))
  }

  #opaque(type: number, data: Buffer): string {
    switch (type) {
      case ColumnType.newdecimal:
        return decimalText(data.subarray(2), data[0] ?? 0, data[1] ?? 0)
      case ColumnType.date:
        return JSON.stringify(this.#printTime(type, packedDatetime(data.readBigInt64LE(0)).subarray(0, 4)))
      case ColumnType.datetime:
      case ColumnType.timestamp:
        return JSON.stringify(this.#printTime(type, packedDatetime(data.readBigInt64LE(0))))
      case ColumnType.time:
        return JSON.stringify(this.#printTime(type, packedTime(data.readBigInt64LE(0))))
      default:
        return JSON.stringify(`base64:type${type}:${data.toString('base64')}`)
    }
  }
}

function isInline(kind: number, size: 2 | 4): boolean {
  if (kind === Kind.literal || kind === Kind.int16 || kind === Kind.uint16) return true
  return size === 4 && (kind === Kind.int32 || kind === Kind.uint32)
}

function scalar(kind: number, bytes: Buffer): string {
  switch (kind) {
    case Kind.literal:
      return LITERALS[bytes[0] ?? 0] ?? 'null'
    case Kind.int16:
      return String(bytes.readInt16LE(0))
    case Kind.uint16:
      return String(bytes.readUInt16LE(0))
    case Kind.int32:
      return String(bytes.readInt32LE(0))
    case Kind.uint32:
      return String(bytes.readUInt32LE(0))
    case Kind.int64:
      return String(bytes.readBigInt64LE(0))
    case Kind.uint64:
      return String(bytes.readBigUInt64LE(0))
    case Kind.double:
      return String(bytes.readDoubleLE(0))
    default:
      throw new Error(`JSON of kind ${kind}`)
  }
}

/** Seven bits of the length in each byte, the lowest first; the eighth says that more follow. */
function withLength(bytes: Buffer): Buffer {
  let length = 0
  let at = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0
    length += (byte & 0x7f) * 2 ** shift
    if ((byte & 0x80) === 0) break
  }
  return bytes.subarray(at, at + length)
}
