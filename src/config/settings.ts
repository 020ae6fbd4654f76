import type { EvidenceMode, SslMode } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { ChecksumMethod } from '../model/report.js'
import {
  AUDIT_INTERVAL,
  CHUNK_ROWS,
  CHUNK_TIME,
  CONCURRENCY,
  CONFIRM_TIMEOUT,
  EVIDENCE_WINDOW,
  MAX_DELETES,
  MAX_DIVERGENCES,
  MAX_LAG,
  MAX_PERCENT,
  MAX_ROWS,
  RUN_TIME,
  SILENCE_TIMEOUT
} from './limits.js'
import { loadLimits } from './load-limits.js'
import { commaList, duration, nonEmpty, numberWithin, oneOf, type Parser, truth } from './parse.js'

/** A setting that has a flag and an environment variable of the same name. */
export interface Setting<T> {
  readonly flag: string
  readonly variable: string
  readonly parse: Parser<T>
}

/** The environment, as `process.env` gives it. */
export type Environment = Readonly<Record<string, string | undefined>>

const SSL_MODES: readonly SslMode[] = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY']

/** A TLS mode by the name that the mysql client gives it, in any case. */
export const sslMode: Parser<SslMode> = oneOf(SSL_MODES)

/** How rows are summarised. */
export const checksumMethod: Parser<ChecksumMethod> = oneOf<ChecksumMethod>(['xxhash', 'pushdown'])

/** Whether binlogs are read. */
export const evidenceMode: Parser<EvidenceMode> = oneOf<EvidenceMode>(['auto', 'off', 'require'])

/** The settings of an audit that the command line and the environment can give. */
export const SETTINGS = {
  checksum: { flag: '--checksum', variable: 'MMAUDIT_CHECKSUM', parse: checksumMethod },
  chunkRows: { flag: '--chunk-rows', variable: 'MMAUDIT_CHUNK_ROWS', parse: numberWithin(CHUNK_ROWS) },
  chunkTime: { flag: '--chunk-time', variable: 'MMAUDIT_CHUNK_TIME', parse: duration(CHUNK_TIME) },
  concurrency: { flag: '--concurrency', variable: 'MMAUDIT_CONCURRENCY', parse: numberWithin(CONCURRENCY) },
  confirm: { flag: '--confirm', variable: 'MMAUDIT_CONFIRM', parse: truth },
  confirmTimeout: {
    flag: '--confirm-timeout',
    variable: 'MMAUDIT_CONFIRM_TIMEOUT',
    parse: duration(CONFIRM_TIMEOUT)
  },
  silenceTimeout: {
    flag: '--silence-timeout',
    variable: 'MMAUDIT_SILENCE_TIMEOUT',
    parse: duration(SILENCE_TIMEOUT)
  },
  where: { flag: '--where', variable: 'MMAUDIT_WHERE', parse: nonEmpty },
  ignoreColumns: { flag: '--ignore-columns', variable: 'MMAUDIT_IGNORE_COLUMNS', parse: commaList },
  strictSchema: { flag: '--strict-schema', variable: 'MMAUDIT_STRICT_SCHEMA', parse: truth },
  maxLoad: { flag: '--max-load', variable: 'MMAUDIT_MAX_LOAD', parse: loadLimits },
  maxLag: { flag: '--max-lag', variable: 'MMAUDIT_MAX_LAG', parse: duration(MAX_LAG) },
  pauseFile: { flag: '--pause-file', variable: 'MMAUDIT_PAUSE_FILE', parse: nonEmpty },
  runTime: { flag: '--run-time', variable: 'MMAUDIT_RUN_TIME', parse: duration(RUN_TIME) },
  maxDivergences: {
    flag: '--max-divergences',
    variable: 'MMAUDIT_MAX_DIVERGENCES',
    parse: numberWithin(MAX_DIVERGENCES)
  },
  evidence: { flag: '--evidence', variable: 'MMAUDIT_EVIDENCE', parse: evidenceMode },
  evidenceWindow: {
    flag: '--evidence-window',
    variable: 'MMAUDIT_EVIDENCE_WINDOW',
    parse: duration(EVIDENCE_WINDOW)
  },
  evidenceSince: { flag: '--evidence-since', variable: 'MMAUDIT_EVIDENCE_SINCE', parse: nonEmpty }
} as const

/** What only a diagnosis of the masters needs to know. */
export const DOCTOR_SETTINGS = {
  auditInterval: {
    flag: '--audit-interval',
    variable: 'MMAUDIT_AUDIT_INTERVAL',
    parse: duration(AUDIT_INTERVAL)
  }
} as const

/** The settings of a repair that the command line and the environment can give; `--policy` is read apart. */
export const REPAIR_SETTINGS = {
  maxRows: { flag: '--max-rows', variable: 'MMAUDIT_MAX_ROWS', parse: numberWithin(MAX_ROWS) },
  maxDeletes: { flag: '--max-deletes', variable: 'MMAUDIT_MAX_DELETES', parse: numberWithin(MAX_DELETES) },
  maxPercent: { flag: '--max-percent', variable: 'MMAUDIT_MAX_PERCENT', parse: numberWithin(MAX_PERCENT) },
  viaReplication: { flag: '--via-replication', variable: 'MMAUDIT_VIA_REPLICATION', parse: truth },
  allowTriggers: { flag: '--allow-triggers', variable: 'MMAUDIT_ALLOW_TRIGGERS', parse: truth },
  allowReadOnly: { flag: '--allow-read-only', variable: 'MMAUDIT_ALLOW_READ_ONLY', parse: truth }
} as const

/**
 * What the flag, or else the environment, says of a setting; `undefined` when neither does. An empty variable counts as
 * not set.
 */
export function given<T>(setting: Setting<T>, flag: string | undefined, env: Environment): T | undefined {
  if (flag !== undefined) return accept(setting.parse(flag), 'usage', `${setting.flag} ${flag}`)
  const variable = env[setting.variable]
  if (variable === undefined || variable === '') return undefined
  return accept(setting.parse(variable), 'config', `${setting.variable}=${variable}`)
}

function accept<T>(parsed: ReturnType<Parser<T>>, code: 'usage' | 'config', said: string): T {
  if ('value' in parsed) return parsed.value
  throw new MmauditError(code, `${said}: ${parsed.problem}`)
}
