import type { AuditEvent } from '../model/events.js'
import type { TableResult } from '../model/report.js'

/** How many divergent rows of a run are told in full. */
export class DivergenceLimit {
  readonly #most: number | null
  #told = 0

  /** @param most `null` for all. */
  constructor(most: number | null) {
    this.#most = most
  }

  /** Whether no more are told. */
  get isReached(): boolean {
    return this.#most !== null && this.#told >= this.#most
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
        if (next.value.type === 'divergence') yield this.#admit(next.value)
        else yield next.value
      }
    } finally {
      // Whoever stops listening must stop the audit as well; it has no result then.
      await events.return(undefined as never)
    }
  }

  #admit(event: Extract<AuditEvent, { type: 'divergence' }>): AuditEvent {
    if (this.isReached) return { type: 'unlisted', class: event.divergence.class }
    this.#told++
    return event
  }

  #withUnlisted(result: TableResult, listed: number): TableResult {
    const unlisted = result.missing + result.conflict + result.collision - listed
    if (this.#most === null || unlisted <= 0) return result
    const remark = `of the divergent rows, ${unlisted} were only counted (--max-divergences ${this.#most}): they are not listed, and a repair leaves them as they are`
    return { ...result, reason: result.reason === null ? remark : `${result.reason}; ${remark}`, unlisted }
  }
}
