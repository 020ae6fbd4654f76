import type { AuditConfig, TableConfig } from '../model/config.js'
import { MmauditError } from '../model/errors.js'
import type { RepairConfig } from '../model/repair.js'
import { type ConfigFile, loadConfigFile } from './config-file.js'
import type { FileSettings } from './file-schema.js'
import { disk, expandPath, type Files } from './files.js'
import { resolveMasters } from './masters.js'
import { tablePatternProblem } from './names.js'
import { type RepairFlags, resolveRepairConfig } from './repair-config.js'
import { type Environment, given, SETTINGS } from './settings.js'

/** What the command line says of an audit and of a repair, as typed. What was not typed is absent. */
export interface AuditFlags extends RepairFlags {
  /** Tables to audit, by name or glob; empty leaves the choice to the file. */
  readonly tables?: readonly string[] | undefined
  readonly masters?: readonly string[] | undefined
  readonly config?: string | undefined
  readonly checksum?: string | undefined
  readonly chunkRows?: string | undefined
  readonly chunkTime?: string | undefined
  readonly concurrency?: string | undefined
  readonly confirm?: string | undefined
  readonly confirmTimeout?: string | undefined
  readonly silenceTimeout?: string | undefined
  readonly where?: string | undefined
  readonly ignoreColumns?: string | undefined
  readonly strictSchema?: string | undefined
  readonly maxLoad?: string | undefined
  readonly maxLag?: string | undefined
  readonly pauseFile?: string | undefined
  readonly runTime?: string | undefined
  readonly maxDivergences?: string | undefined
  readonly evidence?: string | undefined
  readonly evidenceWindow?: string | undefined
  readonly evidenceSince?: string | undefined
}

/** Everything that configuration is made of. */
export interface ConfigSources {
  readonly flags: AuditFlags
  readonly env: Environment
  readonly cwd: string
  /** What `~` stands for. */
  readonly home: string
  /** The disk, unless a test brings its own. */
  readonly files?: Files
}

/** A configuration, and what the user should know about how it was given. */
export interface ResolvedConfig {
  readonly config: AuditConfig
  readonly repair: RepairConfig
  readonly warnings: readonly string[]
}

/** The settings that have one value for the whole audit. */
type Options = Pick<AuditConfig, keyof typeof SETTINGS>

const DEFAULTS: Options = {
  checksum: 'xxhash',
  chunkRows: null,
  /** Long enough that round trips do not count, short enough that no snapshot is held long. */
  chunkTime: 0.5,
  /** Two lanes keep the servers reading while the other chunk's rows are hashed here. */
  concurrency: 2,
  confirm: true,
  /** Covers the lag of healthy replication; a master that lags more is reported as such. */
  confirmTimeout: 30,
  /** Firewalls remember a connection for longer, and a server that works for longer without a word says so when asked. */
  silenceTimeout: 30,
  where: null,
  ignoreColumns: [],
  strictSchema: false,
  maxLoad: [],
  maxLag: null,
  pauseFile: null,
  runTime: null,
  maxDivergences: null,
  evidence: 'auto',
  /** A nightly audit looks back to the one before. */
  evidenceWindow: 24 * 3600,
  evidenceSince: null
}

/**
 * Merges flags over environment over file over defaults into one frozen configuration.
 * @throws {MmauditError} `usage` for a wrong flag, `config` for a wrong variable or file.
 */
export function resolveAuditConfig(sources: ConfigSources): ResolvedConfig {
  const { flags, env, cwd, home, files = disk } = sources
  const said = saidOptions(flags, env, (path) => expandPath(path, cwd, home))
  const tables = checkTables(flags.tables ?? [])
  const named = flags.config ?? (env.MMAUDIT_CONFIG || null)
  const file = loadConfigFile({ named, cwd, home, env, files })
  const { masters, warnings } = resolveMasters({ named: flags.masters ?? [], file, env, cwd, home, files })
  const config: AuditConfig = {
    masters,
    include: tables.length > 0 ? tables : (file?.settings.include ?? []),
    includeOrigin: tables.length > 0 ? 'usage' : 'config',
    exclude: file?.settings.exclude ?? [],
    // A condition typed for this run holds for every table; one in the file for all gives way to a table's own.
    tables:
      said.where === undefined ? tableConfigs(file) : tableConfigs(file).map((table) => ({ ...table, where: null })),
    ...DEFAULTS,
    ...(file === null ? {} : writtenOptions(file.settings, (path) => expandPath(path, file.folder, home))),
    ...said
  }
  const repair = resolveRepairConfig({ flags, env, file, masters: masters.map((master) => master.name) })
  return {
    config: deepFreeze(config),
    repair: deepFreeze(repair),
    warnings: [...(file?.warnings ?? []), ...warnings]
  }
}

