import { expect, test } from 'vitest'
import { endingOf, type RowState } from '../../src/repair/apply/reconcile.js'

test.each<[string, readonly RowState[], ReturnType<typeof endingOf>]>([
  ['all its rows are as it left them', ['after', 'after'], 'committed'],
  ['one row is as it left it, and others were set back', ['before', 'after', 'before'], 'committed'],
  ['one row is as it left it, and others were changed since', ['other', 'after'], 'committed'],
  ['one row is as it left it, and another cannot be looked at', ['unknown', 'after'], 'committed'],
  ['all its rows are as before', ['before', 'before'], 'abandoned'],
  ['one row is as before, and others were changed since', ['other', 'before'], 'abandoned'],
  ['one row is as before, and another cannot be looked at', ['unknown', 'before'], 'abandoned'],
  ['all its rows were changed since', ['other', 'other'], 'abandoned'],
  ['no row can be looked at', ['unknown', 'unknown'], 'open'],
  ['the only row that can be looked at was changed since', ['other', 'unknown'], 'open']
])('a transaction of which %s', (_, states, expected) => {
  expect(endingOf(states)).toBe(expected)
})
