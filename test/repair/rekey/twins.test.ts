import { expect, test } from 'vitest'
import type { RowValues } from '../../../src/model/value.js'
import type { Member } from '../../../src/repair/rekey/family.js'
import type { Located } from '../../../src/repair/rekey/located.js'
import type { Relative } from '../../../src/repair/rekey/relatives.js'
import { Twins } from '../../../src/repair/rekey/twins.js'
import { divergence } from '../deciding.js'

const TABLE = 'shop.items'

function located(id: string, rows: Readonly<Record<string, RowValues | null>>): Located {
  const ruled = { divergence: divergence(rows, { key: { id } }) }
  return { ruled, seed: { table: TABLE, key: [id], moving: [] } } as unknown as Located
}

/** Row 7 of b, which is to move. */
function mover(values: RowValues): readonly [Member, Relative] {
  const member = { table: TABLE, key: ['7'], rows: new Map([['b', {}]]) }
  return [member, { ...member, held: new Map([['b', { image: {}, values }]]) }]
}

const BOB = { name: 'Bob', email: 'bob@x' }

test('a row that is missing somewhere and holds the same under another id is a twin', () => {
  const twins = new Twins([located('12', { a: { id: '12', ...BOB }, b: null })])
  expect(twins.of(...mover({ id: '7', ...BOB }), ['id'])).toMatchObject({ key: ['12'] })
  expect(twins.of(...mover({ id: '7', ...BOB, email: 'other@x' }), ['id'])).toBeNull()
})

test('a row that several masters hold otherwise is none, nor is one that is nothing but its key', () => {
  const twins = new Twins([
    located('12', { a: { id: '12', ...BOB }, b: { id: '12', name: 'Bob', email: 'b' } }),
    located('14', { a: { id: '14' }, b: null })
  ])
  expect(twins.of(...mover({ id: '7', ...BOB }), ['id'])).toBeNull()
  expect(twins.of(...mover({ id: '7' }), ['id'])).toBeNull()
})
