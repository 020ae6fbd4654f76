import { stringify } from 'csv-stringify/sync'
import type { Divergence } from '../model/divergence.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { actionCell, columnsCell, keyCell, masterCell, winnerCell } from './csv-cells.js'
import { defuse } from './formula.js'
import type { ReportSink } from './sink.js'
import type { TextOutput } from './text-output.js'

/** The columns of every CSV report; one column a master follows. */
export const CSV_COLUMNS = [
  'database',
  'table',
  'key',
  'class',
  'reason',
  'columns',
  'winner',
  'action',
  'status'
] as const

/** RFC 4180 ends lines with CRLF; the library then overlooks lone line breaks inside a cell, hence the match. */
const FORMAT = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** The CSV report, for spreadsheets: one line a divergent row. */
export class CsvReport implements ReportSink {
  readonly #output: TextOutput
  #masters: readonly string[] = []

  /** Owns the output from here on. */
  constructor(output: TextOutput) {
    this.#output = output
  }

  async open(header: AuditHeader): Promise<void> {
    this.#masters = header.masters.map((master) => master.name)
    await this.#write([[...CSV_COLUMNS, ...this.#masters]])
  }

  async divergences(divergences: readonly Divergence[]): Promise<void> {
    await this.#write(divergences.map((divergence) => cells(divergence, this.#masters)))
  }

  async table(_result: TableResult): Promise<void> {}

  async repaired(_repair: RepairSummary): Promise<void> {}

  async close(_finishedAt: Date, _summary: Summary): Promise<void> {
    await this.#output.commit()
  }

  async abort(): Promise<void> {
    await this.#output.discard()
  }

  #write(lines: readonly (readonly string[])[]): Promise<void> {
    return this.#output.write(
      stringify(
        lines.map((line) => line.map(defuse)),
        FORMAT
      )
    )
  }
}

function cells(divergence: Divergence, masters: readonly string[]): string[] {
  const { decision } = divergence
  return [
    divergence.database,
    divergence.table,
    keyCell(divergence.key),
    divergence.class,
    divergence.reason,
    columnsCell(divergence.columns),
    winnerCell(decision),
    actionCell(decision),
    decision?.status ?? '',
    ...masters.map((master) => masterCell(divergence, master))
  ]
}
