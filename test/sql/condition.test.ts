import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSelfContained } from '../../src/sql/condition.js'

describe('a condition can stand in parentheses', () => {
  test.each([
    'a = 1',
    '(a = 1) OR (b = 2)',
    "name = ')'",
    "name = 'it''s ('",
    'name = "("',
    '`odd)name` = 1',
    'a = 1 /* ) */',
    'a = 1 -- )',
    'a = 1 # )',
    'a = 1 -- )\nAND (b = 2)',
    "path = 'C:\\'"
  ])('%j', (condition) => {
    expect(isSelfContained(condition)).toBe(true)
  })
})

describe('a condition would change what stands beside it', () => {
  test.each(['a) OR (b', '(a', 'a)', "name = 'x", 'name = "x', '`a', '1 /*! ) OR ( */', '1; DROP TABLE t', ')('])(
    '%j',
    (condition) => {
      expect(isSelfContained(condition)).toBe(false)
    }
  )
})

test('whatever is quoted does not count', () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'()\'"`;-#/*\\ a\n') }), (value) => {
      expect(isSelfContained(`name = '${value.replaceAll("'", "''")}'`)).toBe(true)
    })
  ))
