import type { KeyRange } from './range.js'

/** One unit of comparison: a key range that every master reads with the same bounds. */
export interface Chunk {
  /** Position in key order, from 0. */
  readonly index: number
  readonly range: KeyRange
}

/**
 * What one master holds in a key range, read by one statement and so of one instant.
 * Two digests describe the same rows when `rows`, `sums` and `checksum` all agree.
 */
export interface Digest {
  readonly rows: number
  /**
   * XXH64 over the binary-protocol row packets in key order, or what the servers added up; all masters the same way. Of
   * several sections, see {@link addDigests}.
   */
  readonly checksum: bigint
  /** The sum of each exact numeric column, scaled to an integer (`12.30` with scale 2 is `1230n`); NULLs add nothing. */
  readonly sums: readonly bigint[]
  /** Bytes of row packets read; none where the servers added them up. */
  readonly bytes: number
  /** By what the checksum of rows that lie before these is multiplied: the base to the power of the checksums in this one. */
  readonly weight: bigint
}

/** Odd, so that no checksum on the left is lost; the multiplier of Knuth's MMIX generator. */
const FOLD = 6_364_136_223_846_793_005n
const MODULUS = 2n ** 64n

/** "Equal" is only ever said by count, sums and checksum together. */
export function sameRows(left: Digest, right: Digest): boolean {
  return (
    left.rows === right.rows && left.checksum === right.checksum && left.sums.every((sum, at) => sum === right.sums[at])
  )
}

/** Whether all masters hold the same rows. */
export function allSame(digests: readonly Digest[]): boolean {
  const [first, ...others] = digests
  return first === undefined || others.every((digest) => sameRows(first, digest))
}

/** No rows at all: what every sum of digests begins with. @param sums how many columns are added up. */
export function emptyDigest(sums: number): Digest {
  return { rows: 0, bytes: 0, checksum: 0n, sums: Array.from({ length: sums }, () => 0n), weight: 1n }
}

/** A digest with a single checksum. */
export function singleDigest(read: Omit<Digest, 'weight'>): Digest {
  return { ...read, weight: FOLD }
}

/**
 * The digest of two ranges that lie behind each other. Their checksums are the digits of one number in an odd base: the
 * same digests in the same order give the same, in whatever portions they are added, and others only by the chance that a
 * checksum of 64 bits leaves.
 */
export function addDigests(left: Digest, right: Digest): Digest {
  return {
    rows: left.rows + right.rows,
    bytes: left.bytes + right.bytes,
    checksum: (left.checksum * right.weight + right.checksum) % MODULUS,
    weight: (left.weight * right.weight) % MODULUS,
    sums: left.sums.map((sum, at) => sum + (right.sums[at] ?? 0n))
  }
}
