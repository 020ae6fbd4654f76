import { describe, expect, test } from 'vitest'
import type { Evidence, RowEvent } from '../../src/model/evidence.js'
import type { Policy, Wanted } from '../../src/model/repair.js'
import type { Deciding } from '../../src/repair/decide/decide.js'
import { divergence, ITEM, ITEM_COLUMNS, rule, ruling } from './deciding.js'

const EVIDENCE: Policy = { name: 'evidence' }
const ORIGIN: Policy = { name: 'origin' }
const COMMIT: Policy = { name: 'newest', column: '@commit' }
const MERGE: Policy = { name: 'merge' }

const [MORE, RENAMED] = [
  { ...ITEM, stock: '2' },
  { ...ITEM, name: 'ink' }
]

function event(master: string, other: Partial<RowEvent> = {}): RowEvent {
  const at = '2026-01-01T10:00:00Z'
  const gtid = `0-${master}-1`
  return { master, gtid, serverId: 1, at, kind: 'update', local: true, last: true, heldBy: [master], ...other }
}

function evidence(verdict: Evidence['verdict'], events: readonly RowEvent[], other: Partial<Evidence> = {}): Evidence {
  return { verdict, because: verdict, events, base: null, ...other }
}

async function wanted(
  policy: Policy,
  rows: Parameters<typeof divergence>[0],
  found: Evidence,
  other: Partial<Deciding> = {}
): Promise<Wanted> {
  return (await ruling([rule(policy)], divergence(rows, { evidence: found }), other)).wanted
}

const MANUAL = { kind: 'manual' }
const of = (master: string) => ({ kind: 'version', master })

describe('one change came last', () => {
  const inserted = evidence('never-arrived', [event('a', { kind: 'insert' })])
  const deleted = evidence('deleted', [event('a', { kind: 'delete' }), event('b', { last: false })])

  test.each([EVIDENCE, ORIGIN])('%j inserts what never arrived', async (policy) => {
    expect(await wanted(policy, { a: ITEM, b: null }, inserted)).toEqual(of('a'))
  })

  test.each([EVIDENCE, ORIGIN])('%j deletes what was deleted', async (policy) => {
    expect(await wanted(policy, { a: null, b: ITEM }, deleted)).toEqual({ kind: 'absent' })
  })

  test.each([EVIDENCE, ORIGIN, COMMIT])('%j needs no clock for it', async (policy) => {
    const updated = evidence('never-arrived', [event('b')])
    const clocks = async () => ({ skew: 'one clock is ahead', zones: null })
    expect(await wanted(policy, { a: ITEM, b: MORE }, updated, { clocks })).toEqual(of('b'))
  })
})

