import { describe, expect, test } from 'vitest'
import { classProblem, parsePolicy } from '../../src/config/policy.js'
import type { DivergenceClass } from '../../src/model/divergence.js'
import type { Policy } from '../../src/model/repair.js'

describe('a policy', () => {
  test.each<[string, string | null, Policy]>([
    ['union', null, { name: 'union' }],
    [' manual ', null, { name: 'manual' }],
    ['lane-owner', null, { name: 'lane-owner' }],
    ['prefer:eu-1', null, { name: 'prefer', master: 'eu-1' }],
    ['newest:updated_at', null, { name: 'newest', column: 'updated_at' }],
    ['least', 'price', { name: 'least', column: 'price' }],
    ['greatest:a:b=c', null, { name: 'greatest', column: 'a:b=c' }],
    ['newest:@commit', null, { name: 'newest', column: '@commit' }],
    ['rekey', null, { name: 'rekey', keep: null }],
    ['rekey:a', null, { name: 'rekey', keep: 'a' }]
  ])('%s with column %s', (text, column, expected) => {
    expect(parsePolicy(text, { column })).toEqual({ value: expected })
  })

  test('names apart whose row keeps its key', () => {
    expect(parsePolicy('rekey', { keep: 'b' })).toEqual({ value: { name: 'rekey', keep: 'b' } })
    expect(parsePolicy('rekey:a', { keep: 'b' })).toEqual({
      problem: 'the master whose row keeps its key is named twice'
    })
    expect(parsePolicy('union', { keep: 'b' })).toEqual({ problem: 'union takes no keep' })
  })

  test.each([
    ['unoin', null, 'unoin is not a policy; did you mean union?'],
    ['toString', null, 'toString is not a policy'],
    ['newest', null, 'newest needs a column: newest:updated_at'],
    ['newest:', null, 'newest needs a column: newest:updated_at'],
    ['newest:a', 'b', 'the column is named twice'],
    ['oldest:@commit', null, 'only newest goes by @commit'],
    ['prefer', null, 'prefer needs a master: prefer:a'],
    ['prefer:a b', null, 'the name of a master is made of letters, digits, _ . and -'],
    ['prefer:a', 'x', 'prefer takes no column'],
    ['union:a', null, 'union takes nothing after a colon'],
    ['union', 'x', 'union takes no column'],
    ['rekey:a b', null, 'the name of a master is made of letters, digits, _ . and -'],
    ['rekey', 'x', 'rekey takes no column']
  ])('%s with column %s is wrong', (text, column, problem) => {
    expect(parsePolicy(text, { column })).toEqual({ problem })
  })
})

describe('a policy for classes', () => {
  const problemOf = (policy: string, classes: readonly DivergenceClass[] | null) => {
    const parsed = parsePolicy(policy)
    if ('problem' in parsed) throw new Error(parsed.problem)
    return classProblem(parsed.value, classes)
  }

  const WHOLE = ['prefer:a', 'majority', 'lane-owner', 'evidence', 'manual']
  const CHOOSING = ['newest:x', 'oldest:x', 'greatest:x', 'least:x', 'newest:@commit']

  test.each<[DivergenceClass, readonly string[]]>([
    ['missing', [...WHOLE, 'union']],
    ['conflict', [...WHOLE, ...CHOOSING, 'coalesce', 'merge']],
    ['collision', [...WHOLE, ...CHOOSING, 'rekey']]
  ])('of %s is one of a few', (cls, expected) => {
    const all = [...WHOLE, ...CHOOSING, 'union', 'coalesce', 'merge', 'rekey']
    expect(all.filter((policy) => problemOf(policy, [cls]) === null).toSorted()).toEqual(expected.toSorted())
    for (const policy of all) expect(problemOf(policy, null)).toBeNull()
  })

  test.each<[string, readonly DivergenceClass[], boolean]>([
    ['newest:x', ['missing', 'conflict'], true],
    ['coalesce', ['missing', 'conflict'], true],
    ['coalesce', ['conflict', 'collision'], false],
    ['union', ['missing', 'conflict'], false],
    ['rekey', ['missing', 'collision'], false]
  ])('%s of %j', (policy, classes, allowed) => {
    expect(problemOf(policy, classes) === null).toBe(allowed)
  })

  test.each<[string, DivergenceClass, string]>([
    [
      'union',
      'conflict',
      'cannot decide class conflict: union only inserts rows that are missing, and here several versions exist; ' +
        'for conflict use newest:<column>, greatest:<column>, coalesce, majority or prefer:<master>'
    ],
    [
      'newest:x',
      'missing',
      'cannot decide class missing: newest chooses between versions, and of a missing row only one exists; ' +
        'for missing use union, prefer:<master>, majority or lane-owner'
    ],
    [
      'coalesce',
      'collision',
      'cannot decide class collision: coalesce would mix two different rows that took the same key; ' +
        'for collision use rekey, lane-owner, prefer:<master>, newest:<column> or manual'
    ]
  ])('says why %s is none for %s, and what is', (policy, cls, problem) => {
    expect(problemOf(policy, [cls])).toBe(problem)
  })
})
