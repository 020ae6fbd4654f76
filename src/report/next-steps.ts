import { groupBy } from '../model/group-by.js'
import type { MasterInfo } from '../model/master.js'
import type { RepairSummary } from '../model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../model/report.js'
import { tableName } from '../model/table.js'
import { grouped } from './numbers.js'
import { repairSteps } from './repair-steps.js'
import { visible } from './text.js'

/** What the next steps depend on. */
export interface Situation {
  readonly header: AuditHeader
  readonly results: readonly TableResult[]
  readonly summary: Summary
  /** `null` without a repair. */
  readonly repair: RepairSummary | null
  readonly savedTo: readonly string[]
}

/** What to do after this report, most useful first. Nothing when all is well. */
export function nextSteps({ header, results, summary, repair, savedTo }: Situation): string[] {
  if (summary.complete && summary.consistent) return []
  return [
    ...incompleteSteps(summary, summary.tables - results.length),
    ...(repair === null ? [] : repairSteps(repair, savedTo)),
    ...(summary.consistent ? [] : divergentSteps(results, summary, savedTo)),
    `check that replication runs: ${replicationChecks(header.masters)}`
  ]
}

function incompleteSteps(summary: Summary, unreached: number): string[] {
  return [
    ...(unreached > 0 ? ['run the same audit again: this one was cut short'] : []),
    ...(unreached === 0 && summary.failed > 0 ? ['mend what made tables fail, then run the same audit again'] : []),
    ...(summary.unsettled > 0 ? ['give busy rows more time to settle: --confirm-timeout 120'] : [])
  ]
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
