import type { KeyRange } from './range.js'

/** One unit of comparison: a key range that every master reads with the same bounds. */
export interface Chunk {
  /** Position in key order, from 0. */
  readonly index: number
  readonly range: KeyRange
}

/**
 * What one master holds in a key range, read by one statement and so of one instant.
 * Two digests describe the same rows when `rows` and `checksum` both agree.
 */
export interface Digest {
  readonly rows: number
  /** XXH64 over the binary-protocol row packets in key order. */
  readonly checksum: bigint
  /** The sum of each exact numeric column, scaled to an integer (`12.30` with scale 2 is `1230n`); NULLs add nothing. */
  readonly sums: readonly bigint[]
  /** Bytes of row packets read. */
  readonly bytes: number
}

/** "Equal" is only ever said by count and checksum together. */
export function sameRows(left: Digest, right: Digest): boolean {
  return left.rows === right.rows && left.checksum === right.checksum
}
