import type { AuditEvent, Progress, WaitReason } from '../model/events.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { type TableRef, tableName } from '../model/table.js'
import { compact, counted, duration, grouped } from '../report/numbers.js'
import type { Log } from './log.js'
import { type ProgressView, paceOf } from './progress.js'

/** Often enough to see that it lives, seldom enough to keep a nightly log readable. */
const INTERVAL_MS = 10_000

/** Plain lines for a log: at the start and the end of each table, and now and then between. */
export class ProgressLines implements ProgressView {
  readonly #log: Log
  readonly #now: () => number
  #tables = 0
  #begun = 0
  #tableStarted = 0
  #said = 0
  #waitingSince: number | null = null
  #waitSaid = { at: Number.NEGATIVE_INFINITY, kinds: '' }

  /** @param now milliseconds of any steady clock. */
  constructor(log: Log, now: () => number) {
    this.#log = log
    this.#now = now
  }

  observe(event: AuditEvent): void {
    switch (event.type) {
      case 'started':
        this.#start(event.header)
        break
      case 'table-started':
        this.#startTable(event.ref)
        break
      case 'table-finished':
        this.#finishTable(event.result)
        break
      case 'finished':
        this.#finish(event.summary)
        break
      case 'divergences':
      case 'unlisted':
      case 'broken-off':
      case 'repaired':
      case 'failover':
        break
    }
  }

  progress(progress: Progress): void {
    const now = this.#now()
    if (now - this.#said < INTERVAL_MS) return
    this.#said = now
    const { part, rowsPerSecond, secondsLeft } = paceOf(progress, (now - this.#tableStarted) / 1000)
    const facts = [
      ...(part === null ? [] : [`${Math.floor(part * 100)} %`]),
      `${grouped(progress.rows)} rows`,
      `${compact(rowsPerSecond)} rows/s`,
      ...(secondsLeft === null ? [] : [`${duration(secondsLeft * 1000)} left`]),
      ...(progress.mismatched === 0 ? [] : [`${counted(progress.mismatched, 'chunk')} differ`])
    ]
    const { ref, rows, estimatedRows, chunks, mismatched } = progress
    this.#log.info('progress', `${tableName(ref)}: ${facts.join(', ')}`, {
      ...ref,
      rows,
      estimatedRows,
      chunks,
      mismatched,
      rowsPerSecond: Math.round(rowsPerSecond),
      secondsLeft: secondsLeft === null ? null : Math.round(secondsLeft)
    })
  }

  /** A server on the edge of its limit is told of once in a while, not at every turn. */
  waiting(reasons: readonly WaitReason[]): void {
    const now = this.#now()
    if (reasons.length === 0) {
      this.#goOn(now)
      return
    }
    const kinds = JSON.stringify(reasons.map(({ kind, master }) => [kind, master]))
    if (kinds === this.#waitSaid.kinds && now - this.#waitSaid.at < INTERVAL_MS) return
    this.#waitSaid = { at: now, kinds }
    this.#waitingSince ??= now
    this.#log.info('waiting', `waiting: ${reasons.map((reason) => reason.text).join('; ')}`, { reasons })
  }

  clear(): void {}

  #goOn(now: number): void {
    if (this.#waitingSince === null) return
    const milliseconds = Math.round(now - this.#waitingSince)
    this.#waitingSince = null
    this.#log.info('going-on', `going on after ${duration(milliseconds)}`, { milliseconds })
  }

  #start({ masters, tables, notes }: AuditHeader): void {
    this.#tables = tables
    const names = masters.map((master) => master.name)
    this.#log.info('started', `comparing ${counted(tables, 'table')} on ${names.join(', ')}`, {
      masters: names,
      tables,
      notes
    })
  }

  #startTable(ref: TableRef): void {
    this.#begun++
    this.#tableStarted = this.#now()
    this.#said = this.#tableStarted
    this.#log.info('table-started', `${tableName(ref)}: reading (${this.#begun} of ${this.#tables})`, { ...ref })
  }

  #finishTable(result: TableResult): void {
    const { database, table, status, reason, chunks, rows, missing, conflict, collision, unsettled } = result
    const milliseconds = Math.round(this.#now() - this.#tableStarted)
    this.#log.info('table-finished', `${tableName(result)}: ${outcome(result)}, ${duration(milliseconds)}`, {
      database,
      table,
      status,
      reason,
      chunks,
      rows,
      missing,
      conflict,
      collision,
      unsettled,
      milliseconds
    })
  }

  #finish(summary: Summary): void {
    const { tables, divergent, skipped, failed } = summary
    const rest = [`${divergent} divergent`, `${skipped} skipped`, `${failed} failed`]
    this.#log.info('finished', `compared ${counted(tables, 'table')}: ${rest.join(', ')}`, { ...summary })
  }
}

function outcome(result: TableResult): string {
  const found = (['missing', 'conflict', 'collision', 'unsettled'] as const)
    .filter((name) => result[name] > 0)
    .map((name) => `${grouped(result[name])} ${name}`)
  const counts = Object.values(result.rows)
  // Rows that were only looked at one by one are not counted.
  const size = counts.length === 0 ? (result.reason ?? '') : counted(Math.max(...counts), 'row')
  switch (result.status) {
    case 'consistent':
      return `equal, ${size}`
    case 'divergent':
      return `differs (${found.join(', ')}), ${size}`
    case 'skipped':
    case 'failed':
      return `${[result.status, ...found].join(', ')}: ${result.reason ?? ''}`
  }
}
