import { expect, test } from 'vitest'
import { hasBoundAsLiterals } from '../../src/audit/self-check.js'
import { int, rowPacket, text } from '../support/row-packet.js'

const LARGEST = 2n ** 64n - 1n
const LEAST = -(2n ** 63n)

test.each<[string, readonly bigint[], boolean]>([
  ['as they were meant', [LARGEST, LEAST], true],
  ['for the largest signed one', [2n ** 63n - 1n, LEAST], false],
  ['for doubles', [LARGEST, LEAST + 1n], false],
  ['for each other', [LEAST, LARGEST], false]
])('a server may take bound numbers %s', (_, bound, expected) => {
  const cells = [text('before'), ...[LARGEST, LEAST, ...bound].map((value) => int(value, 8))]
  expect(hasBoundAsLiterals(rowPacket(cells).toString('hex'))).toBe(expected)
})

test('a server that sends no row does not take them', () => {
  expect(hasBoundAsLiterals('')).toBe(false)
})
