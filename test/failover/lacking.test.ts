import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lacksOf, type Subject, shareOut, sidesOf, stillLacking, whyVague } from '../../src/failover/lacking.js'
import { type GtidSet, gtidSet, gtidSetText, gtidsOf } from '../../src/model/gtid-set.js'
import { numRuns } from '../report/runs.js'
import { state } from './states.js'

const RETURNED: Subject = { kind: 'returned', master: 'a', source: 'aa' }
const LOST: Subject = { kind: 'lost', master: 'a', source: 'aa' }

const texts = (lacks: ReadonlyMap<string, GtidSet>) =>
  Object.fromEntries([...lacks].map(([name, set]) => [name, gtidSetText(set)]))

test('survivors are only asked for what the lost master wrote', () => {
  const states = [state('b', 'aa:1-5,bb:1-9'), state('c', 'aa:1-3,bb:1-2')]
  expect(texts(lacksOf(states, LOST))).toEqual({ c: 'aa:4-5' })
})

test('a returned master lacks what the others have, and they what it has', () => {
  const states = [state('a', 'aa:1-9,bb:1-2'), state('b', 'aa:1-5,bb:1-4'), state('c', 'aa:1-3,bb:1-4')]
  const lacks = lacksOf(states, RETURNED)
  expect(texts(lacks)).toEqual({ a: 'bb:3-4', b: 'aa:6-9', c: 'aa:4-9' })
  const { own, others, unsent } = sidesOf(states, lacks, RETURNED)
  expect([own, others, unsent].map(gtidSetText)).toEqual(['aa:4-9', 'bb:3-4', 'aa:6-9'])
})

test('what arrived in the meantime is not lacking, nor is what was written in the meantime', () => {
  const before = lacksOf([state('a', 'aa:1-9'), state('b', 'aa:1-3')], RETURNED)
  const now = lacksOf([state('a', 'aa:1-12'), state('b', 'aa:1-8')], RETURNED)
  expect(texts(stillLacking(before, now))).toEqual({ b: 'aa:9' })
})

test('what is lacking is what some master has and this one has not', () => {
  const number = fc.integer({ min: 1, max: 12 })
  const has = fc.record({ aa: fc.uniqueArray(number), bb: fc.uniqueArray(number), cc: fc.uniqueArray(number) })
  const listOf = (sources: Readonly<Record<string, readonly number[]>>) =>
    Object.entries(sources).flatMap(([source, own]) => own.map((each) => `${source}:${each}`))
  fc.assert(
    fc.property(has, has, has, (...all) => {
      const lists = all.map(listOf)
      const states = lists.map((list, at) => state('abc'.charAt(at), list.join(',')))
      const lacks = lacksOf(states, RETURNED)
      const everything = [...new Set(lists.flat())]
      for (const [at, list] of lists.entries()) {
        const lacking = gtidsOf(gtidSetText(lacks.get('abc'.charAt(at)) ?? new Map()), 1000)
        expect(lacking.toSorted()).toEqual(everything.filter((each) => !list.includes(each)).toSorted())
      }
      const { own, others, unsent } = sidesOf(states, lacks, RETURNED)
      const [a = [], b = [], c = []] = lists
      const only = a.filter((each) => !b.includes(each) && !c.includes(each))
      expect(gtidsOf(gtidSetText(unsent), 1000).toSorted()).toEqual(only.toSorted())
      const missed = everything.filter((each) => !a.includes(each))
      expect(gtidsOf(gtidSetText(others), 1000).toSorted()).toEqual(missed.toSorted())
      expect(gtidsOf(gtidSetText(own), 1000).every((each) => a.includes(each))).toBe(true)
    }),
    { numRuns }
  )
})

test('each transaction is read once, where it is logged, and most in one place', () => {
  const wanted = lacksOf([state('b', 'aa:1-9'), state('c', '')], LOST).get('c') ?? new Map()
  const shares = shareOut(
    [state('b', 'aa:1-3'), state('c', 'aa:1-8'), state('d', 'aa:1-9', { logsApplied: false })],
    wanted
  )
  expect(shares.shares.map(({ holder, wanted: own }) => [holder, gtidSetText(own)])).toEqual([['c', 'aa:1-8']])
  expect(gtidSetText(shares.nowhere)).toBe('aa:9')
})

test('what was purged is read elsewhere, or nowhere', () => {
  const purged = gtidSet([['aa', [1n, 4n]]])
  const { shares, nowhere } = shareOut(
    [state('b', 'aa:1-9', { purged }), state('c', 'aa:3-9', { files: [] })],
    gtidSet([['aa', [3n, 6n]]])
  )
  expect(shares.map(({ holder, wanted }) => [holder, gtidSetText(wanted)])).toEqual([['b', 'aa:5-6']])
  expect(gtidSetText(nowhere)).toBe('aa:3-4')
})

test('the last transaction of a domain says nothing of other servers in it', () => {
  const vague = state('c', '', { vendor: 'mariadb', lastApplied: [{ domain: 0, serverId: 2, sequence: 9n }] })
  const lacks = new Map([['c', gtidSet([['0-1', [0n, 7n]]])]])
  expect(whyVague(vague, lacks)).toContain('server 1 in domain 0')
  expect(whyVague({ ...vague, lastApplied: [{ domain: 0, serverId: 1, sequence: 5n }] }, lacks)).toBeNull()
})
