import { describe, expect, test } from 'vitest'
import { MmauditError } from '../../src/model/errors.js'
import type { Override, Policy } from '../../src/model/repair.js'
import { Decider } from '../../src/repair/decide/decide.js'
import { divergence, ITEM, ITEM_COLUMNS, lanes, plainJudge, rule, ruling } from './deciding.js'

const PREFER_A: Policy = { name: 'prefer', master: 'a' }
const PREFER_B: Policy = { name: 'prefer', master: 'b' }
const MISSING = divergence({ a: ITEM, b: null })
const CONFLICT = divergence({ a: ITEM, b: { ...ITEM, stock: '2' } })

describe('the rule that decides', () => {
  test('is the first that matches', async () => {
    const rules = [
      rule(PREFER_A, { classes: ['collision'] }),
      rule(PREFER_B, { name: 'rule 2', tables: ['shop.*'] }),
      rule(PREFER_A, { name: 'rule 3' })
    ]
    expect(await ruling(rules, CONFLICT)).toEqual({
      rule: 'rule 2',
      policy: 'prefer:b',
      because: 'b is preferred',
      winner: 'b',
      wanted: { kind: 'version', master: 'b' }
    })
  })

  test('decides although a later one could do what it cannot', async () => {
    const rules = [rule({ name: 'newest', column: 'updated_at' }), rule({ name: 'union' })]
    expect(await ruling(rules, MISSING)).toMatchObject({ rule: 'rule 1', wanted: { kind: 'manual' } })
  })

  test('is none where nothing matches', async () => {
    const other = rule(PREFER_A, { tables: ['shop.orders', 'crm.*'] })
    expect(await ruling([other], CONFLICT)).toEqual({
      rule: null,
      policy: 'manual',
      because: 'no rule matches',
      winner: null,
      wanted: { kind: 'manual' }
    })
  })

  test.each<[string, readonly string[], boolean]>([
    ['with just these columns', ['stock'], true],
    ['with one of them, in other letters', ['name', 'STOCK'], true],
    ['with others besides', ['name'], false]
  ])('goes by the columns that differ: %s', async (_, columns, matches) => {
    expect((await ruling([rule(PREFER_A, { columns })], CONFLICT)).rule).toBe(matches ? 'rule 1' : null)
  })

  test.each([
    ['is missing', MISSING],
    ['is missing on a third master', divergence({ ...CONFLICT.rows, c: null })]
  ])('never goes by columns where the row %s', async (_, row) => {
    expect(await ruling([rule(PREFER_A, { columns: ['stock'] })], row)).toMatchObject({ rule: null })
  })

  test('goes by its condition, asked once for each table', async () => {
    const asked: unknown[] = []
    const elsewhere = { ...MISSING, table: 'orders' }
    const decider = new Decider({
      rules: [rule(PREFER_B, { when: 'b' }), rule(PREFER_A, { name: 'rule 2', when: 'a' })],
      overrideOf: () => null,
      lanes: lanes(2),
      columnsOf: () => ITEM_COLUMNS,
      clocks: () => Promise.reject(new Error('not needed')),
      judge: {
        ...plainJudge,
        holds: (question) => {
          asked.push([question.rule, question.table, question.rows.length])
          return plainJudge.holds(question)
        }
      }
    })
    const rulings = await decider.decide([MISSING, CONFLICT, elsewhere, { ...MISSING, rows: { a: null, b: ITEM } }])
    expect(rulings.map((each) => each.rule)).toEqual(['rule 2', 'rule 1', 'rule 2', 'rule 1'])
    expect(asked).toEqual([
      ['rule 1', 'shop.items', 3],
      ['rule 1', 'shop.orders', 1],
      ['rule 2', 'shop.items', 1],
      ['rule 2', 'shop.orders', 1]
    ])
  })

  test('is none with a condition on a table of which no columns are known', async () => {
    const judge = { ...plainJudge, holds: () => Promise.reject(new Error('cannot be asked')) }
    const other = { judge, columnsOf: () => [] }
    expect(await ruling([rule(PREFER_A, { when: 'a' })], CONFLICT, other)).toMatchObject({ rule: null })
  })

  test('is refused with a condition that would leave its parentheses', async () => {
    const broken = () => ruling([rule(PREFER_A, { when: 'a.id = 1) OR (1 = 1' })], CONFLICT)
    await expect(broken).rejects.toThrow(MmauditError)
    await expect(broken).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^rule 1: .*not closed$/)
    })
  })
})

describe('a decision by hand', () => {
  const byHand = (override: Override, row = CONFLICT) => ruling([rule(PREFER_A)], row, { overrideOf: () => override })

  test.each<[Override, object]>([
    [{ winner: 'b' }, { winner: 'b', because: 'b was chosen by hand', wanted: { kind: 'version', master: 'b' } }],
    ['delete', { winner: null, because: 'deleted by hand', wanted: { kind: 'absent' } }],
    ['skip', { winner: null, because: 'skipped by hand', wanted: { kind: 'manual' } }]
  ])('goes before every rule: %j', async (override, expected) => {
    expect(await byHand(override)).toEqual({ rule: '--decisions', policy: 'by hand', ...expected })
  })

  test('for a master without the row deletes it elsewhere', async () => {
    expect(await byHand({ winner: 'b' }, MISSING)).toMatchObject({ winner: 'b', wanted: { kind: 'absent' } })
  })
})

test('a row that a master could not show is left alone, whatever was said', async () => {
  const other = { lanes: lanes(3), overrideOf: () => ({ winner: 'a' }) }
  expect(await ruling([rule(PREFER_A)], CONFLICT, other)).toMatchObject({
    rule: null,
    because: 'master c was not read',
    wanted: { kind: 'manual' }
  })
})

test('clocks are read at most once, and only where a rule goes by time', async () => {
  let read = 0
  const decider = new Decider({
    rules: [rule({ name: 'newest', column: 'updated_at' })],
    overrideOf: () => null,
    lanes: lanes(2),
    columnsOf: () => ITEM_COLUMNS,
    judge: plainJudge,
    clocks: async () => {
      read++
      return { skew: 'the clocks differ', zones: null }
    }
  })
  await decider.decide([MISSING])
  expect(read).toBe(0)
  const [first, second] = await decider.decide([CONFLICT, { ...CONFLICT }])
  expect(first).toMatchObject({ because: 'updated_at does not tell what is latest: the clocks differ' })
  expect(second).toEqual(first)
  expect(read).toBe(1)
})
