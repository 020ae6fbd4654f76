import type { Divergence } from '../model/divergence.js'
import type { RepairSummary } from '../model/repair.js'
import { repairSection } from './repair-section.js'
import { RepairTally } from './repair-tally.js'
import { changesText, leftRows } from './repair-words.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** What became of a repair that was to be taken back: what is left, if anything, and the bottom line. */
export function undoSection(
  repair: RepairSummary,
  rows: readonly Divergence[],
  style: Style,
  width: number
): readonly string[] {
  const tally = new RepairTally()
  for (const row of rows) tally.add(row)
  return [...repairSection({ repair: { ...repair, journal: null }, tally }, style, width), '', verdict(repair, style)]
}

function verdict(repair: RepairSummary, style: Style): string {
  const { count, how } = leftRows(repair)
  if (repair.stopped !== null) return style.strong(style.bad(`✗ Stopped: ${visible(repair.stopped)}.`))
  if (repair.dryRun) return style.strong(`Would take back ${changesText(repair)}${left(count, how)}.`)
  if (count > 0) return style.strong(style.bad(`✗ Taken back: ${changesText(repair)}${left(count, how)}.`))
  return style.strong(style.good(`✓ Taken back: ${changesText(repair)}.`))
}

function left(count: number, how: string): string {
  return count === 0 ? '' : `; ${count} left (${how})`
}
