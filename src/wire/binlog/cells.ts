import { CellType } from './codes.js'
import { decimalBytes } from './decimal.js'
import type { CellLayout } from './table-map.js'

/** The cells of one row image. Valid only while it is handed over. */
export interface RowCells {
  /** The bytes of a column without a length before them; `null` for NULL, `undefined` when the image leaves it out. */
  cell(column: number): Buffer | null | undefined
}

/** An image has a cell of a type whose size is not known, so nothing behind it can be read. */
export class UnknownCell extends Error {
  constructor(readonly type: number) {
    super(`columns of type ${type} cannot be read from a binlog`)
  }
}

const ABSENT = -2
const NULL = -1
const UNKNOWN = -1

/** Cuts one row image after the other; keeps only where cells start and end. Made once for a table, for it is asked often. */
export class ImageCutter implements RowCells {
  readonly #types: readonly number[]
  /** Bytes of the length before a value; 0 where the type tells the length, which is then in `#fixed`. */
  readonly #prefixes: Uint8Array
  readonly #fixed: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  #buffer: Buffer = Buffer.alloc(0)

  constructor(cells: readonly CellLayout[]) {
    this.#types = cells.map(({ type }) => type)
    this.#prefixes = Uint8Array.from(cells, prefixBytes)
    this.#fixed = Int32Array.from(cells, (layout) => (prefixBytes(layout) > 0 ? 0 : fixedBytes(layout)))
    this.#starts = new Int32Array(cells.length)
    this.#ends = new Int32Array(cells.length)
  }

  /**
   * Cuts the image that starts at `from`, and returns where the next one starts.
   * @param present has a bit for every column, set when images hold it.
   * @throws {UnknownCell}
   */
  cut(buffer: Buffer, from: number, present: Buffer): number {
    this.#buffer = buffer
    const columns = this.#types.length
    let at = from + ((bitsIn(present, columns) + 7) >> 3)
    let bit = 0
    for (let column = 0; column < columns; column++) {
      if (!hasBit(present, 0, column)) this.#starts[column] = ABSENT
      else if (hasBit(buffer, from, bit++)) this.#starts[column] = NULL
      else at = this.#cutCell(buffer, at, column)
    }
    return at
  }

  cell(column: number): Buffer | null | undefined {
    const start = this.#starts[column] ?? ABSENT
    if (start === ABSENT) return undefined
    return start === NULL ? null : this.#buffer.subarray(start, this.#ends[column])
  }

  #cutCell(buffer: Buffer, at: number, column: number): number {
    const prefix = this.#prefixes[column] ?? 0
    const length = prefix > 0 ? buffer.readUIntLE(at, prefix) : (this.#fixed[column] ?? UNKNOWN)
    if (length === UNKNOWN) throw new UnknownCell(this.#types[column] ?? 0)
    this.#starts[column] = at + prefix
    this.#ends[column] = at + prefix + length
    return at + prefix + length
  }
}

function hasBit(buffer: Buffer, from: number, bit: number): boolean {
  return ((buffer[from + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0
}

function bitsIn(present: Buffer, columns: number): number {
  let count = 0
  for (let column = 0; column < columns; column++) if (hasBit(present, 0, column)) count++
  return count
}

/** Bytes of the length before the value. */
function prefixBytes({ type, meta }: CellLayout): number {
  switch (type) {
    case CellType.varchar:
    case CellType.varString:
    case CellType.string:
    case CellType.compressedVarchar:
      return meta > 255 ? 2 : 1
    case CellType.tinyBlob:
    case CellType.mediumBlob:
    case CellType.longBlob:
    case CellType.blob:
    case CellType.compressedBlob:
    case CellType.json:
    case CellType.geometry:
    case CellType.vector:
      return meta
    default:
      return 0
  }
}

/** Bytes of a value whose length its type tells. */
function fixedBytes({ type, meta }: CellLayout): number {
  switch (type) {
    case CellType.tiny:
    case CellType.year:
      return 1
    case CellType.short:
      return 2
    case CellType.int24:
    case CellType.date:
    case CellType.newDate:
      return 3
    case CellType.long:
    case CellType.float:
      return 4
    case CellType.longlong:
    case CellType.double:
      return 8
    case CellType.timestamp2:
      return 4 + fractionBytes(meta)
    case CellType.datetime2:
      return 5 + fractionBytes(meta)
    case CellType.time2:
      return 3 + fractionBytes(meta)
    case CellType.newDecimal:
      return decimalBytes(meta & 0xff, meta >> 8)
    case CellType.bit:
      return (meta >> 8) + ((meta & 0xff) > 0 ? 1 : 0)
    case CellType.enum:
    case CellType.set:
      return meta & 0xff
    default:
      return UNKNOWN
  }
}

/** Bytes of a fraction of a second with so many digits. */
export function fractionBytes(digits: number): number {
  return (digits + 1) >> 1
}