describe('changes were made independently', () => {
  const twice = (left: string, right: string) =>
    evidence('concurrent-update', [event('a', { at: left }), event('b', { at: right })])

  test.each<[string, string, unknown]>([
    ['2026-01-01T10:00:02Z', '2026-01-01T10:00:01Z', of('a')],
    ['2026-01-01T10:00:02Z', '2026-01-01T10:00:02Z', MANUAL],
    ['2026-01-01T10:00:02.000001Z', '2026-01-01T10:00:02.000002Z', of('b')],
    ['2026-01-01T10:00:02.900000Z', '2026-01-01T10:00:02Z', MANUAL],
    ['2026-01-01T10:00:03.000000Z', '2026-01-01T10:00:02Z', of('a')]
  ])('the later commit wins: %s or %s', async (left, right, expected) => {
    for (const policy of [EVIDENCE, COMMIT]) {
      expect(await wanted(policy, { a: ITEM, b: MORE }, twice(left, right))).toEqual(expected)
    }
    expect(await wanted(ORIGIN, { a: ITEM, b: MORE }, twice(left, right))).toEqual(MANUAL)
  })

  test('and nobody wins where clocks differ, or where the later row is nowhere any more', async () => {
    const found = twice('2026-01-01T10:00:02Z', '2026-01-01T10:00:09Z')
    const clocks = async () => ({ skew: 'one clock is ahead', zones: null })
    expect(await wanted(EVIDENCE, { a: ITEM, b: MORE }, found, { clocks })).toEqual(MANUAL)
    const overwritten = evidence('concurrent-update', [
      event('a', { heldBy: ['a', 'b'] }),
      event('b', { at: '2026-01-01T10:00:09Z', heldBy: [] })
    ])
    expect(await wanted(EVIDENCE, { a: ITEM, b: MORE }, overwritten)).toEqual(MANUAL)
  })

  test('and of two rows under one key, one lives on when the other was deleted', async () => {
    const late = { at: '2026-01-01T10:00:09Z' }
    const events = [event('a', { kind: 'delete', ...late }), event('b', { kind: 'insert' })]
    expect(await wanted(EVIDENCE, { a: null, b: ITEM }, evidence('double-insert', events))).toEqual(of('b'))
    expect(await wanted(EVIDENCE, { a: null, b: ITEM }, evidence('concurrent-update', events))).toEqual({
      kind: 'absent'
    })
  })

  test('and the version that a master holds counts, not the master that wrote it', async () => {
    const crosswise = evidence('crosswise', [
      event('a', { at: '2026-01-01T10:00:02Z', heldBy: ['b'] }),
      event('b', { at: '2026-01-01T10:00:01Z', heldBy: ['a'] })
    ])
    expect(await wanted(EVIDENCE, { a: ITEM, b: MORE }, crosswise)).toEqual(of('b'))
  })
})

describe('nothing is proven', () => {
  const known = evidence('unknown', [
    event('a', { at: '2026-01-01T10:00:02Z' }),
    event('b', { at: '2026-01-01T10:00:01Z' })
  ])

  test('and nobody wins', async () => {
    for (const policy of [EVIDENCE, ORIGIN]) {
      expect(await wanted(policy, { a: ITEM, b: MORE }, known)).toEqual(MANUAL)
    }
  })

  test('but times of commits may be known all the same', async () => {
    expect(await wanted(COMMIT, { a: ITEM, b: MORE }, known)).toEqual(of('a'))
    const half = evidence('unknown', [event('a')])
    expect(await wanted(COMMIT, { a: ITEM, b: MORE }, half)).toEqual(MANUAL)
  })
})

describe('merge', () => {
  const from = (base: typeof ITEM | null) => evidence('concurrent-update', [], { base })

  test('takes each column from whoever changed it', async () => {
    const { wanted: merged, because } = await ruling(
      [rule(MERGE)],
      divergence({ a: MORE, b: RENAMED }, { evidence: from(ITEM) })
    )
    expect(merged).toMatchObject({ kind: 'merged', from: { stock: 'a', name: 'b' } })
    expect(because).toBe('changed since all had the same row: stock on a, name on b')
  })

  test('takes a whole version where that holds every change', async () => {
    const both = { ...MORE, name: 'ink' }
    expect(await wanted(MERGE, { a: MORE, b: both }, from(ITEM))).toEqual(of('b'))
  })

  test('leaves a column to people that was changed in two ways', async () => {
    expect(await wanted(MERGE, { a: MORE, b: { ...ITEM, stock: '3' } }, from(ITEM))).toEqual(MANUAL)
    expect(await wanted(MERGE, { a: MORE, b: RENAMED }, from(null))).toEqual(MANUAL)
  })

  test('takes the later time of a column that the server sets', async () => {
    const columnsOf = () => ITEM_COLUMNS.map((each) => ({ ...each, onUpdateNow: each.name === 'updated_at' }))
    const rows = {
      a: { ...MORE, updated_at: '2026-01-01 10:00:05' },
      b: { ...RENAMED, updated_at: '2026-01-01 10:00:06' }
    }
    expect(await wanted(MERGE, rows, from(ITEM), { columnsOf })).toMatchObject({
      from: { stock: 'a', name: 'b', updated_at: 'b' }
    })
  })
})
