import type { Costs } from '../model/costs.js'
import type { Divergence } from '../model/divergence.js'
import type { FailoverReport } from '../model/failover.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { costLine } from './cost-line.js'
import { differingDefinitions } from './definitions.js'
import { failoverSection, failoverVerdict, isUneventful } from './failover-section.js'
import { wrap } from './layout.js'
import { mastersSection } from './masters-section.js'
import { nextSteps, type Situation } from './next-steps.js'
import { duration, grouped } from './numbers.js'
import { overview } from './overview.js'
import { repairSection } from './repair-section.js'
import { RepairTally } from './repair-tally.js'
import { hasWritten } from './repair-words.js'
import { Samples } from './samples.js'
import { shownRows } from './shown-rows.js'
import type { ReportSink } from './sink.js'
import { createStyle, type Style } from './style.js'
import { differingSums } from './sums.js'
import { visible } from './text.js'
import type { TextOutput } from './text-output.js'
import { verdict } from './verdict.js'

/** Enough rows to see what kind of trouble it is; all of them are in the JSON and CSV reports. */
export const SHOWN_ROWS = 10

const AS_FOUND = '  rows, chunks and classes are as they were found, before the repair'

/** How the report is to look. */
export interface TerminalOptions {
  readonly colour: boolean
  /** Columns to fill. */
  readonly width: number
  /** Only the verdict, and not even that when all is equal. */
  readonly quiet: boolean
  /** Divergent rows to show. */
  readonly rows: number
  /** The files that hold the full report, for the reader to find them. */
  readonly savedTo: readonly string[]
}

/** The report for people, printed when the audit has ended. */
export class TerminalReport implements ReportSink {
  readonly #output: TextOutput
  readonly #options: TerminalOptions
  readonly #style: Style
  readonly #samples: Samples
  readonly #tally = new RepairTally()
  readonly #results: TableResult[] = []
  #header: AuditHeader | null = null
  #repair: RepairSummary | null = null
  #failover: FailoverReport | null = null
  #cutShort: Situation['cutShort'] = null

  constructor(output: TextOutput, options: TerminalOptions) {
    this.#output = output
    this.#options = options
    this.#style = createStyle(options.colour)
    this.#samples = new Samples(options.rows)
  }

  async open(header: AuditHeader): Promise<void> {
    this.#header = header
  }

  async divergences(divergences: readonly Divergence[]): Promise<void> {
    for (const divergence of divergences) {
      this.#samples.add(divergence)
      this.#tally.add(divergence)
    }
  }

  async table(result: TableResult): Promise<void> {
    this.#results.push(result)
  }

  async repaired(repair: RepairSummary): Promise<void> {
    this.#repair = repair
  }

  async failover(failover: FailoverReport): Promise<void> {
    this.#failover = failover
  }

  cutShort(resume: string | null): void {
    this.#cutShort = { resume }
  }

  async close(finishedAt: Date, summary: Summary, costs: Costs | null = null): Promise<void> {
    if (this.#header === null) throw new Error('a report is opened before it is closed')
    const lines = this.#options.quiet
      ? this.#quiet(this.#header, summary)
      : this.#sections(this.#header, finishedAt, summary, costs).flatMap((section) => [...section, ''])
    if (lines.length > 0) await this.#output.write(`${lines.join('\n').trimEnd()}\n`)
    await this.#output.commit()
  }

  async abort(): Promise<void> {
    await this.#output.discard()
  }

  #quiet(header: AuditHeader, summary: Summary): string[] {
    const isGood = summary.complete && summary.consistent && !hasWritten(this.#repair)
    return [
      ...(isGood ? [] : [this.#verdict(header, summary)]),
      ...(this.#failover === null || isUneventful(this.#failover) ? [] : failoverVerdict(this.#failover, this.#style))
    ]
  }

  #sections(header: AuditHeader, finishedAt: Date, summary: Summary, costs: Costs | null): string[][] {
    const style = this.#style
    const { width, savedTo } = this.#options
    const [results, repair] = [this.#results, this.#repair]
    const names = header.masters.map((master) => master.name)
    const written = hasWritten(repair)
    const plain = summary.complete && summary.consistent && !written
    const sections = [
      plain ? [] : mastersSection(header.masters, style, width),
      [...overview(results, names, style, width), ...(written ? [style.faint(AS_FOUND)] : [])],
      repairSection({ repair, tally: this.#tally }, style, width),
      differingSums({ results, masters: names, outdated: written }, style, width),
      differingDefinitions(results, names, style, width),
      shownRows({ picked: this.#samples.pick(), results, masters: names }, style, width),
      listSection('Notes', header.notes, style, width),
      [
        this.#verdict(header, summary),
        style.faint(this.#pace(header, finishedAt)),
        ...(costs === null ? [] : [style.faint(costLine(costs))])
      ],
      ...(this.#failover === null ? [] : failoverSection(this.#failover, style, width)),
      listSection(
        'Next',
        nextSteps({ header, results, summary, repair, cutShort: this.#cutShort, savedTo }),
        style,
        width
      )
    ]
    return sections.filter((section) => section.length > 0)
  }

  #verdict(header: AuditHeader, summary: Summary): string {
    const unreached = summary.tables - this.#results.length
    return verdict({ header, summary, unreached, repair: this.#repair }, this.#style)
  }

  #pace(header: AuditHeader, finishedAt: Date): string {
    const milliseconds = finishedAt.getTime() - header.startedAt.getTime()
    if (header.rechecked !== undefined) return `  rechecked in ${duration(milliseconds)}`
    const counts = this.#results.flatMap((result) => Object.values(result.rows))
    const rows = counts.reduce((sum, count) => sum + count, 0)
    const rate = milliseconds > 0 ? ` (${grouped(Math.round((rows * 1000) / milliseconds))} rows/s)` : ''
    return `  ${grouped(rows)} rows compared in ${duration(milliseconds)}${rate}, checksum ${header.checksum}`
  }
}

function listSection(title: string, items: readonly string[], style: Style, width: number): string[] {
  if (items.length === 0) return []
  const lines = items.flatMap((item) => {
    const [first = '', ...rest] = wrap(visible(item), width, '    ')
    return [`  • ${first.slice(4)}`, ...rest]
  })
  return [style.strong(title), ...lines]
}
