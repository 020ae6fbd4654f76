import { expect, test } from 'vitest'
import { RunSoFar } from '../../src/report/run-so-far.js'
import { divergence, header, result } from './samples.js'

test('an audit that breaks off is told as far as it went, and never as complete', () => {
  const run = new RunSoFar()
  expect(run.header).toBeNull()
  run.observe({ type: 'started', header: header({ tables: 4 }) })
  run.observe({ type: 'table-started', ref: { database: 'retail_db', table: 'customers' } })
  run.observe({ type: 'table-finished', result: result('customers') })
  run.observe({ type: 'table-started', ref: { database: 'retail_db', table: 'orders' } })
  run.observe({ type: 'divergences', found: [{ divergence: divergence() }] })

  expect(run.fail('interrupted by SIGINT')).toMatchObject({
    table: 'orders',
    status: 'failed',
    reason: 'interrupted by SIGINT',
    key: ['order_id'],
    conflict: 1
  })
  expect(run.fail('again')).toBeNull()
  expect(run.partialSummary()).toEqual({
    consistent: false,
    complete: false,
    tables: 4,
    divergent: 0,
    skipped: 0,
    failed: 3,
    missing: 0,
    conflict: 1,
    collision: 0,
    unsettled: 0,
    unlisted: 0
  })
})
