import type { Divergence, DivergenceClass } from '../model/divergence.js'
import type { Summary, TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import { tableName } from '../model/table.js'
import type { Conclusion } from './conclude.js'

/** Puts what was concluded into divergences, and follows with the counts of their tables. */
export class JudgedTables {
  readonly #requires: boolean
  /** Rows that came to another class than the audit took them to, by table. */
  readonly #moved = new Map<string, Record<DivergenceClass, number>>()
  readonly #gaps = new Map<string, Set<string>>()
  readonly #results: TableResult[] = []

  /** @param requires whether a table counts as failed of which something could not be looked at. */
  constructor(requires: boolean) {
    this.#requires = requires
  }

  /** Something of a table's past could not be looked at. */
  addGap(table: string, gap: string): void {
    this.#gaps.set(table, new Set([...(this.#gaps.get(table) ?? []), gap]))
  }

  /** The divergence with its evidence, which also joins its reason when something is proven. */
  divergence(found: Divergence, { class: proven, evidence }: Conclusion): Divergence {
    if (proven !== found.class) this.#move(tableName(found), found.class, proven)
    const proof = evidence.verdict === 'unknown' ? '' : `binlogs: ${evidence.because}`
    const reason = [found.reason, proof].filter((part) => part !== '').join('; ')
    return { ...found, class: proven, reason, evidence }
  }

  /** The result of a table all of whose divergences were judged. */
  result(counted: TableResult): TableResult {
    const moved = this.#moved.get(tableName(counted))
    const result = this.#judged({
      ...counted,
      conflict: counted.conflict + (moved?.conflict ?? 0),
      collision: counted.collision + (moved?.collision ?? 0)
    })
    this.#results.push(result)
    return result
  }

  /** The bottom line under these results. @param before the one that the audit drew. */
  summary(before: Summary): Summary {
    return summarise(this.#results, before.tables - this.#results.length)
  }

  #judged(result: TableResult): TableResult {
    const gaps = [...(this.#gaps.get(tableName(result)) ?? [])]
    if (!this.#requires || gaps.length === 0) return result
    const reasons = [...(result.reason === null ? [] : [result.reason]), `evidence is required: ${gaps.join('; ')}`]
    return { ...result, status: 'failed', reason: reasons.join('; ') }
  }

  #move(table: string, from: DivergenceClass, to: DivergenceClass): void {
    const counts = this.#moved.get(table) ?? { missing: 0, conflict: 0, collision: 0 }
    counts[from]--
    counts[to]++
    this.#moved.set(table, counts)
  }
}
