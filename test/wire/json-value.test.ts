import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/wire/json-value.js'

/** A JSON value of which there is one for each value: whole numbers are bigint, all others number. */
type Value = null | boolean | string | bigint | number | readonly Value[] | ReadonlyMap<string, Value>

/** Makes the choices of a writer: one of these. */
type Choose = <Item>(...items: readonly [Item, ...Item[]]) => Item

/** Choices that a seed decides; drawing each of them from fast-check takes a hundred times as long. */
const anyChoice: fc.Arbitrary<Choose> = fc.integer().map((seed) => {
  const generator = xoroshiro128plus(seed)
  return (...items) => items[uniformInt(generator, 0, items.length - 1)] ?? items[0]
})

/** Writes a value in any of the ways in which JSON can. */
function write(value: Value, choose: Choose): string {
  return `${space(choose)}${writeBare(value, choose)}${space(choose)}`
}

function writeBare(value: Value, choose: Choose): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeText(value, choose)
  if (typeof value === 'bigint') return writeWhole(value, choose)
  if (typeof value === 'number') return writeFraction(value, choose)
  if (value instanceof Map) return writeMembers([...value], choose)
  const items = Array.isArray(value) ? value : []
  return `[${items.length === 0 ? space(choose) : items.map((item) => write(item, choose)).join(',')}]`
}

function writeMembers(members: readonly (readonly [string, Value])[], choose: Choose): string {
  const order = choose(members, members.toReversed(), members.toSorted(), [...members.slice(1), ...members.slice(0, 1)])
  const texts = order.map(([name, value]) => {
    const member = `${space(choose)}${writeText(name, choose)}${space(choose)}:${write(value, choose)}`
    // Of members of one name, the last counts.
    return choose(true, false, false, false) ? `${writeText(name, choose)}:[0],${member}` : member
  })
  return `{${texts.length === 0 ? space(choose) : texts.join(',')}}`
}

const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '/': '\\/',
  '"': '\\"',
  '\\': '\\\\'
}

function writeText(text: string, choose: Choose): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charAt(at)).map((unit) => {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    const plain = unit < ' ' || unit === '"' || unit === '\\' ? escaped : unit
    return choose(plain, plain, escaped, escaped.toUpperCase().replace('U', 'u'), SHORT[unit] ?? plain)
  })
  return `"${units.join('')}"`
}

function writeWhole(value: bigint, choose: Choose): string {
  const digits = value === 0n ? choose('0', '-0') : String(value)
  const isDouble = value >= -(2n ** 53n) && value <= 2n ** 53n
  return isDouble
    ? choose(
        digits,
        `${digits}.0`,
        `${digits}.000`,
        `${digits}e0`,
        `${value === 0n ? digits : `${digits}0`}E-1`,
        `${digits}.00e+0`
      )
    : digits
}

function writeFraction(value: number, choose: Choose): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d)\.?(\d*)e(.*)$/.exec(value.toExponential()) ?? []
  const shifted = `${sign}${whole}${fraction}e${Number(exponent) - fraction.length}`.replace(/^(-?)0+(?=\d)/, '$1')
  const padded = `${sign}${whole}.${fraction}00E${exponent}`
  return choose(String(value), value.toExponential(), shifted, padded)
}

function space(choose: Choose): string {
  return choose('', '', '', ' ', '\n', '\t \r')
}

const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
/** Doubles that are no integers, or such as servers keep only as doubles. */
const fraction = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Number.isInteger(value) || Math.abs(value) > 2 ** 64)
const name = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '', '\ud800')
)
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom(null, true, false), name, whole, fraction),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 4, selector: ([key]) => key })
      .map((each) => new Map(each))
  )
}))

/** Values of few parts, so that two of them are often equal and else much alike. */
const { value: plainValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<Value[]>(null, true, 'null', '', '1', ',', ':', '"', '{}', 0n, 1n, -1n, 10n, 0.1, 1.5),
    fc.array(tie('value'), { maxLength: 2 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', '"', '1'), tie('value')), {
        maxLength: 2,
        selector: ([key]) => key
      })
      .map((each) => new Map(each))
  )
}))

