import type { AuditEvent, FoundEvent } from '../model/events.js'
import type { TableResult } from '../model/report.js'

/** How many divergent rows of a run are told in full. */
export class DivergenceLimit {
  readonly #most: number | null
  #told = 0

  /** @param most `null` for all. */
  constructor(most: number | null) {
    this.#most = most
  }

  /** How many more are told; `Infinity` for all. */
  get room(): number {
    return this.#most === null ? Number.POSITIVE_INFINITY : this.#most - this.#told
  }

  /**
   * Passes the events of one table on, the divergences as far as they are to be told; all others are only counted. The
   * result says how many those are.
   */
  async *apply(events: AsyncGenerator<AuditEvent, TableResult>): AsyncGenerator<AuditEvent, TableResult> {
    const before = this.#told
    try {
      for (let next = await events.next(); ; next = await events.next()) {
        if (next.done) return this.#withUnlisted(next.value, this.#told - before)
        if (next.value.type === 'divergences') yield* this.#admit(next.value)
        else yield next.value
      }
    } finally {
      // Whoever stops listening must stop the audit as well; it has no result then.
      await events.return(undefined as never)
    }
  }

  *#admit({ found }: FoundEvent): Generator<AuditEvent, void> {
    const told = found.slice(0, this.room)
    const classes = found.slice(told.length).map(({ divergence }) => divergence.class)
    this.#told += told.length
    if (told.length > 0) yield { type: 'divergences', found: told }
    if (classes.length > 0) yield { type: 'unlisted', classes }
  }

  #withUnlisted(result: TableResult, listed: number): TableResult {
    const unlisted = result.missing + result.conflict + result.collision - listed
    if (this.#most === null || unlisted <= 0) return result
    const remark = `of the divergent rows, ${unlisted} were only counted (--max-divergences ${this.#most}): they are not listed, and a repair leaves them as they are`
    return { ...result, reason: result.reason === null ? remark : `${result.reason}; ${remark}`, unlisted }
  }
}
