import type { Divergence } from '../model/divergence.js'
import type { Mend, StoppedTransaction } from '../model/doctor.js'
import { groupBy } from '../model/group-by.js'
import { tableName } from '../model/table.js'
import { wrap } from './layout.js'
import { counted } from './numbers.js'
import { showValue } from './shown-value.js'
import { sideBySide } from './side-by-side.js'
import type { Style } from './style.js'
import { visible } from './text.js'

const INDENT = '  '
/** Rows of one transaction that are shown; the JSON report has all. */
const SHOWN_ROWS = 10

/** A stopped applier: its transaction, the rows on all masters beside each other, and the plan. */
export function stoppedSection(
  stopped: StoppedTransaction,
  masters: readonly string[],
  style: Style,
  width: number
): readonly string[] {
  const { master, source, gtid, position, rows, divergences, mend, stepOver, obstacle } = stopped
  const name = gtid === null ? `the transaction at ${position}` : `transaction ${gtid} (${position})`
  return [
    style.strong(style.bad(`Applier of ${visible(master)}`)) +
      style.faint(`  stopped with ${stopped.errno} before ${visible(name)} of ${visible(source ?? 'its source')}`),
    ...rows.slice(0, SHOWN_ROWS).map((row) => INDENT + rowText(row)),
    ...(rows.length > SHOWN_ROWS ? [style.faint(`${INDENT}… ${rows.length - SHOWN_ROWS} more`)] : []),
    ...(rows.length > 0 ? [INDENT + style.faint(stateText(stopped))] : []),
    ...divergences.slice(0, SHOWN_ROWS).flatMap((each) => oneRow(each, masters, style, width)),
    ...(obstacle === null ? [] : ['', ...wrap(`! ${visible(obstacle)}`, width, INDENT).map(style.bad)]),
    ...(mend.length === 0
      ? []
      : ['', `${INDENT}1. repair ${counted(divergences.length, 'row')}`, ...mendLines(mend, style)]),
    ...(stepOver.length === 0
      ? []
      : [
          '',
          `${INDENT}${mend.length === 0 ? '' : '2. '}step over exactly this transaction, once its rows are as wanted`,
          ...mendLines(stepOver, style)
        ])
  ]
}

/** What the binlogs prove stands in the reason of the row already. */
function oneRow(divergence: Divergence, masters: readonly string[], style: Style, width: number): readonly string[] {
  const { evidence } = divergence
  const unproved = evidence?.verdict === 'unknown' ? wrap(`binlogs: ${visible(evidence.because)}`, width, INDENT) : []
  return ['', ...sideBySide(divergence, masters, style, width), ...unproved.map(style.faint)]
}

function rowText({ verb, key, ...ref }: StoppedTransaction['rows'][number]): string {
  const parts = Object.entries(key).map(([column, value]) => `${visible(column)} ${showValue(value)}`)
  return `${verb} ${visible(tableName(ref))}  ${parts.join(', ')}`
}

function stateText({ rows, divergences }: StoppedTransaction): string {
  const alike = rows.length - divergences.length
  if (divergences.length === 0) return 'all of its rows are the same on all masters already'
  return `${counted(divergences.length, 'row')} not the same on all masters, ${alike} the same`
}

/** Statements are never broken, so that they can be copied. */
export function mendLines(mend: readonly Mend[], style: Style): readonly string[] {
  return [...groupBy(mend, ({ master }) => master)].flatMap(([master, own]) => [
    INDENT + style.faint(`run on ${visible(master)}`),
    ...own.map(({ statement }) => `${INDENT}${INDENT}${visible(statement)};`)
  ])
}
