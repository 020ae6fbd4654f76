import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foresee } from '../../src/failover/outlook.js'
import type { LackedChange, Side } from '../../src/failover/written-rows.js'
import type { RowValues } from '../../src/model/value.js'
import { numRuns } from '../report/runs.js'

const row = (v: string): RowValues => ({ id: '1', v })
const insert = (v: string): LackedChange => ({ first: 'insert', after: row(v) })
const update = (v: string): LackedChange => ({ first: 'update', after: row(v) })
const remove: LackedChange = { first: 'delete', after: null }

function look(
  states: Readonly<Record<string, RowValues | null>>,
  lacked: Readonly<Record<string, LackedChange>>,
  sides: readonly Side[] = ['own']
) {
  const known = { states: new Map(Object.entries(states)), lacked: new Map(Object.entries(lacked)) }
  return foresee({ ...known, sides: new Set(sides), columns: ['id', 'v'] })
}

test.each([
  ['an insert that is unsent', { a: row('x'), b: null }, { b: insert('x') }, 'arrives'],
  ['a change that is unsent', { a: row('y'), b: row('x') }, { b: update('y') }, 'arrives'],
  ['a delete that is unsent', { a: null, b: row('x') }, { b: remove }, 'arrives'],
  ['a change that was repaired already', { a: row('y'), b: row('y') }, { b: update('y') }, 'agrees'],
  ['an insert that was repaired already', { a: row('x'), b: row('x') }, { b: insert('x') }, 'stops'],
  ['a change of a row that is gone', { a: row('y'), b: null }, { b: update('y') }, 'stops'],
  ['a change that was taken back on both', { a: row('x'), b: row('x') }, { b: update('y') }, 'differs'],
  ['an unsent change of a row that differed before', { a: row('y'), b: row('z') }, { b: update('q') }, 'differs']
] as const)('%s', (_, states, lacked, outlook) => {
  expect(look(states, lacked).outlook).toBe(outlook)
})

test('changes on both sides cross, and leave each master with what the other wrote', () => {
  const crossing = look({ a: row('a'), b: row('b') }, { a: update('b'), b: update('a') }, ['own', 'others'])
  expect(crossing).toMatchObject({ outlook: 'both-sides', bothSides: true, stoppedOn: [] })
})

test('inserts on both sides stop both appliers', () => {
  const collision = look({ a: row('a'), b: row('b') }, { a: insert('b'), b: insert('a') }, ['own', 'others'])
  expect(collision).toMatchObject({ outlook: 'stops', stoppedOn: ['a', 'b'] })
  expect(collision.because).toMatch(/^written on both sides; the applier of a would stop with 1062.*of b would stop/)
})

test('an image that lacks columns changes only those it has', () => {
  const lacked = { b: { first: 'update', after: { v: 'y' } } } as const
  expect(look({ a: row('y'), b: row('x') }, lacked).outlook).toBe('arrives')
})

interface Change {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly after: RowValues | null
}

/** One after the other, as an applier does it: what it leaves, or the error at which it stops. */
function applied(state: RowValues | null, changes: readonly Change[]): RowValues | null | 'stopped' {
  let now = state
  for (const { kind, after } of changes) {
    if ((kind === 'insert') !== (now === null)) return 'stopped'
    now = after
  }
  return now
}

test('what is foreseen is what appliers do, change by change', () => {
  const value = fc.constantFrom('x', 'y', 'z')
  const held = fc.option(value.map(row), { nil: null })
  const steps = fc.array(fc.tuple(fc.boolean(), value), { maxLength: 4 })
  // A history that can have happened: each change fits what the one before has left.
  const history = (start: RowValues | null, list: readonly (readonly [boolean, string])[]): readonly Change[] => {
    let now = start
    return list.map(([deletes, v]) => {
      const kind = now === null ? 'insert' : deletes ? 'delete' : 'update'
      now = kind === 'delete' ? null : row(v)
      return { kind, after: now }
    })
  }
  fc.assert(
    fc.property(held, held, held, steps, (a, b, origin, list) => {
      const changes = history(origin, list)
      const [first] = changes
      const last = changes.at(-1)
      if (first === undefined || last === undefined) return
      const end = applied(b, changes)
      const { outlook } = look({ a, b }, { b: { first: first.kind, after: last.after } })
      if (end === 'stopped') expect(outlook).toBe('stops')
      else expect(outlook === 'agrees' || outlook === 'arrives').toBe(JSON.stringify(end) === JSON.stringify(a))
    }),
    { numRuns }
  )
})
