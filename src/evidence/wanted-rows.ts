import type { AuditTable } from '../audit/table-plan.js'
import type { Divergence } from '../model/divergence.js'
import type { SqlValue } from '../model/value.js'

/** A divergent row that a logged one is about. */
export interface FoundRow {
  /** Which of the wanted rows, from 0. */
  readonly row: number
  /** The key is spelled as on no master now, but may be the same to the servers. */
  readonly respelled: boolean
}

/**
 * Divergent rows of one table by their keys. Servers take different spellings for one key ('a' and 'A'), and only they know
 * which; so what is alike but for case, accents and spaces at the end is found, and told apart.
 */
export class WantedRows {
  readonly #exact = new Map<string, number>()
  readonly #loose: Map<string, number> | null

  /** @param rows the divergent rows, each with its number. */
  constructor(table: AuditTable, rows: readonly (readonly [row: number, divergence: Divergence])[]) {
    this.#loose = table.looseKey ? new Map() : null
    const names = table.keyColumns.map((column) => column.name)
    for (const [row, divergence] of rows) {
      for (const holder of [divergence.key, ...Object.values(divergence.rows)]) {
        if (holder === null) continue
        const key = names.map((name) => holder[name] ?? null)
        this.#exact.set(keyText(key), row)
        this.#loose?.set(folded(key), row)
      }
    }
  }

  find(key: readonly SqlValue[]): FoundRow | null {
    const row = this.#exact.get(keyText(key))
    if (row !== undefined) return { row, respelled: false }
    const alike = this.#loose?.get(folded(key))
    return alike === undefined ? null : { row: alike, respelled: true }
  }
}

/** Tells keys of one table apart. Nearly all are of one column, and every logged row asks. */
function keyText(key: readonly SqlValue[]): string {
  const [only] = key
  return key.length === 1 && typeof only === 'string' ? only : JSON.stringify(key)
}

function folded(key: readonly SqlValue[]): string {
  return JSON.stringify(
    key.map((value) =>
      typeof value === 'string' ? value.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd() : value
    )
  )
}
