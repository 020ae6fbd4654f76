import type { Divergence } from '../../src/model/divergence.js'
import type { RepairSummary } from '../../src/model/repair.js'
import type { AuditHeader, Summary, TableResult } from '../../src/model/report.js'
import { summarise } from '../../src/model/summary.js'
import { type TerminalOptions, TerminalReport } from '../../src/report/terminal.js'
import { MemoryOutput } from './memory-output.js'
import { header } from './samples.js'

export interface Shown {
  readonly header?: AuditHeader
  readonly results?: readonly TableResult[]
  readonly divergences?: readonly Divergence[]
  readonly repaired?: RepairSummary
  readonly summary?: Partial<Summary>
  /** The file to go on with; `undefined` when the run came to its end. */
  readonly resume?: string | null
  readonly options?: Partial<TerminalOptions>
}

/** What the terminal report of such a run says. */
export async function show(shown: Shown): Promise<string> {
  const { results = [], divergences = [], repaired, summary = {}, options = {} } = shown
  const output = new MemoryOutput()
  const look = { colour: false, width: 100, quiet: false, rows: 10, savedTo: [] }
  const report = new TerminalReport(output, { ...look, ...options })
  await report.open(shown.header ?? header())
  await report.divergences(divergences)
  for (const each of results) await report.table(each)
  if (repaired !== undefined) await report.repaired(repaired)
  if (shown.resume !== undefined) report.cutShort(shown.resume)
  await report.close(new Date('2026-01-02T03:04:17.300Z'), { ...summarise(results), ...summary })
  return output.text
}
