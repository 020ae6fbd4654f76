import { groupBy } from '../model/group-by.js'
import type { MasterInfo } from '../model/master.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { tableName } from '../model/table.js'
import { grouped } from './numbers.js'
import { repairSteps } from './repair-steps.js'
import { shellWord, visible } from './text.js'

/** What the next steps depend on. */
export interface Situation {
  readonly header: AuditHeader
  readonly results: readonly TableResult[]
  readonly summary: Summary
  /** `null` without a repair. */
  readonly repair: RepairSummary | null
  /** `null` for a run that came to its end; `resume` is the file to go on with, `null` when nothing was saved. */
  readonly cutShort: { readonly resume: string | null } | null
  readonly savedTo: readonly string[]
}

/** What to do after this report, most useful first. Nothing when all is well. */
export function nextSteps({ header, results, summary, repair, cutShort, savedTo }: Situation): string[] {
  if (summary.complete && summary.consistent) return []
  return [
    ...(cutShort === null ? failedSteps(summary, summary.tables - results.length) : [goingOn(cutShort.resume)]),
    ...(summary.unsettled > 0 ? ['give busy rows more time to settle: --confirm-timeout 120'] : []),
    ...(repair === null ? [] : repairSteps(repair, savedTo)),
    ...(summary.consistent ? [] : divergentSteps(results, summary, savedTo)),
    `check that replication runs: ${replicationChecks(header.masters)}`
  ]
}

function goingOn(resume: string | null): string {
  return resume === null
    ? 'run the same command again: it was cut short before anything was saved to go on with'
    : `go on where it was cut short: the same command with --resume ${shellWord(resume)}`
}

/** Tables of a report that was cut short itself are failed and not listed when it is rechecked. */
function failedSteps(summary: Summary, unreached: number): string[] {
  if (unreached > 0) return ['audit again: the audit of the report was cut short']
  return summary.failed > 0 ? ['mend what made tables fail, then run the same audit again'] : []
}

function divergentSteps(results: readonly TableResult[], summary: Summary, savedTo: readonly string[]): string[] {
  const worst = results
    .filter((result) => result.status === 'divergent')
    .toSorted((left, right) => found(right) - found(left))[0]
  return [
    savedTo.length === 0
      ? 'save every divergent row: add --json report.json, or --csv report.csv for a spreadsheet'
      : summary.unlisted > 0
        ? `${grouped(found(summary) - summary.unlisted)} of ${grouped(found(summary))} divergent rows are in ${savedTo.join(' and ')}; raise --max-divergences for the others`
        : `every divergent row is in ${savedTo.join(' and ')}`,
    ...(worst === undefined || results.length === 1
      ? []
      : [`look at one table alone: mmaudit diff ${visible(tableName(worst))}`])
  ]
}

function found(result: Pick<TableResult, 'missing' | 'conflict' | 'collision'>): number {
  return result.missing + result.conflict + result.collision
}

/** The statement differs by vendor; masters of one vendor share it. */
function replicationChecks(masters: readonly MasterInfo[]): string {
  const byStatement = groupBy(masters, ({ vendor }) =>
    vendor === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS'
  )
  return [...byStatement]
    .map(([statement, of]) => `${statement} on ${of.map(({ name }) => name).join(', ')}`)
    .join('; ')
}
