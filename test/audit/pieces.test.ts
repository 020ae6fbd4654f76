import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Piece, pieces } from '../../src/audit/pieces.js'
import type { Part } from '../../src/audit/sections.js'
import { singleDigest } from '../../src/model/chunk.js'

/** Rows of a part that are compared at once, at most, and chunks of a piece. */
const MOST_ROWS = 16_384
const MOST_CHUNKS = 4

function part(number: number, rows: number, differs: boolean): Part {
  const digest = (checksum: bigint) => singleDigest({ rows, bytes: rows, checksum, sums: [] })
  return {
    range: { lower: [String(number)], upper: [String(number + 1)] },
    digests: [digest(1n), digest(differs ? 2n : 1n)]
  }
}

/** Chunks of parts that lie behind each other; most agree. */
const someChunks = fc
  .array(
    fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(0, 1, MOST_ROWS, MOST_ROWS + 1), fc.integer({ min: 2, max: 9_000 })),
        fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })
      ),
      { minLength: 1, maxLength: 5 }
    ),
    { maxLength: 20 }
  )
  .map((chunks) => {
    let number = 0
    return chunks.map((parts) => parts.map(([rows, differs]) => part(number++, rows, differs)))
  })

async function piecesOf(chunks: readonly (readonly Part[])[]) {
  async function* source() {
    yield* chunks
  }
  const found: Piece[] = []
  for await (const piece of pieces(source())) found.push({ ...piece })
  return found
}

const differing = (parts: readonly Part[]) =>
  parts.filter(({ digests }) => digests[0]?.checksum !== digests[1]?.checksum)

test('pieces hold every part once, in order, and tell the end of every chunk with its last part', () =>
  fc.assert(
    fc.asyncProperty(someChunks, async (chunks) => {
      const found = await piecesOf(chunks)
      expect(found.flatMap(({ parts }) => parts)).toEqual(chunks.flat())
      expect(found.flatMap(({ ended }) => ended)).toEqual(chunks)
      // What is counted with a piece is counted to the end of its last chunk, and no further.
      for (const { parts, ended } of found) {
        if (ended.length > 0) expect(parts.at(-1)).toBe(ended.at(-1)?.at(-1))
      }
    })
  ))

test('pieces are small: in rows that differ, unless it is a single part, and in chunks', () =>
  fc.assert(
    fc.asyncProperty(someChunks, async (chunks) => {
      for (const { parts, ended } of await piecesOf(chunks)) {
        const those = differing(parts)
        const rows = those.reduce((sum, { digests }) => sum + (digests[0]?.rows ?? 0), 0)
        if (those.filter(({ digests }) => (digests[0]?.rows ?? 0) > 0).length > 1)
          expect(rows).toBeLessThanOrEqual(MOST_ROWS)
        expect(ended.length).toBeLessThanOrEqual(MOST_CHUNKS)
      }
    })
  ))

test('chunks that agree are not held back', async () => {
  const equal = [0, 1, 2].map((number) => [part(number, 10, false)])
  expect((await piecesOf(equal)).map(({ parts }) => parts.length)).toEqual([1, 1, 1])
})

test('chunks behind one that differs are compared with it', async () => {
  const chunks = [0, 1, 2, 3, 4, 5].map((number) => [part(number, 10, number === 1)])
  expect((await piecesOf(chunks)).map(({ ended }) => ended.length)).toEqual([1, 4, 1])
})
