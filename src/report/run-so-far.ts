import type { Costs } from '../model/costs.js'
import type { DivergenceClass } from '../model/divergence.js'
import type { AuditEvent } from '../model/events.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import type { TableRef } from '../model/table.js'

/** The table that is being audited, and what was found in it. */
interface Current {
  readonly ref: TableRef
  readonly classes: Record<DivergenceClass, number>
  unlisted: number
  key: readonly string[]
}

/** Follows the events of an audit, to tell what there is to tell when it ends before its end. */
export class RunSoFar {
  readonly #results: TableResult[] = []
  #header: AuditHeader | null = null
  #current: Current | null = null
  #costs: Costs | null = null

  /** `null` until the audit has started. */
  get header(): AuditHeader | null {
    return this.#header
  }

  /** What the audit cost, when it said so before it broke off. */
  get costs(): Costs | null {
    return this.#costs
  }

  observe(event: AuditEvent): void {
    switch (event.type) {
      case 'started':
        this.#header = event.header
        break
      case 'table-started':
        this.#current = { ref: event.ref, classes: { missing: 0, conflict: 0, collision: 0 }, unlisted: 0, key: [] }
        break
      case 'divergences':
        this.#count(event.found.map(({ divergence }) => divergence.class))
        if (this.#current !== null) this.#current.key = Object.keys(event.found[0]?.divergence.key ?? {})
        break
      case 'unlisted':
        this.#count(event.classes)
        if (this.#current !== null) this.#current.unlisted += event.classes.length
        break
      case 'table-finished':
        this.#results.push(event.result)
        this.#current = null
        break
      case 'broken-off':
        this.#costs = event.costs
        break
      case 'repaired':
      case 'failover':
      case 'finished':
        break
    }
  }

  #count(classes: readonly DivergenceClass[]): void {
    if (this.#current === null) return
    for (const name of classes) this.#current.classes[name]++
  }

  /** The table that was begun and not finished becomes a failed one, with what was found in it. `null` when there is none. */
  fail(reason: string): TableResult | null {
    if (this.#current === null) return null
    const { ref, classes, unlisted, key } = this.#current
    const result: TableResult = {
      ...ref,
      status: 'failed',
      reason,
      key,
      drift: [],
      chunks: { total: 0, mismatched: 0 },
      rows: {},
      sums: {},
      ...classes,
      unsettled: 0,
      ...(unlisted === 0 ? {} : { unlisted })
    }
    this.#results.push(result)
    this.#current = null
    return result
  }

  /** The bottom line of an audit that was cut short: tables that were never reached count as failed. */
  partialSummary(): Summary {
    const tables = Math.max(this.#header?.tables ?? 0, this.#results.length)
    const reached = summarise(this.#results)
    return { ...reached, complete: false, tables, failed: reached.failed + tables - this.#results.length }
  }
}
