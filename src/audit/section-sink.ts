import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'
import { emptyDigest, singleDigest } from '../model/chunk.js'
import type { Hashing, RowHasher } from '../wire/hasher.js'
import { KeyCuts } from '../wire/key-cuts.js'
import type { Sums } from '../wire/sums.js'
import type { RowShape } from './row-shape.js'
import type { Section } from './sections.js'

/** Counts, adds up and hashes the rows of a result, section by section; the rows themselves are never kept. */
export class SectionSink implements RowSink {
  readonly #shape: RowShape
  readonly #hasher: RowHasher
  readonly #sums: Sums
  readonly #cuts: KeyCuts
  readonly #closed: Section[] = []
  #cut: string | null = null
  #rows = 0
  #bytes = 0

  /** @param apart rows of a section on average. */
  constructor(shape: RowShape, hashing: Hashing, apart: number) {
    this.#shape = shape
    this.#hasher = hashing.stream()
    this.#sums = shape.sums()
    this.#cuts = new KeyCuts(shape.types, shape.keyColumns, apart)
  }

  block(buffer: Buffer, start: number, end: number): void {
    if (this.#shape.hasJson) this.#takeOneByOne(buffer, start, end)
    else this.#takeTogether(buffer, start, end)
  }

  large(row: Buffer): void {
    this.#takeRow(row, 0, row.length)
  }

  /** What was read, at least one section; to be asked once, at the end. */
  sections(): readonly Section[] {
    this.#close()
    return this.#closed
  }

  /** Rows that lie behind each other are hashed together, as they arrived. */
  #takeTogether(buffer: Buffer, start: number, end: number): void {
    let unhashed = start
    for (let at = start; at < end; ) {
      const row = at + HEADER_BYTES
      const rowEnd = row + lengthAt(buffer, at)
      if (this.#cuts.isCut(buffer, row)) {
        this.#hasher.add(buffer, unhashed, at)
        unhashed = at
        this.#begin(buffer, row)
      }
      this.#count(buffer, row, rowEnd)
      at = rowEnd
    }
    this.#hasher.add(buffer, unhashed, end)
  }

  /** Rows whose bytes need another form before they are hashed. */
  #takeOneByOne(buffer: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const row = at + HEADER_BYTES
      at = row + lengthAt(buffer, at)
      this.#takeRow(buffer, row, at)
    }
  }

  #takeRow(buffer: Buffer, start: number, end: number): void {
    if (this.#cuts.isCut(buffer, start)) this.#begin(buffer, start)
    const normal = this.#shape.normal(buffer.subarray(start, end))
    this.#hasher.add(normal, 0, normal.length)
    this.#count(buffer, start, end)
  }

  #count(buffer: Buffer, start: number, end: number): void {
    this.#sums.add(buffer, start)
    this.#rows++
    this.#bytes += end - start
  }

  #begin(buffer: Buffer, start: number): void {
    this.#close()
    this.#cut = this.#shape.keyBytes(buffer, start).toString('latin1')
  }

  #close(): void {
    const sums = this.#sums.take()
    const digest =
      this.#rows === 0
        ? emptyDigest(sums.length)
        : singleDigest({ rows: this.#rows, bytes: this.#bytes, checksum: this.#hasher.take(), sums })
    this.#closed.push({ cut: this.#cut, digest })
    this.#rows = 0
    this.#bytes = 0
  }
}
