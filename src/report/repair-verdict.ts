import type { RepairSummary } from '../model/repair.js'
import type { Summary } from '../model/report.js'
import { counted, grouped } from './numbers.js'
import { changesText, leftRows } from './repair-words.js'
import { visible } from './text.js'

/** `Repaired: 17 rows on b and 3 on a; all masters agree now`, for a repair after which they do. */
export function repairedText(repair: RepairSummary): string {
  return `Repaired: ${changesText(repair)}; all masters agree now`
}

/** The bottom line of a repair after which the masters do not agree. */
export function unrepairedText(summary: Summary, repair: RepairSummary): string {
  if (repair.stopped !== null) return `Stopped: ${visible(repair.stopped)}; ${appliedText(repair)}`
  const begin = repair.rows.applied > 0 ? 'Partly repaired' : 'Not repaired'
  return `${begin}: ${appliedText(repair)}${leftRows(repair).count > 0 ? '' : `; ${stillDiffering(summary)}`}`
}

/** What a repair did or would do, as a part of a sentence: `12 applied, 5 left (3 manual, 2 refused)`. */
export function outcomeText(repair: RepairSummary): string {
  const { stopped, dryRun } = repair
  if (dryRun) return stopped === null ? plannedText(repair) : `a repair would be stopped: ${visible(stopped)}`
  return stopped === null ? appliedText(repair) : `the repair was stopped: ${visible(stopped)}; ${appliedText(repair)}`
}

function plannedText(repair: RepairSummary): string {
  const { count, how } = leftRows(repair)
  const would = `a repair would change ${changesText(repair)}`
  return count === 0 ? would : `${would}, and leave ${grouped(count)} (${how})`
}

function appliedText(repair: RepairSummary): string {
  const { count, how } = leftRows(repair)
  const applied = `${grouped(repair.rows.applied)} applied`
  return count === 0 ? applied : `${applied}, ${grouped(count)} left (${how})`
}

function stillDiffering({ divergent, tables }: Summary): string {
  return `${grouped(divergent)} of ${counted(tables, 'table')} still ${divergent === 1 ? 'differs' : 'differ'}`
}
