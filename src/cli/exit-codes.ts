import { MmauditError } from '../model/errors.js'
import type { FailoverReport } from '../model/failover.js'
import type { Summary } from '../model/report.js'

/** What the exit status says. 64 and 78 are EX_USAGE and EX_CONFIG of sysexits.h; 128 + n is death by signal n. */
export const EXIT = {
  CONSISTENT: 0,
  DIVERGENT: 1,
  INCOMPLETE: 2,
  USAGE: 64,
  CONFIG: 78,
  SIGINT: 130,
  SIGTERM: 143
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The signals that end an audit early but in order. */
export type EndingSignal = 'SIGINT' | 'SIGTERM'

/** "Could not look" goes before "looked and found": a partial audit is not a result. */
export function exitCodeOfSummary(summary: Summary): ExitCode {
  if (!summary.complete) return EXIT.INCOMPLETE
  return summary.consistent ? EXIT.CONSISTENT : EXIT.DIVERGENT
}

/**
 * What could not be looked at, then what was found: transactions that nobody else received or that some survivor lacks, rows
 * that differ, and whatever stands in the way. A returned master that only has to catch up is no finding.
 */
export function exitCodeOfFailover(failover: FailoverReport, summary: Summary): ExitCode {
  const { gaps, reasons, answer, unsent } = failover
  const unseen = gaps.length > 0 || answer === 'unknown' || reasons.some(({ id }) => id === 'not-applied')
  if (unseen || !summary.complete) return EXIT.INCOMPLETE
  return answer === 'no' || unsent > 0 || !summary.consistent ? EXIT.DIVERGENT : EXIT.CONSISTENT
}

/** The status for an error that ended the command. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!(error instanceof MmauditError)) return EXIT.INCOMPLETE
  switch (error.code) {
    case 'usage':
      return EXIT.USAGE
    case 'config':
      return EXIT.CONFIG
    case 'incomplete':
      return EXIT.INCOMPLETE
    case 'interrupted':
      return error.limit === null ? EXIT.SIGINT : EXIT.INCOMPLETE
  }
}

/** The status after an orderly end by a signal. */
export function exitCodeOfSignal(signal: EndingSignal): ExitCode {
  return EXIT[signal]
}
