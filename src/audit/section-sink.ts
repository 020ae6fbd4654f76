import { HEADER_BYTES, lengthAt, type RowSink } from '../masters/row-framer.js'
import { RowLoop } from '../wire/row-loop.js'
import type { RowShape } from './row-shape.js'
import { SectionList } from './section-list.js'

/** Counts, adds up and hashes the rows of a result, section by section; the rows themselves are never kept. */
export class SectionSink implements RowSink {
  readonly #shape: RowShape
  readonly #rows: RowLoop
  readonly #closed: SectionList
  /** The key that the section begins with in which rows are taken. */
  #cut: Buffer | null = null

  /** @param apart rows of a section on average. */
  constructor(shape: RowShape, apart: number) {
    this.#shape = shape
    this.#rows = new RowLoop(shape.layout, apart)
    this.#closed = new SectionList(this.#rows)
  }

  /** Rows that lie behind each other are hashed together, as they arrived. */
  block(buffer: Buffer, start: number, end: number): void {
    if (this.#shape.hasJson) this.#takeOneByOne(buffer, start, end)
    else this.#rows.take(buffer, start, end, (row) => this.#begin(buffer, row))
  }

  large(row: Buffer): void {
    this.#rows.takeRow(row, this.#shape.normal(row), () => this.#begin(row, 0))
  }

  /** What was read, at least one section; to be asked once, at the end. */
  sections(): SectionList {
    this.#closed.close(this.#cut)
    return this.#closed
  }

  /** Rows whose bytes need another form before they are hashed. */
  #takeOneByOne(buffer: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const row = at + HEADER_BYTES
      at = row + lengthAt(buffer, at)
      this.large(buffer.subarray(row, at))
    }
  }

  #begin(buffer: Buffer, start: number): void {
    this.#closed.close(this.#cut)
    this.#cut = Buffer.from(this.#shape.keyBytes(buffer, start))
  }
}
