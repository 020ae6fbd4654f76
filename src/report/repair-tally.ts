import type { DecisionStatus, Divergence } from '../model/divergence.js'
import { type TableRef, tableName } from '../model/table.js'

/** The order in which statuses are told: what was done, what would be done, what is left. */
export const STATUSES: readonly DecisionStatus[] = ['applied', 'planned', 'manual', 'stale', 'refused', 'failed']

/** Statuses of rows that somebody has to look at. */
export const LEFT_STATUSES = ['manual', 'stale', 'refused', 'failed'] as const
export type LeftStatus = (typeof LEFT_STATUSES)[number]

/** Enough to see what stands in the way; all rows with their reasons are in the JSON report. */
const EXAMPLES = 5

/** What became of the rows of one table. */
export interface TableTally {
  readonly name: string
  readonly rows: Readonly<Record<DecisionStatus, number>>
}

/** Counts decisions by table and status, and keeps the first rows that are left. */
export class RepairTally {
  readonly #tables = new Map<string, { name: string; rows: Record<DecisionStatus, number> }>()
  readonly #examples: Record<LeftStatus, Divergence[]> = { manual: [], stale: [], refused: [], failed: [] }

  add(divergence: Divergence): void {
    const status = divergence.decision?.status
    if (status === undefined) return
    this.#rowsOf(divergence)[status]++
    if (status === 'planned' || status === 'applied') return
    if (this.#examples[status].length < EXAMPLES) this.#examples[status].push(divergence)
  }

  /** In the order of their first row. */
  get tables(): readonly TableTally[] {
    return [...this.#tables.values()]
  }

  total(status: DecisionStatus): number {
    return this.tables.reduce((sum, table) => sum + table.rows[status], 0)
  }

  examples(status: LeftStatus): readonly Divergence[] {
    return this.#examples[status]
  }

  #rowsOf(ref: TableRef): Record<DecisionStatus, number> {
    const key = JSON.stringify([ref.database, ref.table])
    const table = this.#tables.get(key) ?? { name: tableName(ref), rows: noRows() }
    this.#tables.set(key, table)
    return table.rows
  }
}

function noRows(): Record<DecisionStatus, number> {
  return { planned: 0, applied: 0, stale: 0, refused: 0, failed: 0, manual: 0 }
}
