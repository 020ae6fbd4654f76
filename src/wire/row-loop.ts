import { ColumnType, fixedLength, valuesOffset } from './protocol.js'
import { ROW_LOOP } from './row-loop-code.js'

/** How the rows of a result are laid out, and which of their columns are added up: these should follow the key. */
export interface RowLayout {
  /** The type code of every selected column; the key columns come first. */
  readonly types: readonly number[]
  readonly unsigned: readonly boolean[]
  readonly keyColumns: number
  /** The numbers of the columns to add up, all of them exact. */
  readonly summed: readonly number[]
}

/** What was taken since the total before. */
export interface RowTotal {
  readonly rows: number
  /** Of row packets, without headers. */
  readonly bytes: number
  /** XXH64, as specified by https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. */
  readonly checksum: bigint
  /** Scaled to integers, in the order of `summed`. */
  readonly sums: readonly bigint[]
}

/** Bytes in front of a row packet: its length in 3 bytes, and its sequence number. */
const HEADER_BYTES = 4

// Where the fields are that `assembly/row-loop.ts` finds set, or leaves.
const COUNTS = 80
const COUNTS_END = 104
const VALUES_FROM = 108
const KEY_COLUMNS = 112
const PASSED_COLUMNS = 116
const CUT_BELOW = 120
const SUMS_FROM = 124
const STEPS = 128
// Where they are in what is written of a total.
const ROWS = 0
const BYTES = 8
const CHECKSUM = 16
const SUMS = COUNTS_END - COUNTS
const STEP_BYTES = 4
const SUM_BYTES = 64
const LIMB_BYTES = 8

/** What the assembly calls the ways in which values are added up. */
const KINDS: Readonly<Record<number, number>> = {
  [ColumnType.tiny]: 1,
  [ColumnType.short]: 2,
  [ColumnType.long]: 4,
  [ColumnType.int24]: 4,
  [ColumnType.longlong]: 8,
  [ColumnType.newdecimal]: 16
}
const UNSIGNED = 32
const HALF_BITS = 32n
const DECIMAL_LIMB = 10n ** 9n

/** Of Node, whose types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Assembly {
  readonly memory: { readonly buffer: ArrayBuffer }
  input(): number
  inputBytes(): number
  begin(sums: number): void
  take(start: number, end: number): number
  beginsSection(row: number): number
  addRow(row: number, bytes: number): number
  hash(start: number, end: number): void
  settle(): void
}

/** The program and its memory: one for all, made when the first rows are awaited. */
class Workbench {
  readonly assembly = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(ROW_LOOP, 'base64')))
    .exports as Assembly
  readonly memory = Buffer.from(this.assembly.memory.buffer)
  readonly input = this.assembly.input()
  readonly inputBytes = this.assembly.inputBytes()
  /** Whose state is in the memory. */
  user: RowLoop | null = null
}

let shared: Workbench | null = null

function workbench(): Workbench {
  shared ??= new Workbench()
  return shared
}

/**
 * Counts, adds up and hashes rows, and finds where sections begin. That is by far the most of what an audit does, so it is
 * done in WebAssembly, whose time for a row does not depend on what V8 has seen before; see `assembly/row-loop.ts`.
 *
 * Sections begin at rows by the bytes of their keys alone: masters that have the same key divide there alike, whatever
 * other rows they lack. Known as content-defined chunking (Muthitacharoen, Chen, Mazières, "A low-bandwidth network file
 * system", 2001).
 */
export class RowLoop {
  /** Bytes of a total as it is written. */
  readonly totalBytes: number
  readonly #bench = workbench()
  /** Whether each sum is one of decimals. */
  readonly #decimals: readonly boolean[]
  readonly #sumsFrom: number
  /** Holds what the memory does while it is used by another. */
  readonly #state: Buffer

  /** @param apart rows from one beginning of a section to the next, on average; `Infinity` for none. */
  constructor({ types, unsigned, keyColumns, summed }: RowLayout, apart: number) {
    const sumsFrom = Math.ceil((STEPS + types.length * STEP_BYTES) / LIMB_BYTES) * LIMB_BYTES
    this.totalBytes = SUMS + summed.length * SUM_BYTES
    this.#decimals = summed.map((column) => types[column] === ColumnType.newdecimal)
    this.#sumsFrom = sumsFrom
    this.#state = Buffer.alloc(sumsFrom + summed.length * SUM_BYTES)
    this.#state.writeUInt32LE(valuesOffset(types.length), VALUES_FROM)
    this.#state.writeUInt32LE(keyColumns, KEY_COLUMNS)
    this.#state.writeUInt32LE(Math.max(-1, ...summed) + 1, PASSED_COLUMNS)
    this.#state.writeUInt32LE(Math.min(2 ** 32 - 1, Math.floor(2 ** 32 / apart)), CUT_BELOW)
    this.#state.writeUInt32LE(sumsFrom, SUMS_FROM)
    for (const [column, type] of types.entries()) {
      const slot = summed.indexOf(column)
      const kind = slot === -1 ? 0 : (KINDS[type] ?? 0) | (unsigned[column] ? UNSIGNED : 0)
      const step = STEPS + column * STEP_BYTES
      this.#state.writeUInt8(fixedLength(type), step)
      this.#state.writeUInt8(type === ColumnType.newdecimal ? kind & ~UNSIGNED : kind, step + 1)
      this.#state.writeUInt16LE(Math.max(0, slot), step + 2)
    }
    this.#enter().assembly.begin(summed.length)
  }

