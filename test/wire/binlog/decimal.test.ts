import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalBytes, decimalText } from '../../../src/wire/binlog/decimal.js'
import { numRuns } from '../../report/runs.js'

/** Bytes that so many digits take. */
const BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]

/** As `decimal2bin` of the servers writes it: groups of nine digits from the point on, the sign in the first bit. */
function encoded(negative: boolean, whole: string, fraction: string): Buffer {
  const groups = [...groupsOf(whole.length, true), ...groupsOf(fraction.length, false)]
  const digits = whole + fraction
  const parts: Buffer[] = []
  let at = 0
  for (const size of groups) {
    const part = Buffer.alloc(BYTES[size] ?? 0)
    if (part.length > 0) part.writeUIntBE(Number(digits.slice(at, at + size)), 0, part.length)
    parts.push(part)
    at += size
  }
  const bytes = Buffer.concat(parts)
  bytes[0] = (bytes[0] ?? 0) ^ 0x80
  return negative ? Buffer.from(bytes.map((byte) => byte ^ 0xff)) : bytes
}

function groupsOf(digits: number, remainderFirst: boolean): readonly number[] {
  const full = Array.from({ length: Math.floor(digits / 9) }, () => 9)
  return remainderFirst ? [digits % 9, ...full] : [...full, digits % 9]
}

test('decimals of any size are read back digit by digit', () => {
  const digits = (least: number, most: number) =>
    fc.array(fc.nat(9), { minLength: least, maxLength: most }).map((list) => list.join(''))
  fc.assert(
    fc.property(fc.boolean(), digits(1, 35), digits(0, 30), (negative, whole, fraction) => {
      const [precision, scale] = [whole.length + fraction.length, fraction.length]
      const bytes = encoded(negative, whole, fraction)
      expect(bytes.length).toBe(decimalBytes(precision, scale))
      const plain = `${BigInt(whole)}${fraction === '' ? '' : `.${fraction}`}`
      expect(decimalText(bytes, precision, scale)).toBe(negative ? `-${plain}` : plain)
    }),
    { numRuns }
  )
})