describe('the canonical text', () => {
  test('is one, in whatever way a value is written', () =>
    fc.assert(
      fc.property(anyValue, anyChoice, (value, choose) => {
        const [one, other] = [canonicalJson(write(value, choose)), canonicalJson(write(value, choose))]
        expect(one).not.toBeNull()
        expect(other).toBe(one)
      })
    ))

  test('is the same only for the same value', () =>
    fc.assert(
      fc.property(plainValue, plainValue, anyChoice, (left, right, choose) => {
        const same = canonicalJson(write(left, choose)) === canonicalJson(write(right, choose))
        expect(same).toBe(isDeepStrictEqual(left, right))
      })
    ))

  test('tells integers apart that are one double', () =>
    fc.assert(
      fc.property(whole, whole, (left, right) => {
        fc.pre(left !== right)
        expect(canonicalJson(String(left))).not.toBe(canonicalJson(String(right)))
        expect(canonicalJson(String(left))).toBe(String(left))
      })
    ))

  test('is JSON of the same value, and its own canonical text', () =>
    fc.assert(
      fc.property(fc.json(), (text) => {
        const canonical = canonicalJson(text)
        expect(canonical).not.toBeNull()
        expect(canonicalJson(canonical ?? '')).toBe(canonical)
        expect(JSON.parse(canonical ?? '')).toEqual(JSON.parse(text, (_, value) => (value === 0 ? 0 : value)))
      })
    ))
})

describe('one canonical text for', () => {
  test.each([
    ['members in any order', '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['spaces', ' { "a" : [ 1 , 2 ] } ', '{"a":[1,2]}'],
    ['a number with its fraction of zero', '1.0', '1'],
    ['a number with its exponent', '10e-1', '1'],
    ['zero', '-0', '0'],
    ['zero as a double', '-0.0e5', '0'],
    ['a double of fewer digits', '0.1000', '0.1'],
    ['a double beyond the integers', '1e25', '10000000000000000000000000'],
    ['integers beyond those that servers keep', '18446744073709551617', '18446744073709551618'],
    ['escapes that need not be', '"\\u0061\\/"', '"a/"'],
    ['a character beyond the first plane', '"\\ud83c\\udf89"', '"🎉"'],
    ['names that are escaped', '{"\\u0061":1}', '{"a":1}'],
    ['members of one name, of which the last counts', '{"a":1,"b":0,"a":2}', '{"b":0,"a":2}'],
    ['members whose name is escaped once', '{"\\u0061":1,"a":2}', '{"a":2}']
  ])('%s', (_, one, other) => {
    expect(canonicalJson(one)).not.toBeNull()
    expect(canonicalJson(one)).toBe(canonicalJson(other))
  })
})

describe('different canonical texts for', () => {
  test.each([
    ['neighbours beyond 2^53', '9007199254740992', '9007199254740993'],
    ['the largest integers', '18446744073709551614', '18446744073709551615'],
    ['the least integers', '-9223372036854775807', '-9223372036854775808'],
    ['neighbours of doubles', '0.1', '0.10000000000000002'],
    ['a number and its text', '1', '"1"'],
    ['null and no member', '{"a":null}', '{}'],
    ['items in another order', '[1,2]', '[2,1]'],
    ['texts in another case', '"a"', '"A"'],
    ['texts of other code points that look alike', '"\\u00e9"', '"e\\u0301"'],
    ['a member named __proto__', '{"__proto__":1}', '{}'],
    ['members named __proto__', '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ['lone surrogates', '"\\ud800"', '"\\ud801"']
  ])('%s', (_, one, other) => {
    expect(canonicalJson(one)).not.toBeNull()
    expect(canonicalJson(other)).not.toBeNull()
    expect(canonicalJson(one)).not.toBe(canonicalJson(other))
  })
})

test.each([
  '',
  ' ',
  'nul',
  'nulll',
  'True',
  'NaN',
  'Infinity',
  '+1',
  '.5',
  '1.',
  '1e',
  '-',
  '0x10',
  '1 2',
  "'a'",
  '"a',
  '"\n"',
  '"\\x"',
  '"\\u12"',
  '[',
  '[1',
  '[1,]',
  '[,]',
  '[1}',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,}',
  '{"a":1]',
  '{a:1}',
  '{1:1}',
  '{}{}'
])('there is none for what is not JSON: %j', (text) => {
  expect(canonicalJson(text)).toBeNull()
})

test('a text of megabytes has one', () => {
  const text = JSON.stringify(Array.from({ length: 100_000 }, (_, at) => ({ id: at, name: 'x'.repeat(50) })))
  expect(canonicalJson(text)).toBe(text)
})
