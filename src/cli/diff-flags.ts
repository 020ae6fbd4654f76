import type { AuditFlags } from '../config/resolve.js'
import type { PresentationFlags } from './presentation.js'
import { type RepairOptions, repairFlags } from './repair-flags.js'

/** Everything that the command line of `diff` can say. */
export type DiffFlags = AuditFlags & PresentationFlags

/** The options as commander gives them. */
export interface DiffOptions extends RepairOptions {
  readonly master?: readonly string[]
  readonly config?: string
  readonly json?: string
  readonly csv?: string
  readonly checksum?: string
  readonly chunkRows?: string
  readonly chunkTime?: string
  readonly concurrency?: string
  readonly where?: string
  readonly ignoreColumns?: readonly string[]
  readonly strictSchema?: boolean
  /** Only `--no-confirm` can be typed, so `true` means that it was not. */
  readonly confirm: boolean
  readonly confirmTimeout?: string
  readonly silenceTimeout?: string
  readonly maxLoad?: readonly string[]
  readonly maxLag?: string
  readonly pauseFile?: string
  readonly runTime?: string
  readonly maxDivergences?: string
  readonly evidence?: string
  readonly evidenceWindow?: string
  readonly evidenceSince?: string
  readonly resume?: string
  readonly estimate?: boolean
  readonly quiet?: boolean
  /** Only `--no-color` can be typed. */
  readonly color: boolean
  readonly progress?: string
  readonly logFormat?: string
}

/** What was typed, as text, so that flags and environment variables are read by the same rules. */
export function diffFlags(tables: readonly string[], options: DiffOptions): DiffFlags {
  const { master, ignoreColumns, strictSchema, confirm, color, quiet } = options
  return {
    ...repairFlags(options),
    tables,
    masters: master,
    config: options.config,
    json: options.json,
    csv: options.csv,
    checksum: options.checksum,
    chunkRows: options.chunkRows,
    chunkTime: options.chunkTime,
    concurrency: options.concurrency,
    where: options.where,
    confirmTimeout: options.confirmTimeout,
    silenceTimeout: options.silenceTimeout,
    maxLoad: options.maxLoad?.join(','),
    maxLag: options.maxLag,
    pauseFile: options.pauseFile,
    runTime: options.runTime,
    maxDivergences: options.maxDivergences,
    evidence: options.evidence,
    evidenceWindow: options.evidenceWindow,
    evidenceSince: options.evidenceSince,
    progress: options.progress,
    logFormat: options.logFormat,
    ignoreColumns: ignoreColumns?.join(','),
    strictSchema: strictSchema === true ? 'true' : undefined,
    confirm: confirm ? undefined : 'false',
    color: color ? undefined : 'false',
    quiet: quiet === true ? 'true' : undefined
  }
}
