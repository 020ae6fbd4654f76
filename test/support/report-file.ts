import type { Truth } from '../../src/lab/truth.js'
import type { Costs } from '../../src/model/costs.js'
import type { Divergence, DivergenceClass } from '../../src/model/divergence.js'
import type { MasterInfo } from '../../src/model/master.js'
import type { Summary, TableResult } from '../../src/model/report.js'

/** The JSON report as a script outside the project reads it. */
export interface ReportFile {
  readonly version: number
  readonly tool: { readonly name: string; readonly version: string }
  readonly startedAt: string
  readonly finishedAt: string
  readonly checksum: string
  readonly masters: readonly MasterInfo[]
  readonly tables: readonly TableResult[]
  readonly divergences: readonly Divergence[]
  readonly summary: Summary
  readonly costs: Costs['masters'] | null
}

/** A divergence in one line, for comparing sets of them: table, key, class and who holds which version. */
export function factsOfReport(report: ReportFile): readonly string[] {
  return report.divergences.map(({ table, key, class: kind, rows }) => fact(table, key, kind, groups(rows))).sort()
}

/** The same lines from what the lab says that it did. */
export function factsOfTruth(truth: Truth): readonly string[] {
  return truth.divergences.map(({ table, key, class: kind, holders }) => fact(table, key, kind, groups(holders))).sort()
}

function fact(table: string, key: unknown, kind: DivergenceClass, holders: string): string {
  return `${table} ${JSON.stringify(key)} ${kind} ${holders}`
}

/** `a=b c=-`: masters with equal contents share a letter in order of appearance, a master without the row has `-`. */
function groups(byMaster: Readonly<Record<string, unknown>>): string {
  const seen: string[] = []
  return Object.entries(byMaster)
    .map(([master, content]) => {
      if (content === null) return `${master}:-`
      const text = JSON.stringify(content)
      if (!seen.includes(text)) seen.push(text)
      return `${master}:${seen.indexOf(text) + 1}`
    })
    .join(' ')
}