  /**
   * Takes whole row packets that lie behind each other in `buffer[start, end)`, each with its header.
   * @param onSection is called before a row is taken that begins a section, with where its packet starts.
   */
  take(buffer: Buffer, start: number, end: number, onSection: (row: number) => void): void {
    for (let from = start; from < end; ) {
      const to = fitting(buffer, from, end, this.#bench.inputBytes)
      if (to === from) {
        const next = packetEnd(buffer, from)
        this.takeRow(buffer.subarray(from + HEADER_BYTES, next), buffer.subarray(from, next), () =>
          onSection(from + HEADER_BYTES)
        )
        from = next
      } else {
        this.#takeFitting(buffer, from, to, onSection)
        from = to
      }
    }
  }

  /** Takes one row packet, without header, of which other bytes are hashed. */
  takeRow(packet: Buffer, hashed: Buffer, onSection: () => void): void {
    const { assembly, memory, input, inputBytes } = this.#enter()
    // Key and numbers stand in front of the row.
    const known = packet.copy(memory, input, 0, inputBytes)
    if (assembly.beginsSection(input)) onSection()
    if (assembly.addRow(input, packet.length) > input + known) throw tooShort(inputBytes)
    for (let at = 0; at < hashed.length; at += inputBytes) {
      const copied = hashed.copy(memory, input, at, Math.min(hashed.length, at + inputBytes))
      assembly.hash(input, input + copied)
    }
  }

  /** What was taken since the last total. A sum must not be of more than 2^31 rows. */
  total(): RowTotal {
    const written = Buffer.allocUnsafe(this.totalBytes)
    this.writeTotal(written, 0)
    return this.readTotal(written, 0)
  }

  /** Writes what was taken since the last total: the same bytes for the same rows. */
  writeTotal(into: Buffer, at: number): void {
    const { assembly, memory } = this.#enter()
    assembly.settle()
    memory.copy(into, at, COUNTS, COUNTS_END)
    memory.copy(into, at + SUMS, this.#sumsFrom, this.#state.length)
    assembly.begin(this.#decimals.length)
  }

  readTotal(from: Buffer, at: number): RowTotal {
    return {
      rows: Number(from.readBigUInt64LE(at + ROWS)),
      bytes: Number(from.readBigUInt64LE(at + BYTES)),
      checksum: from.readBigUInt64LE(at + CHECKSUM),
      sums: this.#decimals.map((isDecimal, slot) =>
        (isDecimal ? decimalAt : integerAt)(from, at + SUMS + slot * SUM_BYTES)
      )
    }
  }

  #takeFitting(buffer: Buffer, start: number, end: number, onSection: (row: number) => void): void {
    const { assembly, memory, input, inputBytes } = this.#enter()
    const last = input + buffer.copy(memory, input, start, end)
    for (let at = input; ; ) {
      at = assembly.take(at, last)
      if (at === 0) throw tooShort(inputBytes)
      if (at === last) return
      onSection(start + at - input + HEADER_BYTES)
    }
  }

  /** Puts what is in the memory aside, if it is not of this loop. */
  #enter(): Workbench {
    const bench = this.#bench
    if (bench.user !== this) {
      if (bench.user !== null) bench.user.#leave()
      this.#state.copy(bench.memory)
      bench.user = this
    }
    return bench
  }

  #leave(): void {
    this.#bench.memory.copy(this.#state, 0, 0, this.#state.length)
  }
}

/** Where the last row ends that is taken in one go with the first; `start` if not even that one fits. */
function fitting(buffer: Buffer, start: number, end: number, most: number): number {
  if (end - start <= most) return end
  let to = start
  for (let next = packetEnd(buffer, to); next <= end && next - start <= most; next = packetEnd(buffer, to)) {
    to = next
    if (to === end) return to
  }
  return to
}

function packetEnd(buffer: Buffer, at: number): number {
  return at + HEADER_BYTES + buffer.readUIntLE(at, 3)
}

function tooShort(known: number): Error {
  return new Error(`a row packet ends before its last value, or its numbers lie beyond ${known} bytes`)
}

function integerAt(from: Buffer, at: number): bigint {
  return from.readBigInt64LE(at) + (from.readBigInt64LE(at + LIMB_BYTES) << HALF_BITS)
}

function decimalAt(from: Buffer, at: number): bigint {
  let sum = 0n
  for (let limb = at + SUM_BYTES - LIMB_BYTES; limb >= at; limb -= LIMB_BYTES) {
    sum = sum * DECIMAL_LIMB + from.readBigInt64LE(limb)
  }
  return sum
}
