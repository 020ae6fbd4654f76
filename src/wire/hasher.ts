import xxhash from 'xxhash-wasm'

/** WebAssembly memory grows to the largest input and never shrinks, so longer ones go in pieces. */
const PIECE_BYTES = 64 * 1024

export interface Hashing {
  /**
   * XXH64 of one row packet, as specified by https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; the seed is 0
   * unless given. Where rows follow each other, see {@link RowLoop}.
   */
  row(packet: Uint8Array, seed?: bigint): bigint
}

export async function loadHashing(): Promise<Hashing> {
  const hash = await xxhash()
  return {
    row(packet, seed) {
      if (packet.length <= PIECE_BYTES) return hash.h64Raw(packet, seed)
      const running = hash.create64(seed)
      for (let at = 0; at < packet.length; at += PIECE_BYTES) running.update(packet.subarray(at, at + PIECE_BYTES))
      return running.digest()
    }
  }
}
