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
    // No server nests as deep as the stack allows.
    if (error instanceof SyntaxError || error instanceof RangeError) return null
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
    this.#token(/[ \t\r\n]*/y)
    return this.#at === this.#text.length
  }

  /** Reads one value, whatever it is, and returns its canonical text. */
  value(): string {
    this.#token(/[ \t\r\n]*/y)
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
      this.#token(/[ \t\r\n]*/y)
      const name = this.#string()
      this.#expect(/[ \t\r\n]*:/y)
      members.set(name, this.value())
    })
    const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1))
    return `{${sorted.map(([name, value]) => `${name}:${value}`).join(',')}}`
  }

  /** Reads what stands between two brackets, separated by commas. */
  #items<Item>(close: string, read: () => Item): readonly Item[] {
    this.#at++
    const items: Item[] = []
    this.#token(/[ \t\r\n]*/y)
    if (this.#text[this.#at] === close) {
      this.#at++
      return items
    }
    for (;;) {
      items.push(read())
      if (this.#expect(/[ \t\r\n]*[,\]}]/y).trim() === ',') continue
      if (this.#text[this.#at - 1] === close) return items
      throw new SyntaxError('the wrong bracket')
    }
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw new SyntaxError(`no string at ${this.#at}`)
    const start = this.#at
    // Not by a pattern: those give up on texts of some million characters.
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#at >= this.#text.length) throw new SyntaxError('a string without end')
      if (this.#text[this.#at] === '\\') this.#at++
    }
    this.#at++
    return JSON.stringify(JSON.parse(this.#text.slice(start, this.#at)))
  }

  #scalar(): string {
    const word = this.#token(/true|false|null/y)
    return word ?? number(this.#expect(/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y))
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
  if (!Number.isFinite(double)) return lexeme
  return Number.isInteger(double) ? String(BigInt(double)) : String(double)
}
