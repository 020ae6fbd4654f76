/** Doubles hold every integer up to here. */
const EXACT_INTEGERS = 2n ** 53n
/** MySQL keeps integers outside of [-2^63, 2^64) as doubles. */
const LEAST_INTEGER = -(2n ** 63n)
const MOST_INTEGER = 2n ** 64n - 1n

/**
 * One text for every way of writing the same JSON value: members sorted by name, no spaces, numbers by value (`1`, `1.0`
 * and `10e-1` are one), strings with the escapes that JSON demands; of members of one name, the last counts. `null` when
 * the text is not JSON.
 *
 * JSON.parse would round the numbers, and knows names (`__proto__`) that it does not keep.
 */
export function canonicalJson(text: string): string | null {
  const reader = new Reader(text)
  try {
    const value = reader.value()
    return reader.atEnd() ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#token(/\s*/y)
    return this.#at === this.#text.length
  }

  /** Reads one value, whatever it is, and returns its canonical text. */
  value(): string {
    this.#token(/\s*/y)
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return `[${this.#items(']', () => this.value()).join(',')}]`
      case '"':
        return this.#string()
      default:
        return this.#scalar()
    }
  }

  #object(): string {
    const members = new Map<string, string>()
    this.#items('}', () => {
      this.#token(/\s*/y)
      const name = this.#string()
      this.#expect(/\s*:/y)
      members.set(name, this.value())
    })
    const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1))
    return `{${sorted.map(([name, value]) => `${name}:${value}`).join(',')}}`
  }

  /** Reads what stands between two brackets, separated by commas. */
  #items<Item>(close: string, read: () => Item): readonly Item[] {
    this.#at++
    const items: Item[] = []
    this.#token(/\s*/y)
    if (this.#text[this.#at] === close) {
      this.#at++
      return items
    }
    for (;;) {
      items.push(read())
      if (this.#expect(/\s*[,\]}]/y).trim() === ',') continue
      if (this.#text[this.#at - 1] === close) return items
      throw new SyntaxError('the wrong bracket')
    }
  }

  #string(): string {
    return JSON.stringify(JSON.parse(this.#expect(/"(?:[^"\\]|\\.)*"/sy)))
  }

  #scalar(): string {
    const word = this.#token(/true|false|null/y)
    return word ?? number(this.#expect(/-?\d+(\.\d+)?([eE][+-]?\d+)?/y))
  }

  #expect(pattern: RegExp): string {
    const found = this.#token(pattern)
    if (found === null) throw new SyntaxError(`unexpected text at ${this.#at}`)
    return found
  }

  #token(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    this.#at += found?.length ?? 0
    return found
  }
}

function number(lexeme: string): string {
  const integer = /^-?\d+$/.test(lexeme) ? BigInt(lexeme) : null
  if (integer !== null && integer >= LEAST_INTEGER && integer <= MOST_INTEGER) return String(integer)
  const double = Number(lexeme)
  const exact = Number.isInteger(double) && Math.abs(double) <= Number(EXACT_INTEGERS)
  return exact ? String(BigInt(double)) : String(double)
}
