import type { Divergence } from '../model/divergence.js'
import type { StoppedTransaction } from '../model/doctor.js'
import type { RepairSummary } from '../model/repair.js'
import { wrap } from './layout.js'
import { counted } from './numbers.js'
import { changesText } from './repair-words.js'
import { sideBySide } from './side-by-side.js'
import type { Style } from './style.js'
import { shellWord, visible } from './text.js'

/** What became of a stopped applier. */
export interface ToldUnblocked {
  readonly plan: StoppedTransaction
  readonly repair: RepairSummary | null
  readonly steppedOver: boolean
  readonly reason: string | null
  readonly differing: readonly Divergence[]
}

const INDENT = '  '

/** What was done about a stopped applier, and how it is now. */
export function unblockedLines(
  { plan, repair, steppedOver, reason, differing }: ToldUnblocked,
  masters: readonly string[],
  style: Style,
  width: number
): readonly string[] {
  const name = plan.gtid ?? plan.position
  const verdict = steppedOver
    ? `stepped over ${visible(name)}${reason === null ? ', and the applier runs' : ''}`
    : `left before ${visible(name)}`
  const good = steppedOver && reason === null && differing.length === 0
  return [
    style.strong((good ? style.good : style.bad)(`${good ? '✓' : '✗'} ${visible(plan.master)}: ${verdict}`)),
    ...(repair === null || repair.journal === null ? [] : journalLines(repair)),
    ...(reason === null ? [] : wrap(visible(reason), width, INDENT)),
    ...(differing.length === 0 ? [] : [`${INDENT}${counted(differing.length, 'row')} of it differ now:`]),
    ...differing.flatMap((each) => ['', ...sideBySide(each, masters, style, width)])
  ]
}

function journalLines(repair: RepairSummary): readonly string[] {
  const journal = visible(shellWord(repair.journal ?? ''))
  return [`${INDENT}changed ${changesText(repair)}`, `${INDENT}take it back: mmaudit undo ${journal}`]
}
