import { nonEmpty } from '../config/parse.js'
import type { RepairFlags } from '../config/repair-config.js'
import { given } from '../config/settings.js'
import { MmauditError } from '../model/errors.js'
import type { Io } from './io.js'

/** What commander gives of the options of a repair. */
export interface RepairOptions {
  readonly repair?: boolean
  readonly dryRun?: boolean
  readonly policy?: readonly string[]
  readonly decisions?: string
  readonly yes?: boolean
  readonly sqlDir?: string
  readonly journal?: string
  readonly idMap?: string
  readonly maxRows?: string
  readonly maxDeletes?: string
  readonly maxPercent?: string
  readonly allowEmptied?: boolean
  readonly viaReplication?: boolean
  readonly allowTriggers?: boolean
  readonly allowReadOnly?: boolean
}

/** How a repair is carried out, beside what it decides. */
export interface RepairWay {
  readonly dryRun: boolean
  /** Write without asking. */
  readonly yes: boolean
  /** Path of the edited CSV report, or `null`. */
  readonly decisions: string | null
  /** Folder for a script for each master, or `null`. */
  readonly sqlDir: string | null
  /** As it was given; `null` leaves the name to us. */
  readonly journal: string | null
  /** As it was given; `null` is beside the journal. */
  readonly idMap: string | null
}

/** The settings of a repair as text, for the configuration. */
export function repairFlags(options: RepairOptions): RepairFlags {
  const said = (flag: boolean | undefined) => (flag === true ? 'true' : undefined)
  return {
    policy: options.policy,
    maxRows: options.maxRows,
    maxDeletes: options.maxDeletes,
    maxPercent: options.maxPercent,
    allowEmptied: said(options.allowEmptied),
    viaReplication: said(options.viaReplication),
    allowTriggers: said(options.allowTriggers),
    allowReadOnly: said(options.allowReadOnly)
  }
}

const SQL_DIR = { flag: '--sql-dir', variable: 'MMAUDIT_SQL_DIR', parse: nonEmpty } as const
const ID_MAP = { flag: '--id-map', variable: 'MMAUDIT_ID_MAP', parse: nonEmpty } as const
const JOURNAL = { flag: '--journal', variable: 'MMAUDIT_JOURNAL', parse: nonEmpty } as const

/** @throws {MmauditError} `usage` when nobody could be asked before writing. */
export function repairWay(options: RepairOptions, io: Io): RepairWay {
  const { dryRun = false, yes = false } = options
  if (!dryRun && !yes && (io.stdin.isTTY !== true || io.stderr.isTTY !== true)) {
    throw new MmauditError('usage', 'a repair asks before it writes, and there is no terminal to ask on', {
      hint: 'look at it first with --dry-run, then say --yes'
    })
  }
  return {
    dryRun,
    yes,
    decisions: options.decisions ?? null,
    sqlDir: given(SQL_DIR, options.sqlDir, io.env) ?? null,
    journal: given(JOURNAL, options.journal, io.env) ?? null,
    idMap: given(ID_MAP, options.idMap, io.env) ?? null
  }
}

/** What was said of a repair although none was asked for would be lost silently. @throws {MmauditError} `usage`. */
export function refuseWithoutRepair(options: RepairOptions): void {
  const idle = Object.entries(options).find(([name, value]) => IDLE[name] !== undefined && value !== undefined)
  if (idle === undefined) return
  throw new MmauditError('usage', `${IDLE[idle[0]]} says how to repair, and --repair was not said`, {
    hint: 'add --repair --dry-run to see what would be done'
  })
}

const IDLE: Readonly<Record<string, string>> = {
  dryRun: '--dry-run',
  policy: '--policy',
  decisions: '--decisions',
  yes: '--yes',
  sqlDir: '--sql-dir',
  journal: '--journal',
  idMap: '--id-map',
  maxRows: '--max-rows',
  maxDeletes: '--max-deletes',
  maxPercent: '--max-percent',
  allowEmptied: '--allow-emptied',
  viaReplication: '--via-replication',
  allowTriggers: '--allow-triggers',
  allowReadOnly: '--allow-read-only'
}
