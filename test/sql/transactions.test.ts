import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RowChange, Step } from '../../src/model/repair.js'
import { inTransactions } from '../../src/sql/transactions.js'
import { column } from '../support/columns.js'
import { writable, writableTable } from '../support/writable.js'

const MOST_STEPS = 200
const MOST_CHARACTERS = 4_000_000
const table = writableTable([writable(column('id')), writable(column('body'))])

function change(id: number, length: number): RowChange {
  return {
    id,
    master: 'b',
    table,
    before: { id: `${id}`, body: '' },
    after: { id: `${id}`, body: 'x'.repeat(length) },
    why: ''
  }
}

const write = (each: RowChange): Step => ({
  kind: 'write',
  change: each,
  before: each.before,
  after: each.after,
  needs: [],
  children: []
})
const park = (each: RowChange): Step => ({ ...write(each), kind: 'park' })

/** Steps in which some rows are parked first, for a while. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.record({ parkedFor: fc.integer({ min: -5, max: 30 }), large: fc.integer({ min: 0, max: 20 }) }), {
    maxLength: 900
  })
  .map((rows) => {
    const places = rows.flatMap(({ parkedFor, large }, at): (readonly [number, Step])[] => {
      const each = change(at + 1, large === 0 ? 900_000 : 10)
      const later = at + Math.max(0, parkedFor) + 0.5
      return parkedFor > 0
        ? [
            [at, park(each)],
            [later, write(each)]
          ]
        : [[at, write(each)]]
    })
    return places.sort(([left], [right]) => left - right).map(([, step]) => step)
  })

const sizeOf = (each: readonly Step[]) => each.reduce((sum, { after }) => sum + (after?.body?.length ?? 0), 0)

/** Rows that are parked after these steps. */
function parkedAfter(done: readonly Step[]): ReadonlySet<number> {
  const parked = new Set<number>()
  for (const step of done) {
    if (step.kind === 'park') parked.add(step.change.id)
    else parked.delete(step.change.id)
  }
  return parked
}

describe('cutting steps into transactions', () => {
  test('keeps all of them in order, leaves no row parked, and holds to the bounds where it can', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const transactions = inTransactions(given)
        expect(transactions.flat()).toEqual(given)
        for (const transaction of transactions) {
          expect(transaction.length).toBeGreaterThan(0)
          expect(parkedAfter(transaction).size).toBe(0)
          // Without the last step, or the last rows that were parked, it was within the bounds.
          const last = transaction.findLastIndex((_, at) => at > 0 && parkedAfter(transaction.slice(0, at)).size === 0)
          const rest = transaction.slice(0, Math.max(0, last))
          expect(rest.length).toBeLessThan(MOST_STEPS)
          expect(sizeOf(rest)).toBeLessThan(MOST_CHARACTERS)
        }
      }),
      { numRuns: 50 }
    )
  })

  test('fills a transaction before it begins another', () => {
    const given = Array.from({ length: 450 }, (_, at) => write(change(at + 1, 1)))
    expect(inTransactions(given).map((transaction) => transaction.length)).toEqual([200, 200, 50])
    expect(inTransactions([])).toEqual([])
  })

  test('gives a family one of its own, however large', () => {
    const given = Array.from({ length: 450 }, (_, at) => {
      const each = write(change(at + 1, 1))
      const inFamily = at >= 10 && at < 310
      return inFamily ? { ...each, change: { ...each.change, family: at < 305 ? 'x' : 'y' } } : each
    })
    expect(inTransactions(given).map((transaction) => transaction.length)).toEqual([10, 295, 5, 140])
  })

  test('goes beyond the bounds rather than leave a row parked', () => {
    const parked = change(1000, 1)
    const between = Array.from({ length: 250 }, (_, at) => write(change(at + 1, 1)))
    const given = [park(parked), ...between, write(parked), write(change(1001, 1))]
    expect(inTransactions(given).map((transaction) => transaction.length)).toEqual([252, 1])
  })
})
