import { describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/model/divergence.js'
import type { Policy } from '../../src/model/repair.js'
import type { Deciding } from '../../src/repair/decide/decide.js'
import { column } from '../support/columns.js'
import { divergence, ITEM, ITEM_COLUMNS, lanes, rule, ruling } from './deciding.js'

const LATER = { ...ITEM, stock: '2', updated_at: '2026-01-01 10:00:01' }

type Told = readonly [winner: string | null, because: string]

async function told(policy: Policy, row: Divergence, other: Partial<Deciding> = {}): Promise<Told> {
  const { winner, because, wanted } = await ruling([rule(policy)], row, other)
  return [wanted.kind === 'version' ? winner : wanted.kind === 'absent' ? `${winner} (absent)` : wanted.kind, because]
}

describe('prefer', () => {
  test.each<[Divergence['rows'], Told]>([
    [{ a: ITEM, b: LATER }, ['a', 'a is preferred']],
    [{ a: null, b: ITEM }, ['a (absent)', 'a is preferred, and does not have the row']],
    [{ b: ITEM, c: null }, ['manual', 'a is preferred, and takes no part in this run']]
  ])('%j', async (rows, expected) => {
    const here = Object.keys(rows).map((master) => ({ master, increment: 2, offset: 1 }))
    expect(await told({ name: 'prefer', master: 'a' }, divergence(rows), { lanes: here })).toEqual(expected)
  })
})

describe('union', () => {
  test('inserts, and says what is missing where', async () => {
    const rows = { a: null, b: ITEM, c: ITEM }
    expect(await told({ name: 'union' }, divergence(rows))).toEqual(['b', 'what b, c have is missing on a'])
  })

  test('leaves several versions alone, also where a third master lacks the row', async () => {
    const rows = { a: ITEM, b: LATER, c: null }
    expect((await told({ name: 'union' }, divergence(rows)))[0]).toBe('manual')
  })

  test('leaves rows without a key alone', async () => {
    const rows = { a: ITEM, b: ITEM }
    expect(await told({ name: 'union' }, divergence(rows))).toEqual([
      'manual',
      'the masters hold different numbers of copies of this row, and no key names one'
    ])
  })
})

describe('by a column', () => {
  test.each<[Policy, Divergence['rows'], Told]>([
    [{ name: 'newest', column: 'updated_at' }, { a: ITEM, b: LATER }, ['b', 'updated_at is latest on b']],
    [{ name: 'oldest', column: 'UPDATED_AT' }, { a: ITEM, b: LATER }, ['a', 'updated_at is earliest on a']],
    [
      { name: 'greatest', column: 'stock' },
      { a: { ...ITEM, stock: '9' }, b: { ...ITEM, stock: '10' } },
      ['b', 'stock is greatest on b']
    ],
    [{ name: 'least', column: 'name' }, { a: ITEM, b: { ...ITEM, name: 'ink' } }, ['b', 'name is least on b']],
    [{ name: 'newest', column: 'updated_at' }, { a: ITEM, b: LATER, c: LATER }, ['b', 'updated_at is latest on b, c']],
    [{ name: 'newest', column: 'updated_at' }, { a: null, b: LATER, c: ITEM }, ['b', 'updated_at is latest on b']],
    [{ name: 'newest', column: 'stock' }, { a: ITEM, b: { ...ITEM, stock: null } }, ['manual', 'stock is NULL on b']],
    [
      { name: 'newest', column: 'updated_at' },
      { a: ITEM, b: { ...ITEM, stock: '5' }, c: { ...ITEM, updated_at: '2025-12-31 00:00:00' } },
      ['manual', 'updated_at is latest on a, b alike, and the versions differ']
    ],
    [{ name: 'newest', column: 'seen' }, { a: ITEM, b: LATER }, ['manual', 'shop.items has no compared column seen']],
    [
      { name: 'greatest', column: 'state' },
      { a: ITEM, b: { ...ITEM, state: 'PAID' } },
      ['manual', "state (enum('NEW','PAID')) has no order that all servers share"]
    ],
    [
      { name: 'newest', column: 'updated_at' },
      { a: ITEM, b: null },
      ['manual', 'newest chooses between versions, and of a missing row only one exists']
    ]
  ])('%j of %j', async (policy, rows, expected) => {
    expect(await told(policy, divergence(rows))).toEqual(expected)
  })

  test('in time, not where the zones of the masters differ, but for a TIMESTAMP', async () => {
    const clocks = async () => ({ skew: null, zones: 'the zones differ' })
    const row = divergence({ a: ITEM, b: LATER })
    const newest: Policy = { name: 'newest', column: 'updated_at' }
    expect(await told(newest, row, { clocks })).toEqual([
      'manual',
      'updated_at does not tell what is latest: the zones differ'
    ])
    expect(await told({ name: 'greatest', column: 'updated_at' }, row, { clocks })).toMatchObject(['b', {}])
    const columnsOf = () =>
      ITEM_COLUMNS.map((each) => (each.name === 'updated_at' ? column('updated_at', { dataType: 'timestamp' }) : each))
    expect((await told(newest, row, { clocks, columnsOf }))[0]).toBe('b')
  })
})

describe('majority', () => {
  test.each<[Divergence['rows'], Told]>([
    [{ a: ITEM, b: LATER, c: LATER }, ['b', '2 of 3 masters hold this version: b, c']],
    [{ a: null, b: ITEM, c: null }, ['a (absent)', '2 of 3 masters do not have the row: a, c']],
    [{ a: ITEM, b: LATER }, ['manual', 'no version is held by most masters']],
    [{ a: ITEM, b: LATER, c: null }, ['manual', 'no version is held by most masters']],
    [{ a: ITEM, b: null }, ['manual', 'no version is held by most masters']]
  ])('%j', async (rows, expected) => {
    expect(await told({ name: 'majority' }, divergence(rows))).toEqual(expected)
  })
})

describe('coalesce', () => {
  const coalesce: Policy = { name: 'coalesce' }

  test('takes each column from who has it', async () => {
    const rows = { a: { ...ITEM, stock: null }, b: { ...ITEM, name: null }, c: null }
    expect(await ruling([rule(coalesce)], divergence(rows))).toMatchObject({
      winner: null,
      because: 'NULLs are filled from the others: stock from b, name from a',
      wanted: { kind: 'merged', from: { id: 'a', stock: 'b', name: 'a', updated_at: 'a', state: 'a' } }
    })
  })

  test.each<[string, Divergence['rows'], Told]>([
    ['one version has all', { a: { ...ITEM, stock: null }, b: ITEM }, ['b', 'b lacks nothing that others have']],
    [
      'values differ',
      { a: { ...ITEM, name: null }, b: LATER, c: ITEM },
      ['manual', 'different values, none of them NULL, in stock, updated_at']
    ],
    [
      'only one version exists',
      { a: ITEM, b: null },
      ['manual', 'coalesce joins several versions, and of a missing row only one exists']
    ]
  ])('where %s', async (_, rows, expected) => {
    expect(await told(coalesce, divergence(rows))).toEqual(expected)
  })

  test('not across two different rows', async () => {
    const row = divergence({ a: ITEM, b: { ...ITEM, stock: null } }, { class: 'collision' })
    expect(await told(coalesce, row)).toEqual([
      'manual',
      'coalesce would mix two different rows that took the same key'
    ])
  })

  test('whatever generated columns make of the rest', async () => {
    const columnsOf = () => [...ITEM_COLUMNS, column('label', { generated: 'concat(stock, name)' })]
    const rows = { a: { ...ITEM, stock: null, label: 'pen' }, b: { ...ITEM, label: '1pen' } }
    expect((await told(coalesce, divergence(rows), { columnsOf }))[0]).toBe('b')
  })
})

describe('lane-owner', () => {
  const laneOwner: Policy = { name: 'lane-owner' }
  const conflict = { a: ITEM, b: LATER }

  test.each<[string, Divergence, Partial<Deciding>, Told]>([
    ['odd ids are those of a', divergence(conflict), {}, ['a', 'id 7 lies in the auto-increment lane of a']],
    [
      'even ids are those of b',
      divergence(conflict, { key: { id: '8' } }),
      {},
      ['b', 'id 8 lies in the auto-increment lane of b']
    ],
    [
      'the owner lacks the row',
      divergence({ a: null, b: ITEM }),
      {},
      ['a (absent)', 'id 7 lies in the auto-increment lane of a, which does not have the row']
    ],
    [
      'masters without lanes',
      divergence(conflict),
      { lanes: [...lanes(1), { master: 'b', increment: 2, offset: 2 }] },
      ['manual', 'auto_increment_increment is 1 on a: no lanes are apart']
    ],
    [
      'masters that share one',
      divergence(conflict),
      { lanes: lanes(2).map((lane) => ({ ...lane, offset: 1 })) },
      ['manual', 'id 7 lies in the lanes of a, b']
    ],
    [
      'an id in no lane',
      divergence(conflict),
      { lanes: lanes(2).map((lane) => ({ ...lane, increment: 10 })) },
      ['manual', 'id 7 lies in the lane of no master']
    ],
    [
      'a negative id',
      divergence(conflict, { key: { id: '-7' } }),
      {},
      ['manual', 'id is not a whole number from 0 up']
    ],
    [
      'another key',
      divergence(conflict, { key: { name: 'pen' } }),
      {},
      ['manual', 'the key has no auto-increment column']
    ]
  ])('%s', async (_, row, other, expected) => {
    expect(await told(laneOwner, row, other)).toEqual(expected)
  })
})

describe('rekey', () => {
  const collision = divergence({ a: ITEM, b: LATER }, { class: 'collision' })
  const off = lanes(2).map((lane) => ({ ...lane, increment: 1 }))
  const keeperOf = async (keep: string | null, row: Divergence, other: Partial<Deciding> = {}) => {
    const { wanted, because } = await ruling([rule({ name: 'rekey', keep })], row, other)
    return [wanted.kind === 'rekeyed' ? wanted.keeper : wanted.kind, because]
  }

  test.each<[string, string | null, Divergence, Partial<Deciding>, readonly [string | null, string]]>([
    ['by its lane', 'b', collision, {}, ['a', 'a keeps the key: id 7 lies in the auto-increment lane of a']],
    [
      'by the rule, where no lanes are apart',
      'b',
      collision,
      { lanes: off },
      ['b', 'b keeps the key: auto_increment_increment is 1 on a, b: no lanes are apart; the rule names b']
    ],
    [
      'by the rule, where the owner of the lane lacks the row',
      'b',
      divergence({ a: null, b: LATER, c: ITEM }, { class: 'collision' }),
      { lanes: lanes(3) },
      ['b', 'b keeps the key: id 7 lies in the auto-increment lane of a, which does not have the row; the rule names b']
    ],
    [
      'by nobody, where neither tells',
      null,
      collision,
      { lanes: off },
      [
        null,
        'auto_increment_increment is 1 on a, b: no lanes are apart; rekey:<master> would say whose row keeps the key'
      ]
    ],
    [
      'by nobody, where the key is not counted up',
      'a',
      { ...collision, key: { name: 'pen' } },
      {},
      [null, 'no other key can be given: the key has no auto-increment column']
    ]
  ])('%s', async (_, keep, row, other, expected) => {
    expect(await keeperOf(keep, row, other)).toEqual(expected)
  })
})

describe('what is left to people', () => {
  const row = divergence({ a: ITEM, b: LATER })

  test.each<[Policy, string]>([
    [{ name: 'manual' }, 'the rule leaves it to you'],
    [{ name: 'evidence' }, 'the binlogs were not read'],
    [{ name: 'origin' }, 'the binlogs were not read'],
    [{ name: 'merge' }, 'the binlogs were not read'],
    [{ name: 'newest', column: '@commit' }, 'the binlogs were not read']
  ])('%j', async (policy, because) => {
    expect(await told(policy, row)).toEqual(['manual', because])
  })

  test('is what looks alike in a report and is not', async () => {
    const alike = divergence({ a: ITEM, b: { ...ITEM } }, { class: 'conflict' })
    expect((await told({ name: 'newest', column: 'updated_at' }, alike))[0]).toBe('manual')
    expect((await told({ name: 'prefer', master: 'b' }, alike))[0]).toBe('b')
  })
})
