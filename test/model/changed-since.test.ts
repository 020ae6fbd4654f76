import { expect, test } from 'vitest'
import { changedSince, sameRowsAs } from '../../src/model/changed-since.js'
import type { Divergence } from '../../src/model/divergence.js'
import { divergence } from '../report/samples.js'

const ROWS: Divergence['rows'] = { a: { id: '1', v: 'x' }, b: { id: '1', v: null }, c: null }

test.each<[string, Divergence['rows'], string | null]>([
  ['nothing', ROWS, null],
  ['the order of columns and masters', { c: null, b: { v: null, id: '1' }, a: { v: 'x', id: '1' } }, null],
  ['a value', { ...ROWS, a: { id: '1', v: 'X' } }, 'v changed on a'],
  ['NULL for text', { ...ROWS, b: { id: '1', v: '' } }, 'v changed on b'],
  ['bytes for text', { ...ROWS, a: { id: '1', v: { hex: '78' } } }, 'v changed on a'],
  ['a column that is no longer compared', { ...ROWS, a: { id: '1' } }, 'v changed on a'],
  ['a row that arrived', { ...ROWS, c: { id: '1', v: 'x' } }, 'c has the row now'],
  ['a row that went', { ...ROWS, a: null }, 'a has the row no longer'],
  ['a master that is silent', { a: ROWS.a ?? null, b: ROWS.b ?? null }, 'c was not read again'],
  ['a master that was silent', { ...ROWS, d: null }, 'the report does not tell of d'],
  ['several things', { ...ROWS, a: { id: '2', v: 'y' }, b: null }, 'id, v changed on a; b has the row no longer']
])('tells of %s', (_, rows, expected) => {
  const [reported, present] = [divergence({ rows: ROWS }), divergence({ rows })]
  expect(changedSince(reported, present)).toBe(expected)
  expect(sameRowsAs(reported, present)).toBe(expected === null)
})

test('the class and the reason may have changed: only rows count', () => {
  expect(changedSince(divergence(), divergence({ class: 'collision', reason: 'other' }))).toBeNull()
})
