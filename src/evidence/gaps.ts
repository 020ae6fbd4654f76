/** What of the past could not be read, in words: of every table, of single tables, of single rows. */
export class Gaps {
  readonly #everywhere = new Set<string>()
  readonly #tables = new Map<string, Set<string>>()
  readonly #rows = new Map<number, Set<string>>()

  /** @param table its name; `null` for every table. */
  add(text: string, table: string | null): void {
    if (table === null) this.#everywhere.add(text)
    else addTo(this.#tables, table, text)
  }

  addRow(text: string, row: number): void {
    addTo(this.#rows, row, text)
  }

  /** Whatever stands in the way of judging any row of a table. */
  ofTable(table: string): readonly string[] {
    return [...this.#everywhere, ...(this.#tables.get(table) ?? [])]
  }

  ofRow(table: string, row: number): readonly string[] {
    return [...this.ofTable(table), ...(this.#rows.get(row) ?? [])]
  }
}

function addTo<Key>(map: Map<Key, Set<string>>, key: Key, text: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([text]))
  else known.add(text)
}
