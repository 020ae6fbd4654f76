import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary } from '../model/report.js'
import { counted, grouped } from './numbers.js'
import { outcomeText, repairedText, unrepairedText } from './repair-verdict.js'
import { rowsDecided } from './repair-words.js'
import type { Style } from './style.js'
import { listed, visible } from './text.js'

/** What the bottom line is drawn under. */
export interface Outcome {
  readonly header: AuditHeader
  readonly summary: Summary
  /** Of the failed tables, those that were never begun. */
  readonly unreached: number
  /** `null` without a repair. */
  readonly repair: RepairSummary | null
}

/** The bottom line, in one line. */
export function verdict(outcome: Outcome, style: Style): string {
  const { summary } = outcome
  if (!summary.complete) return style.strong(style.warning(`! Incomplete: ${about(outcome)}${incomplete(outcome)}.`))
  const text = summary.consistent ? style.good(`✓ ${agreed(outcome)}.`) : style.bad(`✗ ${disagreed(outcome)}.`)
  return style.strong(text)
}

function agreed({ header, summary, repair }: Outcome): string {
  if (repair !== null && !repair.dryRun && rowsDecided(repair) > 0) return repairedText(repair)
  const masters = header.masters.map(({ name, host, port }) => `${name} (${host}:${port})`)
  if (header.rechecked !== undefined) {
    const { report, rows } = header.rechecked
    return `Consistent: of ${counted(rows, 'row')} in ${visible(report)}, none differs now on ${listed(masters)}`
  }
  const verb = summary.tables === 1 ? 'holds' : 'hold'
  return `Consistent: ${counted(summary.tables, 'table')} ${verb} the same data on ${listed(masters)}`
}

function disagreed(outcome: Outcome): string {
  const { summary, repair } = outcome
  if (repair !== null && !repair.dryRun) return unrepairedText(summary, repair)
  return `Divergent: ${about(outcome)}${divergent(summary)}${repair === null ? '' : `; ${outcomeText(repair)}`}`
}

/** Rows that were read again by name prove nothing of the others, so a recheck never looks like an audit. */
function about({ header: { rechecked } }: Outcome): string {
  return rechecked === undefined ? '' : `recheck of ${visible(rechecked.report)} (${counted(rechecked.rows, 'row')}): `
}

function incomplete({ summary, unreached, repair }: Outcome): string {
  const failed = summary.failed - unreached
  const lacking = [
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...(summary.skipped > 0 ? [`${grouped(summary.skipped)} skipped`] : []),
    ...(unreached > 0 ? [`${grouped(unreached)} not reached`] : [])
  ]
  const tables = lacking.length === 0 ? [] : [`of ${counted(summary.tables, 'table')}, ${listed(lacking)}`]
  const unsettled = summary.unsettled === 0 ? [] : [`${counted(summary.unsettled, 'row')} did not settle`]
  const cut = tables.length + unsettled.length > 0 ? [] : [`the ${repair === null ? 'audit' : 'repair'} was cut short`]
  const outcome = repair !== null && rowsDecided(repair) > 0 ? [outcomeText(repair)] : []
  return [...cut, ...tables, ...unsettled, found(summary), ...outcome].join('; ')
}

function found(summary: Summary): string {
  const rows = classes(summary)
  if (rows !== '') return `found so far: ${rows}${listedOnly(summary)}`
  return summary.consistent ? 'no divergence in what was compared' : `found so far: ${differing(summary)}`
}

function divergent(summary: Summary): string {
  const rows = classes(summary)
  return rows === '' ? differing(summary) : `${differing(summary)}: ${rows}${listedOnly(summary)}`
}

/** Nobody may take the rows that are listed for all. */
function listedOnly({ missing, conflict, collision, unlisted }: Summary): string {
  return unlisted === 0 ? '' : ` (${grouped(missing + conflict + collision - unlisted)} of them listed)`
}

function differing({ divergent, tables }: Summary): string {
  return `${grouped(divergent)} of ${counted(tables, 'table')} ${divergent === 1 ? 'differs' : 'differ'}`
}

function classes(summary: Summary): string {
  const { missing, conflict, collision } = summary
  return [
    ...(missing > 0 ? [`${grouped(missing)} missing`] : []),
    ...(conflict > 0 ? [counted(conflict, 'conflict')] : []),
    ...(collision > 0 ? [counted(collision, 'collision')] : [])
  ].join(', ')
}
