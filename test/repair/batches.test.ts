import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RowChange, Step } from '../../src/model/repair.js'
import type { LiveRow } from '../../src/repair/apply/apply-run.js'
import { type Batch, halvesOf } from '../../src/repair/apply/batches.js'
import { orderChanges, stepsOf } from '../../src/repair/order/order.js'
import { change, factsOf, writable } from './facts.js'
import { changesBetween, mended, shopFacts, TO_TEAM, twoStates } from './random-changes.js'
import { RowStore } from './row-store.js'

const facts = shopFacts(TO_TEAM)
const [teams] = facts

/** Every change is made on both of these masters. */
const MASTERS = ['b', 'c']

/** The changes as a batch on all masters, and the rows that they belong to. */
function batchOf(changes: readonly RowChange[]): { batch: Batch; rows: ReadonlyMap<number, LiveRow> } {
  const rows = new Map<number, LiveRow>()
  const live = changes.map(() => ({ held: new Map() }) as unknown as LiveRow)
  const batch = MASTERS.map((master, of) => {
    const own = changes.map((each, at) => ({ ...each, id: of * changes.length + at + 1, master }))
    for (const [at, { id }] of own.entries()) rows.set(id, live[at] as LiveRow)
    const { moves } = orderChanges(own, factsOf(...facts))
    return { master, steps: stepsOf(moves, (each, column) => `-${each.id}${column.length}`, factsOf(...facts)) }
  })
  return { batch, rows }
}

/** Parts a batch until it cannot be parted any more. */
function partsOf(batch: Batch, rows: ReadonlyMap<number, LiveRow>): readonly Batch[] {
  const halves = halvesOf(batch, rows)
  return halves.length === 1 ? [batch] : halves.flatMap((half) => partsOf(half, rows))
}

const stepsIn = (batch: Batch): readonly Step[] => batch.flatMap(({ steps }) => steps)

test('parts of a batch can be made one after the other on every master, and each as a whole', () => {
  fc.assert(
    fc.property(twoStates, (given) => {
      const states = { ...given, from: mended(facts, given.from), to: mended(facts, given.to) }
      const { batch, rows } = batchOf(changesBetween(facts, states))
      const parts = partsOf(batch, rows)
      expect(parts.flatMap(stepsIn)).toHaveLength(stepsIn(batch).length)
      for (const master of MASTERS) {
        const store = new RowStore(facts, states.from)
        for (const part of parts) {
          const own = stepsIn(part.filter((each) => each.master === master))
          for (const step of own) store.run(step)
          const lastOf = new Map(own.map((step) => [step.change.id, step.kind]))
          expect([...lastOf.values()], 'no row is left parked').not.toContain('park')
        }
        for (const { ref } of facts) {
          expect(new Map([...store.rows(ref.table)].sort())).toEqual(new Map([...(states.to[ref.table] ?? [])].sort()))
        }
      }
      for (const part of parts) {
        const ownRows = stepsIn(part).map((step) => rows.get(step.change.id))
        const others = parts.filter((other) => other !== part).flatMap(stepsIn)
        expect(others.filter((step) => ownRows.includes(rows.get(step.change.id)))).toEqual([])
      }
    })
  )
})

test('rows that do not need each other are parted down to single ones', () => {
  const table = writable(teams)
  const changes = Array.from({ length: 7 }, (_, at) =>
    change(at + 1, table, null, { id: `${at}`, code: `${at}`, tag: 'NULL' })
  )
  const { batch, rows } = batchOf(changes)
  expect(halvesOf(batch, rows).map((half) => stepsIn(half).length)).toEqual([8, 6])
  expect(partsOf(batch, rows).map((part) => stepsIn(part).length)).toEqual(Array(7).fill(2))
})
