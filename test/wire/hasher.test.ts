import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import xxhash from 'xxhash-wasm'
import { type Hashing, loadHashing } from '../../src/wire/hasher.js'
import { type Cell, int, NULL, rowPacket, text } from '../support/row-packet.js'

let hashing: Hashing
let oracle: (bytes: Uint8Array) => bigint

beforeAll(async () => {
  hashing = await loadHashing()
  const reference = await xxhash()
  oracle = (bytes) => reference.h64Raw(bytes)
})

function streamed(rows: readonly Uint8Array[]): bigint {
  const hasher = hashing.stream()
  for (const row of rows) hasher.add(row, 0, row.length)
  return hasher.take()
}

function rowsHash(...rows: readonly (readonly Cell[])[]): bigint {
  return streamed(rows.map(rowPacket))
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.integer({ min: minLength, max: maxLength }), fc.nat({ max: 255 }))
    .map(([length, byte]) => new Uint8Array(length).map((_, at) => (at + byte) % 251))
}

/** Rows of which some are long enough to be hashed where they lie, and some longer than what is gathered at once. */
const packets = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 3, arbitrary: bytes(4_090, 4_100) },
    { weight: 2, arbitrary: bytes(4_000, 64_000) },
    { weight: 1, arbitrary: bytes(65_530, 200_000) }
  ),
  { maxLength: 30 }
)

describe('a stream of rows', () => {
  test('has the hash of all its bytes together', () =>
    fc.assert(
      fc.property(packets, (rows) => {
        expect(streamed(rows)).toBe(oracle(Buffer.concat(rows)))
      })
    ))

  test('takes only the part of a buffer that is the row', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(), (buffer, from, length) => {
        const start = from % buffer.length
        const end = Math.min(buffer.length, start + length)
        const hasher = hashing.stream()
        hasher.add(buffer, start, end)
        expect(hasher.take()).toBe(oracle(buffer.subarray(start, end)))
      })
    ))

  test('keeps the order of short rows between rows that are hashed where they lie', () => {
    const rows = [10, 4_096, 20, 4_095, 61_430, 30, 65_536 + 7].map((length, at) => Buffer.alloc(length, at + 1))
    expect(streamed(rows)).toBe(oracle(Buffer.concat(rows)))
  })

  test.each([2_048, 3_000, 4_095])('takes short rows of %i bytes that together are more than is gathered', (length) => {
    const rows = Array.from({ length: 50 }, (_, at) => Buffer.alloc(length, at))
    expect(streamed(rows)).toBe(oracle(Buffer.concat(rows)))
  })

  test('copies rows, for the buffer is only lent', () => {
    const buffer = Buffer.from('first')
    const hasher = hashing.stream()
    hasher.add(buffer, 0, buffer.length)
    buffer.write('other')
    expect(hasher.take()).toBe(oracle(Buffer.from('first')))
  })

  test.each([64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 5_000_000])('takes one row of %i bytes', (length) => {
    const row = Buffer.alloc(length, 'abcdefg')
    expect(streamed([row])).toBe(oracle(row))
  })

  test('is not disturbed by another that runs beside it', () => {
    const [left, right] = [hashing.stream(), hashing.stream()]
    const big = Buffer.alloc(100_000, 1)
    left.add(big, 0, big.length)
    right.add(Buffer.from('x'), 0, 1)
    left.add(big, 0, big.length)
    expect(right.take()).toBe(oracle(Buffer.from('x')))
    expect(left.take()).toBe(oracle(Buffer.concat([big, big])))
  })

  test('without rows has the XXH64 of nothing, as the specification gives it', () => {
    expect(streamed([])).toBe(0xef46db3751d8e999n)
  })
})

describe('the hash of one row', () => {
  test.each([0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])('of %i bytes is the XXH64 of its packet', (length) => {
    const packet = Buffer.alloc(length, 'xyz')
    expect(hashing.row(packet)).toBe(oracle(packet))
  })
})

describe('rows that a careless checksum takes for the same', () => {
  test('NULL and an empty string differ', () => {
    expect(rowsHash([NULL])).not.toBe(rowsHash([text('')]))
  })

  test('values with the separator of other tools in them differ', () => {
    expect(rowsHash([text('a#b'), text('c')])).not.toBe(rowsHash([text('a'), text('b#c')]))
  })

  test('a NULL in another column differs', () => {
    expect(rowsHash([NULL, text('a')])).not.toBe(rowsHash([text('a'), NULL]))
  })

  test('a value swapped between two rows is seen: adding or XORing values would find the same total', () => {
    const before = rowsHash([int(1), text('10')], [int(2), text('20')])
    expect(rowsHash([int(1), text('20')], [int(2), text('10')])).not.toBe(before)
  })

  test('the same change to an even number of rows is seen: XORed row hashes of equal rows cancel out', () => {
    const twice = (value: string) => rowsHash([text(value)], [text(value)])
    expect(twice('old')).not.toBe(twice('new'))
  })

  test('a value moved to the next row differs', () => {
    expect(rowsHash([text('ab')], [text('c')])).not.toBe(rowsHash([text('a')], [text('bc')]))
  })
})
