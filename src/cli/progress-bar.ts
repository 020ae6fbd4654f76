import type { AuditEvent, Progress, WaitReason } from '../model/events.js'
import { tableName } from '../model/table.js'
import { ellipsize, pad, widthOf } from '../report/layout.js'
import { compact, duration, grouped } from '../report/numbers.js'
import type { Style } from '../report/style.js'
import { visible } from '../report/text.js'
import { widthOf as columnsOf, type StandardStream } from './io.js'
import { type Pace, type ProgressView, paceOf } from './progress.js'

/** Ten times a second looks smooth; more is work for nothing. */
const INTERVAL_MS = 100
const WIDEST_BAR = 20
const NARROWEST_BAR = 4
const GAP = 2
const NAME_WIDTH = 32
const ERASE_LINE = '\r\u001B[2K'

/** One line at the bottom of a terminal, redrawn in place. */
export class ProgressBar implements ProgressView {
  readonly #stream: StandardStream
  readonly #style: Style
  readonly #now: () => number
  #tableStarted = 0
  #drawn = Number.NEGATIVE_INFINITY
  #shown = false

  /** @param now milliseconds of any steady clock. */
  constructor(stream: StandardStream, style: Style, now: () => number) {
    this.#stream = stream
    this.#style = style
    this.#now = now
  }

  observe(event: AuditEvent): void {
    if (event.type === 'table-started') this.#tableStarted = this.#now()
    if (event.type === 'finished') this.clear()
  }

  progress(progress: Progress): void {
    const now = this.#now()
    if (now - this.#drawn < INTERVAL_MS) return
    this.#drawn = now
    this.#shown = true
    this.#stream.write(ERASE_LINE + this.#line(progress, paceOf(progress, (now - this.#tableStarted) / 1000)))
  }

  /** Nothing else moves meanwhile, so the reason stands where the bar was. */
  waiting(reasons: readonly WaitReason[]): void {
    if (reasons.length === 0) {
      this.clear()
      return
    }
    this.#shown = true
    const text = visible(`waiting: ${reasons.map((reason) => reason.text).join('; ')}`)
    this.#stream.write(ERASE_LINE + this.#style.warning(ellipsize(text, columnsOf(this.#stream) - 1)))
  }

  clear(): void {
    if (!this.#shown) return
    this.#shown = false
    this.#stream.write(ERASE_LINE)
  }

  #line(progress: Progress, pace: Pace): string {
    const name = ellipsize(visible(tableName(progress.ref)), NAME_WIDTH)
    const facts = factsOf(progress, pace).join('  ')
    const room = columnsOf(this.#stream) - 1 - widthOf(name) - GAP
    const bar = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, room - widthOf(facts) - GAP))
    return `${this.#style.strong(name)}  ${this.#bar(pace.part, bar)}  ${ellipsize(facts, Math.max(1, room - bar - GAP))}`
  }

  #bar(part: number | null, width: number): string {
    const full = Math.round((part ?? 0) * width)
    return this.#style.good('━'.repeat(full)) + this.#style.faint('─'.repeat(width - full))
  }
}

function factsOf(progress: Progress, { part, rowsPerSecond, secondsLeft }: Pace): string[] {
  const facts = [
    part === null ? '' : pad(`${Math.floor(part * 100)} %`, 4, 'right'),
    `${compact(rowsPerSecond)} rows/s`,
    secondsLeft === null ? '' : `${duration(secondsLeft * 1000)} left`,
    progress.mismatched === 0 ? '' : `${grouped(progress.mismatched)} chunks ≠`,
    `table ${progress.tablesDone + 1}/${progress.tables}`
  ]
  return facts.filter((fact) => fact !== '')
}