function saidOptions(flags: AuditFlags, env: Environment, absolute: (path: string) => string): Partial<Options> {
  const pauseFile = given(SETTINGS.pauseFile, flags.pauseFile, env)
  const evidenceSince = given(SETTINGS.evidenceSince, flags.evidenceSince, env)
  return defined({
    checksum: given(SETTINGS.checksum, flags.checksum, env),
    chunkRows: given(SETTINGS.chunkRows, flags.chunkRows, env),
    chunkTime: given(SETTINGS.chunkTime, flags.chunkTime, env),
    concurrency: given(SETTINGS.concurrency, flags.concurrency, env),
    confirm: given(SETTINGS.confirm, flags.confirm, env),
    confirmTimeout: given(SETTINGS.confirmTimeout, flags.confirmTimeout, env),
    silenceTimeout: given(SETTINGS.silenceTimeout, flags.silenceTimeout, env),
    where: given(SETTINGS.where, flags.where, env),
    ignoreColumns: given(SETTINGS.ignoreColumns, flags.ignoreColumns, env),
    strictSchema: given(SETTINGS.strictSchema, flags.strictSchema, env),
    maxLoad: given(SETTINGS.maxLoad, flags.maxLoad, env),
    maxLag: given(SETTINGS.maxLag, flags.maxLag, env),
    pauseFile: pauseFile === undefined ? undefined : absolute(pauseFile),
    runTime: given(SETTINGS.runTime, flags.runTime, env),
    maxDivergences: given(SETTINGS.maxDivergences, flags.maxDivergences, env),
    evidence: given(SETTINGS.evidence, flags.evidence, env),
    evidenceWindow: given(SETTINGS.evidenceWindow, flags.evidenceWindow, env),
    evidenceSince: evidenceSince === undefined ? undefined : absolute(evidenceSince)
  })
}

function writtenOptions(file: FileSettings, absolute: (path: string) => string): Partial<Options> {
  return defined({
    checksum: file.checksum,
    chunkRows: file.chunkRows,
    chunkTime: file.chunkTime,
    concurrency: file.concurrency,
    confirm: file.confirm,
    confirmTimeout: file.confirmTimeout,
    silenceTimeout: file.silenceTimeout,
    where: file.where,
    ignoreColumns: file.ignoreColumns,
    strictSchema: file.strictSchema,
    maxLoad: file.maxLoad?.flat(),
    maxLag: file.maxLag,
    pauseFile: file.pauseFile === undefined ? undefined : absolute(file.pauseFile),
    runTime: file.runTime,
    maxDivergences: file.maxDivergences,
    evidence: file.evidence,
    evidenceWindow: file.evidenceWindow,
    evidenceSince: file.evidenceSince === undefined ? undefined : absolute(file.evidenceSince)
  })
}

function defined(options: { readonly [Name in keyof Options]: Options[Name] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function checkTables(tables: readonly string[]): readonly string[] {
  for (const table of tables) {
    const problem = tablePatternProblem(table)
    if (problem !== null) throw new MmauditError('usage', `table ${JSON.stringify(table)}: ${problem}`)
  }
  return tables
}

function tableConfigs(file: ConfigFile | null): readonly TableConfig[] {
  return Object.entries(file?.settings.tables ?? {}).map(([pattern, table]) => ({
    pattern,
    identity: table.identity ?? null,
    ignoreColumns: table.ignoreColumns ?? [],
    where: table.where ?? null
  }))
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
