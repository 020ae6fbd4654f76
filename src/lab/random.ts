import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A reproducible source of random choices; two with the same seed and stream make the same ones. */
export class Random {
  readonly #next: () => number

  /** @param stream keeps uses of one seed apart, so that one may draw more without changing the others. */
  constructor(seed: number, stream: string) {
    const generator = xoroshiro128plus(mix(seed, stream))
    this.#next = () => generator.next() >>> 0
  }

  /** An integer from 0 up to and without `limit`. */
  below(limit: number): number {
    return this.#next() % limit
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** One of the given, which must not be empty. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)]
    if (picked === undefined) throw new RangeError('nothing to pick from')
    return picked
  }

  /** Money with two decimals, `low` and `high` in cents. */
  money(low: number, high: number): string {
    return cents(this.between(low, high))
  }

  /** Random bytes as lower-case hexadecimal. */
  hex(bytes: number): string {
    let hex = ''
    for (let word = 0; word < bytes; word += 4) hex += this.#next().toString(16).padStart(8, '0')
    return hex.slice(0, 2 * bytes)
  }
}

/** An amount of cents with its two decimals: 40279 is `402.79`. */
export function cents(amount: number): string {
  return `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
}

/** FNV-1a over the stream's name, started from the seed. */
function mix(seed: number, stream: string): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  for (const character of stream) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash
}
