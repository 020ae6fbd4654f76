import { expect, test } from 'vitest'
import { DivergenceLimit } from '../../src/audit/divergence-limit.js'
import { type AuditEvent, FOUND_AT_ONCE, foundEvents } from '../../src/model/events.js'
import type { TableResult } from '../../src/model/report.js'
import { divergence, result } from '../report/samples.js'

async function* table(rows: number): AsyncGenerator<AuditEvent, TableResult> {
  yield* foundEvents(Array.from({ length: rows }, () => divergence()))
  return result('orders', { status: 'divergent', conflict: rows, reason: 'because' })
}

async function drain(events: AsyncGenerator<AuditEvent, TableResult>) {
  let [told, counted] = [0, 0]
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return { told, counted, result: next.value }
    if (next.value.type === 'divergences') told += next.value.found.length
    if (next.value.type === 'unlisted') counted += next.value.classes.length
  }
}

test('rows beyond the limit of a run are only counted, whatever table they are in', async () => {
  const limit = new DivergenceLimit(3)
  const first = await drain(limit.apply(table(2)))
  expect(first).toMatchObject({ told: 2, counted: 0, result: { unlisted: 0, reason: 'because' } })
  const second = await drain(limit.apply(table(3)))
  expect(second).toMatchObject({ told: 1, counted: 2 })
  expect(second.result).toMatchObject({
    conflict: 3,
    unlisted: 2,
    reason: expect.stringMatching(/^because; of the divergent rows, 2 /)
  })
  expect(limit.room).toBe(0)
})

test('without a limit all are told', async () => {
  const all = await drain(new DivergenceLimit(null).apply(table(FOUND_AT_ONCE + 5)))
  expect(all).toMatchObject({ told: FOUND_AT_ONCE + 5, counted: 0 })
  expect(all.result.reason).toBe('because')
})

test('zero only counts', async () => {
  const none = await drain(new DivergenceLimit(0).apply(table(2)))
  expect(none).toMatchObject({ told: 0, counted: 2, result: { unlisted: 2 } })
})

test('whoever stops listening stops the audit', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<AuditEvent, TableResult> {
    try {
      for (;;) yield* foundEvents([divergence()])
    } finally {
      ended = true
    }
  }
  for await (const _event of new DivergenceLimit(1).apply(endless())) break
  expect(ended).toBe(true)
})
