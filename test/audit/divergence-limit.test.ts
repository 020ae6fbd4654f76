import { expect, test } from 'vitest'
import { DivergenceLimit } from '../../src/audit/divergence-limit.js'
import type { AuditEvent } from '../../src/model/events.js'
import type { TableResult } from '../../src/model/report.js'
import { divergence, result } from '../report/samples.js'

async function* table(rows: number): AsyncGenerator<AuditEvent, TableResult> {
  for (let row = 0; row < rows; row++) yield { type: 'divergence', divergence: divergence() }
  return result('orders', { status: 'divergent', conflict: rows, reason: 'because' })
}

async function drain(events: AsyncGenerator<AuditEvent, TableResult>) {
  const types: string[] = []
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return { types, result: next.value }
    types.push(next.value.type)
  }
}

test('rows beyond the limit of a run are only counted, whatever table they are in', async () => {
  const limit = new DivergenceLimit(3)
  const first = await drain(limit.apply(table(2)))
  expect(first).toMatchObject({ types: ['divergence', 'divergence'], result: { unlisted: 0, reason: 'because' } })
  const second = await drain(limit.apply(table(3)))
  expect(second.types).toEqual(['divergence', 'unlisted', 'unlisted'])
  expect(second.result).toMatchObject({
    conflict: 3,
    unlisted: 2,
    reason: expect.stringMatching(/^because; of the divergent rows, 2 /)
  })
  expect(limit.isReached).toBe(true)
})

test('without a limit all are told', async () => {
  const all = await drain(new DivergenceLimit(null).apply(table(5)))
  expect(all.types).toHaveLength(5)
  expect(all.result.reason).toBe('because')
})

test('zero only counts', async () => {
  const none = await drain(new DivergenceLimit(0).apply(table(2)))
  expect(none).toMatchObject({ types: ['unlisted', 'unlisted'], result: { unlisted: 2 } })
})

test('whoever stops listening stops the audit', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<AuditEvent, TableResult> {
    try {
      for (;;) yield { type: 'divergence', divergence: divergence() }
    } finally {
      ended = true
    }
  }
  for await (const _event of new DivergenceLimit(1).apply(endless())) break
  expect(ended).toBe(true)
})
