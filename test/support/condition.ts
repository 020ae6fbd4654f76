/**
 * A small evaluator of the SQL conditions that bound key ranges, as an oracle for `src/sql/range.ts`: whole numbers,
 * `=`, `<`, `<=`, `>`, `>=`, IN, AND, OR and parentheses, with AND binding tighter than OR.
 */

/** A row by column name. */
export type NumberRow = Readonly<Record<string, number>>

/** Whether the condition holds for the row. */
export function holdsFor(condition: string, row: NumberRow): boolean {
  const parser = new ConditionParser(condition, row)
  return parser.whole()
}

class ConditionParser {
  readonly #tokens: string[]
  readonly #row: NumberRow

  constructor(condition: string, row: NumberRow) {
    this.#tokens = condition.match(/`(?:[^`]|``)+`|-?\d+|[<>]=?|=|[(),]|\w+/g) ?? []
    this.#row = row
  }

  whole(): boolean {
    const value = this.#or()
    if (this.#tokens.length > 0) throw new Error(`left over: ${this.#tokens.join(' ')}`)
    return value
  }

  #or(): boolean {
    let value = this.#and()
    while (this.#takes('OR')) value = this.#and() || value
    return value
  }

  #and(): boolean {
    let value = this.#term()
    while (this.#takes('AND')) value = this.#term() && value
    return value
  }

  #term(): boolean {
    if (!this.#takes('(')) return this.#comparison()
    const value = this.#or()
    this.#expect(')')
    return value
  }

  #comparison(): boolean {
    const left = this.#column()
    const operator = this.#next()
    if (operator === 'IN') return this.#list().includes(left)
    const right = Number(this.#next())
    switch (operator) {
      case '=':
        return left === right
      case '<':
        return left < right
      case '<=':
        return left <= right
      case '>':
        return left > right
      case '>=':
        return left >= right
      default:
        throw new Error(`no operator: ${operator}`)
    }
  }

  #column(): number {
    const name = this.#next().slice(1, -1).replaceAll('``', '`')
    const value = this.#row[name]
    if (value === undefined) throw new Error(`no column: ${name}`)
    return value
  }

  #list(): readonly number[] {
    const values: number[] = []
    this.#expect('(')
    do values.push(Number(this.#next()))
    while (this.#takes(','))
    this.#expect(')')
    return values
  }

  #takes(token: string): boolean {
    if (this.#tokens[0] !== token) return false
    this.#tokens.shift()
    return true
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new Error(`expected ${token} before ${this.#tokens.join(' ')}`)
  }

  #next(): string {
    const token = this.#tokens.shift()
    if (token === undefined) throw new Error('the condition ends early')
    return token
  }
}
