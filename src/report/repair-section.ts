import type { DecisionStatus, Divergence } from '../model/divergence.js'
import type { RepairSummary } from '../model/repair.js'
import { tableName } from '../model/table.js'
import { type Cell, layOut, left, right } from './grid.js'
import { ellipsize, wrap } from './layout.js'
import { counted, grouped } from './numbers.js'
import { LEFT_STATUSES, type LeftStatus, type RepairTally, STATUSES } from './repair-tally.js'
import { changesText, hasWritten } from './repair-words.js'
import { showValue } from './shown-value.js'
import type { Paint, Style } from './style.js'
import { shellWord, visible } from './text.js'

const INDENT = '  '
const REASON_INDENT = '      '

/** What the section needs to know. */
export interface ShownRepair {
  /** `null` when the repair did not come to its end. */
  readonly repair: RepairSummary | null
  readonly tally: RepairTally
}

/** What became of the divergent rows. Nothing when there was no repair, or nothing to repair. */
export function repairSection({ repair, tally }: ShownRepair, style: Style, width: number): string[] {
  const lines = [
    ...(repair === null ? [] : stoppedLines(repair, style, width)),
    ...tableLines(tally, style, width),
    ...(repair === null ? [] : aboutLines(repair, tally, style, width)),
    ...statusesToShow(tally, repair).flatMap((status) => exampleLines(status, tally, style, width))
  ]
  return lines.length === 0 ? [] : [titleLine(repair, style), ...lines]
}

function titleLine(repair: RepairSummary | null, style: Style): string {
  if (repair === null) return `${style.strong('Repair')}  ${style.warning('cut short')}`
  if (repair.dryRun) return `${style.strong('Repair')}  ${style.warning('dry run: nothing was written')}`
  return `${style.strong('Repair')}  ${style.faint(`run ${visible(repair.runId)}`)}`
}

function stoppedLines({ stopped, dryRun }: RepairSummary, style: Style, width: number): string[] {
  if (stopped === null) return []
  const begin = dryRun ? '! Would be stopped' : '! Stopped'
  return wrap(`${begin}: ${visible(stopped)}`, width, INDENT).map((line) => style.strong(style.bad(line)))
}

function tableLines(tally: RepairTally, style: Style, width: number): string[] {
  const statuses = STATUSES.filter((status) => tally.total(status) > 0)
  if (statuses.length === 0) return []
  const head = [left('table', style.faint), ...statuses.map((status) => right(status, style.faint))]
  const rows = tally.tables.map(({ name, rows: counts }) => [
    left(visible(name)),
    ...statuses.map((status) => countCell(counts[status], status, style))
  ])
  return layOut([head, ...rows], width)
}

function countCell(count: number, status: DecisionStatus, style: Style): Cell {
  return count === 0 ? right('·', style.faint) : right(grouped(count), paintOf(status, style))
}

function paintOf(status: DecisionStatus, style: Style): Paint | null {
  switch (status) {
    case 'applied':
      return style.good
    case 'planned':
      return null
    case 'manual':
    case 'stale':
      return style.warning
    case 'refused':
    case 'failed':
      return style.bad
  }
}

function aboutLines(repair: RepairSummary, tally: RepairTally, style: Style, width: number): string[] {
  const { journal, dryRun, warnings } = repair
  const changed = `${dryRun ? 'would change' : 'changed'} ${changesText(repair)}`
  // Paths stand on a line of their own and are never broken, so that they can be copied.
  return [
    ...(tally.tables.length === 0 ? [] : [INDENT + changed]),
    ...(journal === null ? [] : [`${INDENT}journal: ${visible(journal)}`]),
    ...(journal === null || !hasWritten(repair)
      ? []
      : [`${INDENT}take it back: mmaudit undo ${visible(shellWord(journal))}`]),
    ...warnings.flatMap((warning) => wrap(`! ${visible(warning)}`, width, INDENT).map(style.warning))
  ]
}

/** Rows that were only left because the repair was stopped have nothing to add to its reason. */
function statusesToShow(tally: RepairTally, repair: RepairSummary | null): readonly LeftStatus[] {
  const stopped = repair?.stopped ?? null
  return LEFT_STATUSES.filter((status) => tally.examples(status).some(({ decision }) => decision?.reason !== stopped))
}

function exampleLines(status: LeftStatus, tally: RepairTally, style: Style, width: number): string[] {
  const examples = tally.examples(status)
  const total = tally.total(status)
  const rest = total - examples.length
  const paint = paintOf(status, style) ?? style.faint
  return [
    '',
    `${INDENT}${style.strong(paint(status))}  ${style.faint(counted(total, 'row'))}`,
    ...examples.flatMap((example) => oneExample(example, style, width)),
    ...(rest === 0 ? [] : [style.faint(`${INDENT}${INDENT}… ${grouped(rest)} more`)])
  ]
}

function oneExample(divergence: Divergence, style: Style, width: number): string[] {
  const indent = INDENT + INDENT
  const key = Object.entries(divergence.key).map(([column, value]) => `${visible(column)} ${showValue(value)}`)
  const title = `${visible(tableName(divergence))}  ${key.join(', ')}`
  const reason = divergence.decision?.reason ?? ''
  return [
    indent + ellipsize(title, width - indent.length),
    ...(reason === '' ? [] : wrap(visible(reason), width, REASON_INDENT).map((line) => style.faint(line)))
  ]
}
