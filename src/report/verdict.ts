import type { AuditHeader, Summary } from '../model/report.js'
import { counted, grouped } from './numbers.js'
import type { Style } from './style.js'

/** The bottom line, in one line. `unreached` of the failed tables were never begun. */
export function verdict(header: AuditHeader, summary: Summary, unreached: number, style: Style): string {
  if (!summary.complete) return style.strong(style.warning(`! Incomplete: ${incomplete(summary, unreached)}.`))
  if (!summary.consistent) return style.strong(style.bad(`✗ Divergent: ${divergent(summary)}.`))
  const masters = header.masters.map(({ name, host, port }) => `${name} (${host}:${port})`)
  const verb = summary.tables === 1 ? 'holds' : 'hold'
  return style.strong(
    style.good(`✓ Consistent: ${counted(summary.tables, 'table')} ${verb} the same data on ${listed(masters)}.`)
  )
}

function incomplete(summary: Summary, unreached: number): string {
  const failed = summary.failed - unreached
  const lacking = [
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...(summary.skipped > 0 ? [`${grouped(summary.skipped)} skipped`] : []),
    ...(unreached > 0 ? [`${grouped(unreached)} not reached`] : [])
  ]
  const tables = lacking.length === 0 ? [] : [`of ${counted(summary.tables, 'table')}, ${listed(lacking)}`]
  const unsettled = summary.unsettled === 0 ? [] : [`${counted(summary.unsettled, 'row')} did not settle`]
  const cut = tables.length + unsettled.length === 0 ? ['the audit was cut short'] : []
  const found = summary.consistent ? 'no divergence in what was compared' : `found so far: ${classes(summary)}`
  return [...cut, ...tables, ...unsettled, found].join('; ')
}

function divergent(summary: Summary): string {
  const verb = summary.divergent === 1 ? 'differs' : 'differ'
  return `${grouped(summary.divergent)} of ${counted(summary.tables, 'table')} ${verb}: ${classes(summary)}`
}

function classes(summary: Summary): string {
  const { missing, conflict, collision } = summary
  return [
    ...(missing > 0 ? [`${grouped(missing)} missing`] : []),
    ...(conflict > 0 ? [counted(conflict, 'conflict')] : []),
    ...(collision > 0 ? [counted(collision, 'collision')] : [])
  ].join(', ')
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
