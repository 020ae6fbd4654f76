import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForeignKey } from '../../src/masters/table-facts.js'
import type { RowChange, RowImage } from '../../src/model/repair.js'
import { type Move, orderChanges, stepsOf } from '../../src/repair/order/order.js'
import { change, columnFacts, factsOf, writable } from './facts.js'
import { changesBetween, mended, shopFacts, TO_BOSS, TO_CODE, TO_TEAM, twoStates } from './random-changes.js'
import { RowStore } from './row-store.js'

const [teams, people] = shopFacts(TO_TEAM)

/** Parked literals that no row has. */
const parked = (each: RowChange, column: string) => `-${each.id}${column.length}`

const summary = (moves: readonly Move[]) =>
  moves.map(({ kind, change: { id } }) => (kind === 'park' ? `park ${id}` : `${id}`))

describe('the order of changes', () => {
  const [team, person] = [writable(teams), writable(people)]
  const facts = factsOf(teams, people)
  const teamRow = (id: string, code: string, tag = 'NULL'): RowImage => ({ id, code, tag })
  const personRow = (id: string, about: RowImage = {}): RowImage => ({
    ...{ id, badge: id, desk: id, team: 'NULL', boss: 'NULL', code: 'NULL' },
    ...about
  })

  test('is the one given where nothing depends on anything', () => {
    const changes = [3, 1, 2].map((id) => change(id, team, null, teamRow(`${id}`, `${id}`)))
    expect(summary(orderChanges(changes, facts).moves)).toEqual(['3', '1', '2'])
  })

  test('puts parents before children that are inserted, and after children that are deleted', () => {
    const changes = [
      change(1, person, null, personRow('1', { team: '7' })),
      change(2, team, null, teamRow('7', '7')),
      change(3, team, teamRow('8', '8'), null),
      change(4, person, personRow('4', { team: '8' }), null),
      change(5, person, personRow('5', { team: '8' }), personRow('5', { team: '7' }))
    ]
    const { moves, refused } = orderChanges(changes, facts)
    expect(summary(moves)).toEqual(['2', '1', '4', '5', '3'])
    expect(moves.map(({ needs }) => needs)).toEqual([[], [2], [], [2], [4, 5]])
    expect(refused).toEqual(new Map())
  })

  test('frees a unique value before it is taken', () => {
    const changes = [
      change(1, team, teamRow('1', '10'), teamRow('1', '20')),
      change(2, team, teamRow('2', '20'), teamRow('2', '30')),
      change(3, team, teamRow('3', '30'), null)
    ]
    expect(summary(orderChanges(changes, facts).moves)).toEqual(['3', '2', '1'])
  })

  test('parks one row of a circle', () => {
    const next = ['20', '30', '10']
    const changes = ['10', '20', '30'].map((code, at) =>
      change(at + 1, team, teamRow(`${at}`, code), teamRow(`${at}`, next[at] ?? ''))
    )
    const { moves } = orderChanges(changes, facts)
    expect(summary(moves)).toEqual(['park 1', '3', '2', '1'])
    expect(stepsOf(moves, parked, facts).map(({ before, after }) => [before?.code, after?.code])).toEqual([
      ['10', '-14'],
      ['30', '10'],
      ['20', '30'],
      ['-14', '20']
    ])
  })

  test('parks a row that is to be deleted when its children move to the row that takes its value', () => {
    const changes = [
      change(1, team, teamRow('1', '10'), null),
      change(2, team, null, teamRow('2', '10')),
      change(3, person, personRow('3', { team: '1' }), personRow('3', { team: '2' }))
    ]
    expect(summary(orderChanges(changes, facts).moves)).toEqual(['park 1', '2', '3', '1'])
  })

  test('refuses circles in columns that a foreign key knows, and what builds on them', () => {
    const coded = { ...teams, children: [TO_TEAM, TO_CODE] }
    const changes = [
      change(1, team, teamRow('1', '10'), teamRow('1', '20')),
      change(2, team, teamRow('2', '20'), teamRow('2', '10')),
      change(3, person, null, personRow('3', { code: '10' })),
      change(4, person, null, personRow('4'))
    ]
    const { moves, refused } = orderChanges(changes, factsOf(coded, { ...people, parents: [TO_TEAM, TO_CODE] }))
    expect(summary(moves)).toEqual(['4'])
    expect(refused.get(1)).toBe(
      'these rows each have to be written before the others: shop.teams (id = 1), shop.teams (id = 2)'
    )
    expect(refused.get(3)).toBe('shop.teams (id = 2) has to be written before it, and that is refused')
  })

  test('lets a row point to itself, and takes trees apart from their leaves', () => {
    const family = { ...people, parents: [TO_BOSS], children: [TO_BOSS] }
    const changes = [
      change(1, person, null, personRow('1', { boss: '1' })),
      change(2, person, personRow('2'), null),
      change(3, person, personRow('3', { boss: '2' }), null),
      change(4, person, personRow('4', { boss: '3' }), null)
    ]
    expect(summary(orderChanges(changes, factsOf(family)).moves)).toEqual(['1', '4', '3', '2'])
  })

  test.each([
    ['utf8mb4_general_ci', ['2', '1']],
    ['utf8mb4_bin', ['1', '2']]
  ])('takes texts that %s may take for equal for equal', (collation, order) => {
    const text = columnFacts('code', { dataType: 'varchar', columnType: 'varchar(9)', collation })
    const labelled = { ...teams, columns: [columnFacts('id'), text] }
    const label = writable(labelled)
    const changes = [
      change(1, label, null, { id: '1', code: "_utf8mb4 X'c3a946'" }),
      change(2, label, { id: '2', code: "'EF '" }, null)
    ]
    expect(summary(orderChanges(changes, factsOf(labelled)).moves)).toEqual(order)
  })
})

