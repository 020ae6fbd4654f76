import type { ForeignKey, TableFacts } from '../../src/masters/table-facts.js'
import type { RowImage, Step } from '../../src/model/repair.js'
import { tableName } from '../../src/model/table.js'

/** Rows of one table by their key. */
export type Rows = ReadonlyMap<string, RowImage>

/** Tables that enforce unique keys and foreign keys (RESTRICT) at every statement, as a server does. Keys are `id`. */
export class RowStore {
  readonly #facts: readonly TableFacts[]
  readonly #tables: Map<string, Map<string, RowImage>>

  constructor(facts: readonly TableFacts[], tables: Readonly<Record<string, Rows>>) {
    this.#facts = facts
    this.#tables = new Map(facts.map(({ ref }) => [tableName(ref), new Map(tables[ref.table] ?? [])]))
  }

  rows(table: string): Rows {
    return this.#table({ database: 'shop', table })
  }

  /** Runs a step; throws where a server would refuse it, or where the row is not what the step says. */
  run({ kind, change, before, after }: Step): void {
    const rows = this.#table(change.table.ref)
    const id = (before ?? after)?.id ?? ''
    const held = rows.get(id) ?? null
    if (JSON.stringify(held) !== JSON.stringify(before)) throw new Error(`stale ${kind} of ${id}`)
    if (before !== null) rows.delete(id)
    if (after !== null) rows.set(after.id ?? '', after)
    const problem = this.violation()
    if (problem !== null) throw new Error(`${kind} of ${tableName(change.table.ref)} ${id}: ${problem}`)
  }

  /** The first broken constraint, `null` when all hold. */
  violation(): string | null {
    for (const facts of this.#facts) {
      for (const key of facts.uniqueKeys) {
        const values = [...this.#table(facts.ref).values()].flatMap((row) => keyValue(row, key.columns) ?? [])
        if (new Set(values).size < values.length) return `duplicate in ${key.name}`
      }
      for (const key of facts.parents) if (this.#hasOrphan(key)) return `orphan by ${key.name}`
    }
    return null
  }

  #hasOrphan(key: ForeignKey): boolean {
    const parents = new Set([...this.#table(key.parent).values()].map((row) => keyValue(row, key.parentColumns)))
    return [...this.#table(key.table).values()].some((row) => {
      const value = keyValue(row, key.columns)
      return value !== null && !parents.has(value)
    })
  }

  #table(ref: TableFacts['ref']): Map<string, RowImage> {
    const rows = this.#tables.get(tableName(ref))
    if (rows === undefined) throw new Error(`no table ${tableName(ref)}`)
    return rows
  }
}

function keyValue(row: RowImage, columns: readonly string[]): string | null {
  const literals = columns.map((name) => row[name] ?? 'NULL')
  return literals.includes('NULL') ? null : JSON.stringify(literals)
}
