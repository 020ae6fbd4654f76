import { expect, test } from 'vitest'
import type { PolicyChoice } from '../../src/model/policy-choice.js'
import { policyChoices } from '../../src/report/policy-choices.js'
import { createStyle } from '../../src/report/style.js'

const plain = createStyle(false)

function choice(over: Partial<PolicyChoice> = {}): PolicyChoice {
  return {
    database: 'retail_db',
    table: 'orders',
    class: 'conflict',
    rows: 1200,
    policy: 'prefer:a',
    changes: { b: { insert: 0, update: 1200, delete: 0 } },
    manual: 0,
    ...over
  }
}

const newest = choice({
  policy: 'newest:updated_at',
  changes: { a: { insert: 0, update: 1, delete: 0 }, b: { insert: 0, update: 1189, delete: 0 } },
  manual: 10
})
const missing = { class: 'missing', rows: 3 } as const
const union = choice({ ...missing, policy: 'union', changes: { b: { insert: 3, update: 0, delete: 0 } } })
const drop = choice({ ...missing, policy: 'prefer:b', changes: { a: { insert: 1, update: 0, delete: 2 } } })

test('lays out by table and class what each policy would do', () => {
  expect(policyChoices([union, drop, choice(), newest], ['a', 'b'], plain, 100).join('\n')).toBe(
    `What each policy would do

retail_db.orders  missing  3 rows
  policy    on a                 on b       left manual
  union     ·                    3 inserts            ·
  prefer:b  1 insert, 2 deletes  ·                    ·

retail_db.orders  conflict  1,200 rows
  policy             on a      on b           left manual
  prefer:a           ·         1,200 updates            ·
  newest:updated_at  1 update  1,189 updates           10

Name one for each class, and a dry run prints the exact statements:
  mmaudit diff --repair --dry-run --policy missing=… --policy conflict=…`
  )
})

test('with more masters than fit, uses signs', () => {
  const text = policyChoices([union, drop], ['a', 'b', 'c'], plain, 60).join('\n')
  expect(text).toContain(`
  +3 inserts, ~3 updates, −3 deletes three rows

retail_db.orders  missing  3 rows
  policy    on a   on b  on c  left manual
  union     ·      +3    ·               ·
  prefer:b  +1 −2  ·     ·               ·
`)
})

test('names from the database cannot command the terminal', () => {
  const text = policyChoices([choice({ table: 'x\u001b[2J', policy: 'newest:\u001b[2J' })], ['a', 'b'], plain, 100)
  expect(text.join('\n')).not.toContain('\u001b')
})

test('marks deletes', () => {
  const text = policyChoices([drop], ['a', 'b'], createStyle(true), 100).join('\n')
  expect(text).toContain('\u001b[31m1 insert, 2 deletes\u001b[39m')
})

test('says nothing without choices', () => {
  expect(policyChoices([], ['a', 'b'], plain, 100)).toEqual([])
})
