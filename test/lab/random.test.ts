import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cents, Random } from '../../src/lab/random.js'

describe('Random', () => {
  it('draws the same from the same seed and stream', () => {
    const draw = (seed: number, stream: string) => new Random(seed, stream).hex(64)
    expect(draw(1, 'orders')).toBe(draw(1, 'orders'))
    expect(draw(1, 'orders')).not.toBe(draw(2, 'orders'))
    expect(draw(1, 'orders')).not.toBe(draw(1, 'items'))
  })

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(100), (seed, low, span) => {
        const value = new Random(seed, 'bounds').between(low, low + span)
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(low + span)
      })
    )
  })

  it('draws as many bytes as it is asked for', () => {
    for (const bytes of [1, 4, 5, 16])
      expect(new Random(1, 'bytes').hex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
  })

  it('refuses to pick from nothing', () => {
    expect(() => new Random(1, 'none').pick([])).toThrow(RangeError)
  })
})

it('writes cents with two decimals', () => {
  expect([40_279, 5, 100, 0].map(cents)).toEqual(['402.79', '0.05', '1.00', '0.00'])
})
