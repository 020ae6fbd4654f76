import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RowChange } from '../../src/model/repair.js'
import type { LiveRow } from '../../src/repair/apply/apply-run.js'
import { batchesOf, halvesOf } from '../../src/repair/apply/batches.js'
import { orderChanges, stepsOf } from '../../src/repair/order/order.js'
import { change, factsOf, writable } from './facts.js'
import { changesBetween, mended, shopFacts, TO_TEAM, twoStates } from './random-changes.js'
import { RowStore } from './row-store.js'

const facts = shopFacts(TO_TEAM)
const [teams] = facts
const parked = (each: RowChange, column: string) => `-${each.id}${column.length}`

/** Families by the places of changes; `null` for a row by itself. */
const families = fc.infiniteStream(fc.constantFrom(null, 'x', 'y', null))

test('steps of which families are brought together can still be made one after the other', () => {
  fc.assert(
    fc.property(twoStates, families, (given, family) => {
      const states = { ...given, from: mended(facts, given.from), to: mended(facts, given.to) }
      const changes = changesBetween(facts, states).map((each): RowChange => {
        const { value } = family.next()
        return value == null ? each : { ...each, family: value }
      })
      const { moves } = orderChanges(changes, factsOf(...facts))
      const store = new RowStore(facts, states.from)
      for (const step of stepsOf(moves, parked, factsOf(...facts))) store.run(step)
      for (const { ref } of facts) {
        expect(new Map([...store.rows(ref.table)].sort())).toEqual(new Map([...(states.to[ref.table] ?? [])].sort()))
      }
    })
  )
})

const team = (id: number, master: string, other: Partial<RowChange> = {}): RowChange => ({
  ...change(id, writable(teams), null, { id: `${id}`, code: `${id}`, tag: 'NULL' }),
  master,
  ...other
})

const scriptOf = (master: string, changes: readonly RowChange[]) => {
  const { moves } = orderChanges(changes, factsOf(...facts))
  return { master, settings: [], replicas: [], steps: stepsOf(moves, parked, factsOf(...facts)) }
}

test('a family comes as one, after what stood before its first row', () => {
  const changes = [team(1, 'a', { family: 'x' }), team(2, 'a'), team(3, 'a', { family: 'x' })]
  expect(orderChanges(changes, factsOf(...facts)).moves.map((move) => move.change.id)).toEqual([1, 3, 2])
})

test('a family has a batch to itself, that is not parted, and ends where a row of it gives its key up', () => {
  const leaving = { before: { id: '2', code: '9', tag: 'NULL' }, guards: ['SELECT 1'] }
  const changes = [
    team(1, 'a', { family: 'x', ...leaving }),
    team(2, 'a'),
    team(3, 'b', { family: 'x' }),
    team(4, 'b'),
    team(5, 'b', { family: 'x' })
  ]
  const rows = new Map(changes.map(({ id }) => [id, { held: new Map() } as unknown as LiveRow]))
  const scripts = ['a', 'b'].map((master) =>
    scriptOf(
      master,
      changes.filter((each) => each.master === master)
    )
  )
  const batches = batchesOf(scripts, rows)
  const told = batches.map((batch) =>
    batch.map(({ master, steps }) => [master, ...steps.map((step) => step.change.id)])
  )
  expect(told).toEqual([
    [
      ['b', 3, 5],
      ['a', 1]
    ],
    [
      ['a', 2],
      ['b', 4]
    ]
  ])
  const [family = []] = batches
  expect(halvesOf(family, rows)).toEqual([family])
})