/** Other tests run at the same time on two cores. */
const SLOWNESS = 3
const TIMEOUT_MS = 120_000

describe('100,000 changes', () => {
  const facts = factsOf(teams, people)
  const table = writable(teams)
  const many = Array.from({ length: 100_000 }, (_, at) => at)
  const timed = (changes: readonly RowChange[]) => {
    const start = process.cpuUsage()
    const order = orderChanges(changes, facts)
    return { order, ms: process.cpuUsage(start).user / 1000 }
  }

  test.each([
    ['in one circle', (at: number) => (at + 1) % many.length],
    ['in a chain', (at: number) => at + 1],
    ['in circles of two', (at: number) => at ^ 1],
    ['thrown about', (at: number) => (at * 7919 + 13) % many.length]
  ])(
    '%s are ordered in two seconds',
    (_, next) => {
      const row = (at: number, code: number): RowImage => ({ id: `${at}`, code: `${code}`, tag: `${code}` })
      const { order, ms } = timed(many.map((at) => change(at + 1, table, row(at, at), row(at, next(at)))))
      expect(order.refused.size).toBe(0)
      expect(ms).toBeLessThan(2_000 * SLOWNESS)
    },
    TIMEOUT_MS
  )
})

/** All changes from one state to another, made in the order found. */
function check(keys: readonly ForeignKey[]): void {
  const facts = shopFacts(...keys)
  fc.assert(
    fc.property(twoStates, (given) => {
      const states = { ...given, from: mended(facts, given.from), to: mended(facts, given.to) }
      const changes = changesBetween(facts, states)
      const { moves, refused } = orderChanges(changes, factsOf(...facts))
      const store = new RowStore(facts, states.from)
      for (const step of stepsOf(moves, parked, factsOf(...facts))) store.run(step)
      if (keys.length === 1) expect(refused).toEqual(new Map())
      const rowOf = ({ table, before, after }: RowChange) =>
        store.rows(table.ref.table).get((before ?? after)?.id ?? '') ?? null
      expect(changes.map(rowOf)).toEqual(changes.map((each) => (refused.has(each.id) ? each.before : each.after)))
    }),
    { numRuns: 5 * Number(process.env.MMAUDIT_RUNS ?? 100) }
  )
}

describe('random changes', () => {
  test(
    'never meet a taken value, a missing parent or a child in the way, and all are made',
    () => {
      check([TO_TEAM])
    },
    TIMEOUT_MS
  )

  test(
    'with rows that point to rows of their own table, are made or refused',
    () => {
      check([TO_TEAM, TO_BOSS])
    },
    TIMEOUT_MS
  )
})
