import { expect, test } from 'vitest'
import { addCosts, type Costs } from '../../src/model/costs.js'

const AUDIT: Costs = {
  masters: { b: { queries: 4, rows: 50, bytes: 600 }, a: { queries: 1, rows: 2, bytes: 3 } },
  throttled: { seconds: 2, reasons: { lag: 2 } }
}

test('costs of two parts of a run add up by master and by reason', () => {
  const repair: Costs = {
    masters: { a: { queries: 10, rows: 20, bytes: 30 }, b: { queries: 100, rows: 200, bytes: 300 } },
    throttled: { seconds: 1.5, reasons: { Threads_running: 1, lag: 0.5 } }
  }
  const both = addCosts(AUDIT, repair)
  expect(both).toEqual({
    masters: { b: { queries: 104, rows: 250, bytes: 900 }, a: { queries: 11, rows: 22, bytes: 33 } },
    throttled: { seconds: 3.5, reasons: { lag: 2.5, Threads_running: 1 } }
  })
  expect(Object.keys(both.masters), 'in the order they were named').toEqual(['b', 'a'])
})

test('a master that took part in one of them only costs what it cost there', () => {
  const one: Costs = { masters: { a: { queries: 1, rows: 1, bytes: 1 } }, throttled: { seconds: 0, reasons: {} } }
  expect(addCosts(AUDIT, one).masters).toEqual({ ...AUDIT.masters, a: { queries: 2, rows: 3, bytes: 4 } })
  expect(addCosts(one, AUDIT).masters).toEqual(addCosts(AUDIT, one).masters)
})
