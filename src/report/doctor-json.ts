import { countFindings, type Diagnosis, type StoppedTransaction } from '../model/doctor.js'
import { divergenceFields } from './divergence-text.js'
import { repairFields } from './json.js'
import { jsonText } from './json-text.js'

/** Raised when a reader of the previous version would misread the report. */
const REPORT_VERSION = 1

/** The JSON report of a diagnosis; see docs/reference/doctor.schema.json. */
export function doctorJson(
  { startedAt, finishedAt, masters, findings, stopped }: Diagnosis,
  toolVersion: string
): string {
  const report = {
    version: REPORT_VERSION,
    tool: { name: 'mmaudit', version: toolVersion },
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    masters,
    findings,
    stopped: stopped.map(stoppedFields),
    summary: countFindings(findings)
  }
  return `${jsonText(report)}\n`
}

function stoppedFields(stopped: StoppedTransaction) {
  return { ...stopped, divergences: stopped.divergences.map(divergenceFields), repair: repairFields(stopped.repair) }
}
