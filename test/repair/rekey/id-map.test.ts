import { describe, expect, test } from 'vitest'
import type { JournalChange } from '../../../src/repair/apply/journal-records.js'
import { idMapOf, openIds } from '../../../src/repair/rekey/id-map.js'
import type { ReservedId } from '../../../src/repair/rekey/rekeying.js'

const MASTERS = [
  { name: 'a', serverId: 1 },
  { name: 'b', serverId: 2 }
]

const reserved = (id: string): ReservedId => ({
  ...{ database: 'shop', table: 'customers', column: 'id', from: '7', key: ['7'] },
  ...{ id, master: 'b', keeper: 'a' }
})

const written = (master: string, id: string, after: JournalChange['after']): JournalChange => ({
  ...{ change: 1, transaction: 1, master, database: 'shop', table: 'customers', key: { id }, why: '' },
  before: after === null ? { id } : null,
  after
})

describe('the id map', () => {
  test('tells how far each row has come', () => {
    const committed = [
      written('a', '12', { id: '12' }),
      written('b', '12', { id: '12' }),
      written('a', '14', { id: '14' })
    ]
    const contents = { masters: MASTERS, reserved: ['12', '14', '16'].map(reserved), committed }
    expect(idMapOf(contents).map(({ to, status }) => [to, status])).toEqual([
      ['12', 'applied'],
      ['14', 'begun'],
      ['16', 'reserved']
    ])
    expect(idMapOf(contents)[0]).toEqual({
      ...{ database: 'shop', table: 'customers', column: 'id', from: '7', to: '12', master: 'b', status: 'applied' }
    })
    const { reserved: open, begun } = openIds(contents)
    expect([open.map(({ id }) => id), begun.map(({ id }) => id)]).toEqual([['14', '16'], ['14']])
  })

  test('tells of a row that was taken back as of one that never moved', () => {
    const committed = MASTERS.flatMap(({ name }) => [written(name, '12', { id: '12' }), written(name, '12', null)])
    expect(idMapOf({ masters: MASTERS, reserved: [reserved('12')], committed })[0]?.status).toBe('reserved')
  })
})
