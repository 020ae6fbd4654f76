import { expectation, type Limits } from './limits.js'
import { didYouMean } from './suggest.js'

/** What became of a text: its value, or what is wrong with it. */
type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** Reads one setting. Problems read well after the setting's name: `--chunk-rows 0: must be …`. */
export type Parser<T> = (text: string) => Parsed<T>

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/
const DURATION = /^(\d+\.?\d*|\.\d+)\s*(ms|s|m|min|h)$/i
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 }
const TRUE = ['true', 'yes', 'on', '1']
const FALSE = ['false', 'no', 'off', '0']

/** Plain decimal numbers within limits. */
export function numberWithin(limits: Limits): Parser<number> {
  return (text) => {
    const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN
    const inside = value >= limits.least && value <= limits.most && (!limits.whole || Number.isInteger(value))
    return inside ? { value } : { problem: expectation(limits) }
  }
}

/** Seconds, as a plain number or with a unit (`500ms`, `30s`, `5m`, `2h`), within limits of seconds. */
export function duration(limits: Limits): Parser<number> {
  const plain = numberWithin(limits)
  return (text) => {
    const [, amount, unit = ''] = DURATION.exec(text.trim()) ?? []
    const seconds =
      amount === undefined ? text : String(Number((Number(amount) * (SECONDS[unit.toLowerCase()] ?? 0)).toFixed(6)))
    const parsed = plain(seconds)
    return 'value' in parsed ? parsed : { problem: `${parsed.problem}; 500ms, 30s, 5m and 2h can be said as well` }
  }
}

/** One of a few words, in any case. */
export function oneOf<T extends string>(choices: readonly T[]): Parser<T> {
  return (text) => {
    const value = choices.find((choice) => choice.toLowerCase() === text.trim().toLowerCase())
    if (value !== undefined) return { value }
    return { problem: `must be one of ${choices.join(', ')}${didYouMean(text, choices)}` }
  }
}

/** Text that says something. */
export const nonEmpty: Parser<string> = (text) => (text.trim() === '' ? { problem: 'is empty' } : { value: text })

/** `true` or `false`, and what people write for them. */
export const truth: Parser<boolean> = (text) => {
  const word = text.trim().toLowerCase()
  if (TRUE.includes(word)) return { value: true }
  if (FALSE.includes(word)) return { value: false }
  return { problem: 'must be true or false' }
}

/** Names between commas. */
export const commaList: Parser<readonly string[]> = (text) => {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) return { problem: 'has an empty name in it' }
  return { value: names }
}
