import { describe, expect, test } from 'vitest'
import type { Divergence } from '../../src/model/divergence.js'
import { PolicyChoices } from '../../src/repair/decide/choices.js'
import { divergence, ITEM, ITEM_COLUMNS, lanes, plainJudge } from './deciding.js'

const LATER = { ...ITEM, stock: '2', updated_at: '2026-01-01 10:00:01' }

async function choices(masters: number, ...batches: readonly (readonly Divergence[])[]) {
  let asked = 0
  const found = new PolicyChoices({
    lanes: lanes(masters),
    columnsOf: () => ITEM_COLUMNS,
    judge: plainJudge,
    clocks: async () => {
      asked++
      return { skew: null, zones: null }
    }
  })
  for (const batch of batches) await found.add(batch)
  expect(asked).toBeLessThan(2)
  return found.list()
}

const short = (list: Awaited<ReturnType<typeof choices>>) =>
  list.map(({ class: cls, policy, changes, manual }) => [
    cls,
    policy,
    Object.fromEntries(Object.entries(changes).map(([master, each]) => [master, Object.values(each).join()])),
    manual
  ])

describe('what can be chosen', () => {
  test('for missing rows', async () => {
    const rows = [divergence({ a: ITEM, b: null }), divergence({ a: null, b: { ...ITEM, id: '9' } })]
    const list = await choices(2, rows)
    expect(list[0]).toEqual({
      database: 'shop',
      table: 'items',
      class: 'missing',
      rows: 2,
      policy: 'union',
      changes: { a: { insert: 1, update: 0, delete: 0 }, b: { insert: 1, update: 0, delete: 0 } },
      manual: 0
    })
    expect(short(list)).toEqual([
      ['missing', 'union', { a: '1,0,0', b: '1,0,0' }, 0],
      ['missing', 'prefer:a', { b: '1,0,1' }, 0],
      ['missing', 'prefer:b', { a: '1,0,1' }, 0],
      ['missing', 'lane-owner', { b: '1,0,1' }, 0]
    ])
  })

  test('for conflicts, over several batches', async () => {
    const first = divergence({ a: ITEM, b: { ...ITEM, name: null }, c: ITEM })
    const second = divergence({ a: ITEM, b: LATER, c: null })
    expect(short(await choices(3, [first], [second]))).toEqual([
      ['conflict', 'prefer:a', { b: '0,2,0', c: '1,0,0' }, 0],
      ['conflict', 'prefer:b', { a: '0,2,0', c: '1,1,0' }, 0],
      ['conflict', 'prefer:c', { a: '0,0,1', b: '0,1,1' }, 0],
      ['conflict', 'majority', { b: '0,1,0' }, 1],
      ['conflict', 'newest:updated_at', { a: '0,1,0', c: '1,0,0' }, 1],
      ['conflict', 'oldest:updated_at', { b: '0,1,0', c: '1,0,0' }, 1],
      ['conflict', 'coalesce', { b: '0,1,0' }, 1],
      ['conflict', 'lane-owner', { b: '0,2,0', c: '1,0,0' }, 0]
    ])
  })

  test('goes by times only that differ somewhere, and by lanes only that number the key', async () => {
    const row = divergence({ a: ITEM, b: { ...ITEM, stock: '2' } }, { key: { name: 'pen' } })
    expect((await choices(2, [row])).map((choice) => choice.policy)).toEqual(['prefer:a', 'prefer:b', 'coalesce'])
  })

  test('is told apart by table and class', async () => {
    const rows = { a: ITEM, b: LATER }
    const list = await choices(2, [
      divergence(rows),
      divergence(rows, { class: 'collision' }),
      divergence(rows, { table: 'orders' })
    ])
    const groups = [...new Set(list.map((choice) => `${choice.table} ${choice.class} ${choice.rows}`))]
    expect(groups).toEqual(['items conflict 1', 'items collision 1', 'orders conflict 1'])
  })
})
