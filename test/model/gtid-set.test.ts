import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  commonGtids,
  countGtids,
  type GtidSet,
  gtidSetText,
  gtidsFrom,
  gtidsOf,
  hasGtid,
  parseGtidSet,
  splitGtid,
  subtractGtids,
  uniteGtids
} from '../../src/model/gtid-set.js'
import { numRuns } from '../report/runs.js'

const SOURCES = ['aa', 'bb', 'aa:tag'] as const

/** Single GTIDs, in any order and any number of times. */
const single = fc.record({ source: fc.constantFrom(...SOURCES), number: fc.integer({ min: 1, max: 30 }) })
const singles = fc.array(single, { maxLength: 40 })

type Single = { readonly source: string; readonly number: number }

/** As a server may print it: not joined, not in order, with blanks. */
function textOf(gtids: readonly Single[]): string {
  return gtids.map(({ source, number }) => `${source}:${number}`).join(',\n')
}

function naive(left: readonly Single[], right: readonly Single[]): readonly string[] {
  const taken = new Set(right.map(({ source, number }) => `${source}:${number}`))
  return [...new Set(left.map(({ source, number }) => `${source}:${number}`))].filter((each) => !taken.has(each))
}

test('what is left of a set is what the other one lacks', () => {
  fc.assert(
    fc.property(singles, singles, (left, right) => {
      const rest = subtractGtids(textOf(left), textOf(right))
      expect(gtidsOf(rest, 1000).toSorted()).toEqual(naive(left, right).toSorted())
    }),
    { numRuns }
  )
})

test.each([
  ['aa:1-9', 'aa:3-4:7', 'aa:1-2:5-6:8-9'],
  ['aa:1-3:5,bb:1', 'aa:1-5', 'bb:1'],
  ['AA:1-18446744073709551614', 'aa:2-9007199254740993', 'aa:1:9007199254740994-18446744073709551614'],
  ['aa:1-2:tag:1-4', 'aa:1-9:tag:2', 'aa:tag:1:3-4'],
  ['', 'aa:1', '']
])('%s without %s is %s', (left, right, rest) => {
  expect(subtractGtids(left, right)).toBe(rest)
})

test('only so many are told one by one', () => {
  expect(gtidsOf('aa:1-1000000000', 3)).toEqual(['aa:1', 'aa:2', 'aa:3'])
})

function setOf(gtids: readonly Single[]) {
  return parseGtidSet(textOf(gtids))
}

function singlesIn(set: GtidSet): readonly string[] {
  return gtidsOf(gtidSetText(set), 1000).toSorted()
}

const names = (gtids: readonly Single[]) => new Set(gtids.map(({ source, number }) => `${source}:${number}`))

test('sets are united, and have in common what is in both', () => {
  fc.assert(
    fc.property(singles, singles, (left, right) => {
      const [one, other] = [names(left), names(right)]
      expect(singlesIn(uniteGtids(setOf(left), setOf(right)))).toEqual([...new Set([...one, ...other])].toSorted())
      const both = [...one].filter((each) => other.has(each)).toSorted()
      expect(singlesIn(commonGtids(setOf(left), setOf(right)))).toEqual(both)
      expect(countGtids(setOf(left))).toBe(BigInt(one.size))
    }),
    { numRuns }
  )
})

test('a set has what it was made of, and nothing else', () => {
  fc.assert(
    fc.property(singles, single, (gtids, { source, number }) => {
      expect(hasGtid(setOf(gtids), `${source}:${number}`)).toBe(names(gtids).has(`${source}:${number}`))
    }),
    { numRuns }
  )
})

test('the last part of a GTID is its number, whichever vendor prints it', () => {
  expect(splitGtid('0-1-57')).toEqual({ source: '0-1', number: 57n })
  expect(splitGtid('3E11FA47-71CA-11E1-9E33-C80AA9429562:23').number).toBe(23n)
  expect(splitGtid('aa:tag:7')).toEqual({ source: 'aa:tag', number: 7n })
})

test('one source can be left out', () => {
  const set = gtidsFrom(parseGtidSet('aa:1-3,bb:7'), (source) => source === 'bb')
  expect(gtidSetText(set)).toBe('bb:7')
})
