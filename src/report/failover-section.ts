import type { FailoverReport, LackedTransactions } from '../model/failover.js'
import { tableName } from '../model/table.js'
import { ellipsize, wrap } from './layout.js'
import { counted, grouped } from './numbers.js'
import { showValue } from './shown-value.js'
import { mendLines } from './stopped-section.js'
import type { Style } from './style.js'
import { listed, visible } from './text.js'

const INDENT = '  '
/** Troubled rows that are shown; the JSON report has more. */
const SHOWN_ROWS = 10
/** A GTID set of many holes is longer than any screen; the JSON report has it whole. */
const WIDEST_SET = 200

/** Whether nothing was lost, and nothing stands in the way. */
export function isUneventful({ answer, unsent, gaps }: FailoverReport): boolean {
  return answer === 'yes' && unsent === 0 && gaps.length === 0
}

/** What a failover left behind, and the verdict. */
export function failoverSection(report: FailoverReport, style: Style, width: number): readonly string[][] {
  const { lacked, pending, notes, troubled, stepOver, master } = report
  const paragraph = (text: string) => wrap(visible(text), width, INDENT)
  const sections = [
    [
      style.strong(`Transactions ${report.kind === 'lost' ? 'of' : 'to and from'} ${visible(master)}`),
      ...lacked.flatMap((each) => paragraph(lackedText(each, report))),
      ...(lacked.length === 0 ? [`${INDENT}every master that was asked has the same`] : []),
      ...pending.flatMap((each) => paragraph(`${each.master} has received and not applied ${each.which}`)),
      ...paragraph(rowsText(report))
    ],
    troubledLines(troubled, report, style, width),
    notes.length === 0 ? [] : [style.strong('To know'), ...notes.flatMap(paragraph)],
    stepOver.length === 0
      ? []
      : [
          style.strong('Step over the unsent transactions, once their rows are as wanted'),
          ...mendLines(stepOver, style)
        ],
    [...failoverVerdict(report, style)]
  ]
  return sections.filter((section) => section.length > 0)
}

/** The bottom line, and each reason for it. */
export function failoverVerdict(report: FailoverReport, style: Style): readonly string[] {
  const { answer, reasons } = report
  const text = verdictText(report)
  const paint = answer === 'yes' ? style.good : answer === 'no' ? style.bad : style.warning
  const mark = answer === 'yes' ? '✓' : answer === 'no' ? '✗' : '!'
  return [style.strong(paint(`${mark} ${text}`)), ...reasons.map((each) => `${INDENT}• ${visible(each.text)}`)]
}

function verdictText({ kind, master, answer, reasons, unsent }: FailoverReport): string {
  const because = reasons.length > 0 ? ', because:' : '.'
  if (kind === 'lost') {
    if (answer === 'yes') {
      return `The survivors have the same transactions of ${visible(master)}. What it wrote and never sent, only it can tell: --returned.`
    }
    return answer === 'no'
      ? `The survivors do not agree on what ${visible(master)} wrote${because}`
      : `Whether the survivors agree on what ${visible(master)} wrote cannot be told${because}`
  }
  const arrives =
    unsent > 0 && answer === 'yes' ? ` ${counted(unsent, 'unsent transaction')} will arrive by replication.` : ''
  return `Safe for ${visible(master)} to rejoin: ${answer}${because}${arrives}`
}

function lackedText({ master, count, which, unsent, readOn }: LackedTransactions, report: FailoverReport): string {
  const set = ellipsize(which, WIDEST_SET)
  const read = readOn.length === 0 ? '' : `, read on ${listed(readOn)}`
  const number = count === 0 ? 'transactions that were not read' : counted(count, 'transaction')
  const verb = report.kind === 'returned' && master === report.master ? 'has missed' : 'lacks'
  const alone =
    unsent === '' ? '' : `; only ${report.master} has ${unsent === which ? 'them' : ellipsize(unsent, WIDEST_SET)}`
  return `${master} ${verb} ${number} (${set})${read}${alone}`
}

function rowsText({ rows, kind }: FailoverReport): string {
  const { written, bothSides, arriving, troubled } = rows
  if (written === 0) return 'they change no rows that are looked at'
  if (kind === 'lost') return `${counted(written, 'row')} changed by them`
  return (
    `${counted(written, 'row')} changed by them: ${grouped(bothSides)} on both sides, ${grouped(arriving)} that will agree by ` +
    `replication, ${grouped(troubled)} that will not`
  )
}

function troubledLines(
  troubled: FailoverReport['troubled'],
  { rows, kind }: FailoverReport,
  style: Style,
  width: number
): string[] {
  if (kind === 'lost' || troubled.length === 0) return []
  const shown = troubled.slice(0, SHOWN_ROWS)
  const rest = rows.troubled - shown.length
  return [
    style.strong('Rows that will not come right by themselves'),
    ...shown.flatMap((row) => {
      const key = Object.entries(row.key).map(([column, value]) => `${visible(column)} ${showValue(value)}`)
      return wrap(`${visible(tableName(row))}  ${key.join(', ')}: ${visible(row.because)}`, width, INDENT)
    }),
    ...(rest > 0 ? [style.faint(`${INDENT}… ${counted(rest, 'more row')}`)] : [])
  ]
}
