import { expect, test } from 'vitest'
import { didYouMean } from '../../src/config/suggest.js'

test.each([
  ['chunk-rows', ['chunkRows', 'chunkTime'], '; did you mean chunkRows?'],
  ['pasword', ['password', 'port'], '; did you mean password?'],
  ['Newest', ['newest', 'oldest'], '; did you mean newest?'],
  ['x', ['host', 'port'], ''],
  ['', ['host'], ''],
  ['entirely-other', ['host'], '']
])('%s', (word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected)
})
