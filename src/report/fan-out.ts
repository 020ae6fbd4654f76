import type { Costs } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import type { FailoverReport } from '../model/failover.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import type { ReportSink } from './sink.js'

/** Several reports as one. A report that fails is given up and told of; the others, and the audit, go on. */
export class FanOut implements ReportSink {
  #sinks: readonly ReportSink[]
  readonly #onFailure: (error: unknown) => void

  constructor(sinks: readonly ReportSink[], onFailure: (error: unknown) => void) {
    this.#sinks = sinks
    this.#onFailure = onFailure
  }

  open(header: AuditHeader): Promise<void> {
    return this.#each((sink) => sink.open(header))
  }

  divergences(divergences: readonly Divergence[]): Promise<void> {
    return this.#each((sink) => sink.divergences(divergences))
  }

  table(result: TableResult): Promise<void> {
    return this.#each((sink) => sink.table(result))
  }

  repaired(repair: RepairSummary): Promise<void> {
    return this.#each((sink) => sink.repaired(repair))
  }

  failover(failover: FailoverReport): Promise<void> {
    return this.#each(async (sink) => sink.failover?.(failover))
  }

  cutShort(resume: string | null): void {
    for (const sink of this.#sinks) sink.cutShort?.(resume)
  }

  close(finishedAt: Date, summary: Summary, costs: Costs | null = null): Promise<void> {
    return this.#each((sink) => sink.close(finishedAt, summary, costs))
  }

  abort(): Promise<void> {
    return this.#each((sink) => sink.abort())
  }

  async #each(step: (sink: ReportSink) => Promise<void>): Promise<void> {
    for (const sink of this.#sinks) {
      try {
        await step(sink)
      } catch (error) {
        this.#sinks = this.#sinks.filter((other) => other !== sink)
        await sink.abort()
        this.#onFailure(error)
      }
    }
  }
}
