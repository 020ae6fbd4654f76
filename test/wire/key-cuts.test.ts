import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyCuts } from '../../src/wire/key-cuts.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { int, rowPacket, text } from '../support/row-packet.js'

const VARCHAR = 0xfd
const APART = 16

function share(keys: readonly string[]): number {
  const cuts = new KeyCuts([VARCHAR], 1, APART)
  return keys.filter((key) => cuts.isCut(rowPacket([text(key)]), 0)).length / keys.length
}

describe('cuts', () => {
  test('depend on the key alone, wherever the row lies and whatever it holds', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.string(),
        fc.string(),
        fc.nat({ max: 50 }),
        (...[key, one, other, before]) => {
          const cuts = new KeyCuts([ColumnType.long, VARCHAR], 1, 2)
          const [left, right] = [rowPacket([int(key), text(one)]), rowPacket([int(key), text(other)])]
          const moved = Buffer.concat([Buffer.alloc(before, 0xff), right])
          expect(cuts.isCut(moved, before)).toBe(cuts.isCut(left, 0))
        }
      )
    ))

  test.each([1, 2, 3, 10])('come at about every so many of numbers that count by %i', (step) => {
    const cuts = new KeyCuts([ColumnType.long], 1, APART)
    const found = Array.from({ length: 10_000 }, (_, at) => cuts.isCut(rowPacket([int(at * step)]), 0)).filter(Boolean)
    expect(found.length / 10_000).toBeGreaterThan(0.5 / APART)
    expect(found.length / 10_000).toBeLessThan(2 / APART)
  })

  test('come as often among texts, also long ones with the same beginning or the same end', () => {
    const numbers = Array.from({ length: 5000 }, (_, at) => String(at).padStart(6, '0'))
    const long = 'x'.repeat(100)
    for (const keys of [numbers, numbers.map((each) => long + each), numbers.map((each) => each + long)]) {
      expect(share(keys)).toBeGreaterThan(0.5 / APART)
      expect(share(keys)).toBeLessThan(2 / APART)
    }
  })

  test('are at every row where each makes a section of its own', () => {
    const cuts = new KeyCuts([ColumnType.long], 1, 1)
    for (const key of [0, 1, -1, 2 ** 31 - 1]) expect(cuts.isCut(rowPacket([int(key)]), 0)).toBe(true)
  })
})
