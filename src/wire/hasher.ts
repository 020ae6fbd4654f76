import xxhash, { type XXHash } from 'xxhash-wasm'

/** Calls into WebAssembly cost more than copying a row, so short pieces are gathered in a buffer of this many bytes. */
const GATHER_BYTES = 64 * 1024
/** From this length on, a call costs less than copying twice. */
const DIRECT_BYTES = 4 * 1024

export interface Hashing {
  /** XXH64 of one row packet; the seed is 0 unless given. */
  row(packet: Uint8Array, seed?: bigint): bigint
  /** A new running XXH64 over many row packets. */
  stream(): RowHasher
}

/** A running XXH64. A row packet delimits its own values, so no separator is needed between packets. */
export interface RowHasher {
  add(buffer: Uint8Array, start: number, end: number): void
  /** The hash of what was added; the next row begins another one. */
  take(): bigint
}

/** XXH64 as specified by https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. */
export async function loadHashing(): Promise<Hashing> {
  const hash = await xxhash()
  const stream = (seed?: bigint) => new GatheringHasher(() => hash.create64(seed))
  return {
    stream: () => stream(),
    row(packet, seed) {
      if (packet.length <= GATHER_BYTES) return hash.h64Raw(packet, seed)
      const hasher = stream(seed)
      hasher.add(packet, 0, packet.length)
      return hasher.take()
    }
  }
}

class GatheringHasher implements RowHasher {
  readonly #begin: () => XXHash<bigint>
  #hash: XXHash<bigint>
  readonly #gathered = Buffer.allocUnsafeSlow(GATHER_BYTES)
  #filled = 0

  constructor(begin: () => XXHash<bigint>) {
    this.#begin = begin
    this.#hash = begin()
  }

  add(buffer: Uint8Array, start: number, end: number): void {
    // Larger rows go in pieces: WebAssembly memory grows to the largest input and never shrinks.
    for (let at = start; at < end; ) {
      const rest = end - at
      if (this.#filled === GATHER_BYTES || rest >= DIRECT_BYTES) this.#empty()
      const length = Math.min(rest, GATHER_BYTES - this.#filled)
      if (length >= DIRECT_BYTES) this.#hash.update(buffer.subarray(at, at + length))
      else this.#gather(buffer, at, length)
      at += length
    }
  }

  #gather(buffer: Uint8Array, at: number, length: number): void {
    this.#gathered.set(buffer.subarray(at, at + length), this.#filled)
    this.#filled += length
  }

  take(): bigint {
    this.#empty()
    const taken = this.#hash.digest()
    this.#hash = this.#begin()
    return taken
  }

  #empty(): void {
    if (this.#filled === 0) return
    this.#hash.update(this.#gathered.subarray(0, this.#filled))
    this.#filled = 0
  }
}
