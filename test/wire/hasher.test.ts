import { expect, test } from 'vitest'
import xxhash from 'xxhash-wasm'
import { loadHashing } from '../../src/wire/hasher.js'

test.each([0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])(
  'the hash of a row of %i bytes is the XXH64 of its packet',
  async (length) => {
    const [hashing, reference] = [await loadHashing(), await xxhash()]
    const packet = Buffer.alloc(length, 'xyz')
    expect(hashing.row(packet)).toBe(reference.h64Raw(packet))
    expect(hashing.row(packet, 7n)).toBe(reference.h64Raw(packet, 7n))
  }
)
