import type { Costs } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import type { FailoverReport } from '../model/failover.js'
import type { MasterInfo } from '../model/master.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { divergenceText } from './divergence-text.js'
import { failoverFields } from './failover-fields.js'
import { jsonText } from './json-text.js'
import type { ReportSink } from './sink.js'
import type { Spool } from './spool.js'
import type { TextOutput } from './text-output.js'

/** Raised when a reader of the previous version would misread the report. */
const REPORT_VERSION = 1

/**
 * The JSON report, for programs. Divergences wait in a spool, because the tables and the end time stand before them and
 * are known after them. One divergence and one table a line, so that `grep` is of use.
 */
export class JsonReport implements ReportSink {
  readonly #output: TextOutput
  readonly #spool: Spool
  readonly #toolVersion: string
  readonly #tables: TableResult[] = []
  #header: AuditHeader | null = null
  #repair: RepairSummary | null = null
  #failover: FailoverReport | null = null
  #divergences = 0

  /** Owns the output and the spool from here on. */
  constructor(output: TextOutput, spool: Spool, toolVersion: string) {
    this.#output = output
    this.#spool = spool
    this.#toolVersion = toolVersion
  }

  async open(header: AuditHeader): Promise<void> {
    this.#header = header
  }

  async divergences(divergences: readonly Divergence[]): Promise<void> {
    const lines = divergences.map((divergence, at) => separator(this.#divergences + at) + divergenceText(divergence))
    this.#divergences += divergences.length
    await this.#spool.write(lines.join(''))
  }

  async table(result: TableResult): Promise<void> {
    this.#tables.push(result)
  }

  async repaired(repair: RepairSummary): Promise<void> {
    this.#repair = repair
  }

  async failover(failover: FailoverReport): Promise<void> {
    this.#failover = failover
  }

  async close(finishedAt: Date, summary: Summary, costs: Costs | null = null): Promise<void> {
    if (this.#header === null) throw new Error('a report is opened before it is closed')
    await this.#write(this.#head(this.#header, finishedAt))
    for (const [index, table] of this.#tables.entries()) {
      await this.#write(`${separator(index)}${jsonText(tableFields(table))}`)
    }
    await this.#write('\n],\n"divergences":[')
    for await (const bytes of this.#spool.read()) await this.#output.writeBytes(bytes)
    await this.#write(`\n],\n"repair":${jsonText(repairFields(this.#repair))}`)
    await this.#write(`,\n"costs":${jsonText(costsFields(costs))}`)
    await this.#write(`,\n"throttled":${jsonText(throttledFields(costs))}`)
    if (this.#failover !== null) await this.#write(`,\n"failover":${jsonText(failoverFields(this.#failover))}`)
    await this.#write(`,\n"summary":${jsonText(summaryFields(summary))}\n}\n`)
    await this.#output.commit()
    await this.#spool.close()
  }

  async abort(): Promise<void> {
    await this.#output.discard()
    await this.#spool.close()
  }

  #head(header: AuditHeader, finishedAt: Date): string {
    const fields = {
      version: REPORT_VERSION,
      tool: { name: 'mmaudit', version: this.#toolVersion },
      startedAt: header.startedAt.toISOString(),
      finishedAt: finishedAt.toISOString(),
      checksum: header.checksum,
      masters: header.masters.map(masterFields)
    }
    const lines = Object.entries(fields).map(([name, value]) => `"${name}":${jsonText(value)}`)
    return `{\n${lines.join(',\n')},\n"tables":[`
  }

  #write(text: string): Promise<void> {
    return this.#output.write(text)
  }
}

function separator(before: number): string {
  return before === 0 ? '\n' : ',\n'
}

// Field by field, so that the order is the documented one and nothing that a type gains later slips out unseen.

function masterFields(master: MasterInfo) {
  const { name, host, port, vendor, serverVersion, serverId, position } = master
  return { name, host, port, vendor, serverVersion, serverId, position }
}

function tableFields(result: TableResult) {
  const { database, table, status, reason, key, chunks, rows, sums, missing, conflict, collision, unsettled } = result
  const drift = result.drift.map(({ aspect, name, masters }) => ({ aspect, name, masters }))
  const { total, mismatched } = chunks
  return {
    database,
    table,
    status,
    reason,
    key,
    chunks: { total, mismatched },
    rows,
    sums,
    missing,
    conflict,
    collision,
    unsettled,
    unlisted: result.unlisted ?? 0,
    drift
  }
}

/** The bottom line of a repair as reports have it. */
export function repairFields(repair: RepairSummary | null) {
  if (repair === null) return null
  const { runId, dryRun, journal, changes, stopped, warnings } = repair
  const { planned, applied, stale, refused, failed, manual } = repair.rows
  const rows = { planned, applied, stale, refused, failed, manual }
  return { runId, dryRun, journal, rows, changes, stopped, warnings }
}

function costsFields(costs: Costs | null) {
  if (costs === null) return null
  const byMaster = Object.entries(costs.masters).map(([name, { queries, rows, bytes }]) => [
    name,
    { queries, rows, bytes }
  ])
  return Object.fromEntries(byMaster)
}

function throttledFields(costs: Costs | null) {
  if (costs === null) return null
  const { seconds, reasons } = costs.throttled
  return { seconds, reasons }
}

function summaryFields(summary: Summary) {
  const { consistent, complete, tables, divergent, skipped, failed } = summary
  const { missing, conflict, collision, unsettled, unlisted } = summary
  return { consistent, complete, tables, divergent, skipped, failed, missing, conflict, collision, unsettled, unlisted }
}
