import { expect, test } from 'vitest'
import type { Evidence, RowEvent } from '../../../src/model/evidence.js'
import type { Member } from '../../../src/repair/rekey/family.js'
import { Writers } from '../../../src/repair/rekey/writers.js'
import { lanes } from '../deciding.js'

const member = (id: string, ...masters: string[]): Member => ({
  table: 'shop.orders',
  key: [id],
  rows: new Map(masters.map((master) => [master, { id }]))
})

const event = (serverId: number, about: Partial<RowEvent> = {}): RowEvent => ({
  ...{
    master: 'a',
    gtid: null,
    serverId,
    at: '2026-01-01T00:00:00Z',
    kind: 'insert',
    local: true,
    last: true,
    heldBy: []
  },
  ...about
})

const evidence = (...events: RowEvent[]): Evidence => ({ verdict: 'unknown', because: '', events, base: null })

function writers(row: Member, found: Evidence | null): Writers {
  const known = new Writers(
    lanes(2),
    new Map([
      [1, 'a'],
      [2, 'b']
    ])
  )
  known.add(row, found)
  return known
}

test('who inserted a row goes before the lane of its id', () => {
  const row = member('7', 'a', 'b')
  expect(writers(row, evidence(event(2), event(2, { kind: 'update' }))).writerOf(row, 'id')).toBe('b')
  expect(writers(row, null).writerOf(row, 'id')).toBe('a')
  expect(writers(row, null).writerOf(row, null)).toBeNull()
})

test('where the lane alone tells, that is known', () => {
  const row = member('7', 'a', 'b')
  const known = writers(row, null)
  known.writerOf(row, 'id')
  expect([...known.byLane]).toEqual([row])
})

test('of two inserts, that of the row itself tells; if neither is, none does', () => {
  const row = member('7', 'b')
  expect(writers(row, evidence(event(1, { heldBy: ['a'] }), event(2, { heldBy: ['b'] }))).byInsert(row)).toBe('b')
  expect(writers(row, evidence(event(1), event(2))).byInsert(row)).toBeNull()
  expect(writers(row, evidence(event(9))).byInsert(row), 'a server that takes no part').toBeNull()
})

test('a row was born where its insert says, or else where it is', () => {
  expect(writers(member('7', 'a', 'b'), evidence(event(2))).bornOn(member('7', 'a', 'b'))).toBe('b')
  expect(writers(member('7', 'b'), evidence(event(1))).bornOn(member('7', 'b'))).toBe('b')
})
