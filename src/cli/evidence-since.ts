import { access } from 'node:fs/promises'
import type { AuditConfig } from '../model/config.js'
import type { SavedReport } from '../model/saved-report.js'
import { readReport } from '../report/read-report.js'
import type { Log } from './log.js'

/** Seconds by which clocks may be apart, and by which a master may have lagged at the time. */
const SLACK = 300

/**
 * The configuration with an evidence window that reaches back to the beginning of the last agreed audit, where its report
 * is named. Without such a report, and after one that found differences, the window is the one that was set; that is told.
 *
 * @throws MmauditError `usage` for a file that is no report.
 */
export async function lookingBack(config: AuditConfig, log: Log): Promise<AuditConfig> {
  const { evidenceSince: path } = config
  if (path === null || config.evidence === 'off') return config
  const report = (await exists(path)) ? await readReport(path) : null
  const problem = report === null ? 'is not there' : whyNotAgreed(report)
  if (report === null || problem !== null) {
    log.warning('evidence', `${path} ${problem}: binlogs are read back ${config.evidenceWindow} s, as without it`)
    return config
  }
  const seconds = (Date.now() - Date.parse(report.startedAt)) / 1000
  return { ...config, evidenceWindow: Math.ceil(Math.max(0, seconds)) + SLACK }
}

/** Only what all masters agreed on then is known to have come apart since. */
function whyNotAgreed({ summary }: SavedReport): string | null {
  if (!summary.complete) return 'is the report of an audit that did not see everything'
  return summary.consistent ? null : 'is the report of an audit that found differences'
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
