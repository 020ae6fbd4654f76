import { addDigests, type Digest, emptyDigest, singleDigest } from '../model/chunk.js'
import type { RowLoop } from '../wire/row-loop.js'
import type { Section } from './sections.js'

const FIRST_BYTES = 32 * 1024
/** In front of a section: the length of the key it begins with, or this where it begins with the range. */
const LENGTH_BYTES = 4
const NO_CUT = -1

/** Memory of lists that are no longer needed. */
const spare: Buffer[] = []

/**
 * The sections of one result, as bytes. Of chunks that agree, which are nearly all, nothing else is made but one digest:
 * a few objects for each section would live just long enough to be taken for old ones.
 */
export class SectionList {
  readonly #loop: RowLoop
  #bytes = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = 0

  /** @param loop what adds up the rows. */
  constructor(loop: RowLoop) {
    this.#loop = loop
  }

  /** Adds a section of the rows that were taken since the last one. @param cut the bytes of the key that it begins with. */
  close(cut: Buffer | null): void {
    const length = cut?.length ?? 0
    const end = this.#used + LENGTH_BYTES + length + this.#loop.totalBytes
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * end)
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    this.#bytes.writeInt32LE(cut === null ? NO_CUT : length, this.#used)
    cut?.copy(this.#bytes, this.#used + LENGTH_BYTES)
    this.#loop.writeTotal(this.#bytes, end - this.#loop.totalBytes)
    this.#used = end
  }

  /** Whether both hold the same sections. They may do so in other words: then they are compared one by one. */
  isSame(other: SectionList): boolean {
    return this.#bytes.subarray(0, this.#used).equals(other.#bytes.subarray(0, other.#used))
  }

  /** In key order. */
  *[Symbol.iterator](): Generator<Section, void> {
    for (let at = 0; at < this.#used; ) {
      const length = this.#bytes.readInt32LE(at)
      const from = at + LENGTH_BYTES
      const to = from + Math.max(0, length)
      const total = this.#loop.readTotal(this.#bytes, to)
      yield {
        cut: length === NO_CUT ? null : this.#bytes.toString('latin1', from, to),
        digest: total.rows === 0 ? emptyDigest(total.sums.length) : singleDigest(total)
      }
      at = to + this.#loop.totalBytes
    }
  }

  /** The digest of all of them. */
  digest(): Digest {
    const [first, ...others] = this
    if (first === undefined) throw new Error('a result without sections')
    return others.map((section) => section.digest).reduce(addDigests, first.digest)
  }

  /** Gives the memory back, to be used by another list. */
  giveBack(): void {
    this.#used = 0
    spare.push(this.#bytes)
    this.#bytes = Buffer.alloc(0)
  }
}
