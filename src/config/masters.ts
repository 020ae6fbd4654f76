import { environmentName, type MasterConfig } from '../model/config.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { ConfigFile } from './config-file.js'
import type { FileMaster } from './file-schema.js'
import { expandPath, type Files } from './files.js'
import { PORT } from './limits.js'
import type { MasterDraft } from './master-draft.js'
import { parseMaster } from './master-url.js'
import { type OptionFile, parseOptionFile } from './option-file.js'
import { numberWithin, type Parser } from './parse.js'
import { type Environment, sslMode } from './settings.js'
import { didYouMean } from './suggest.js'

const DEFAULT_PORT = 3306

/** An audit compares; one master alone has nothing to be compared with. */
const FEWEST_MASTERS = 2

/** Where masters are named, and what is needed to look up how to log in. */
export interface MasterSources {
  /** `--master`, as often as it was given. */
  readonly named: readonly string[]
  readonly file: ConfigFile | null
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  readonly files: Files
}

/** The masters with their credentials. */
export interface ResolvedMasters {
  readonly masters: readonly MasterConfig[]
  readonly warnings: readonly string[]
}

/** Collects the masters from the command line, or else the environment, or else the file. */
export function resolveMasters(sources: MasterSources): ResolvedMasters {
  const warnings: string[] = []
  const drafts = collect(sources)
  requireTwo(drafts)
  requireUnique(drafts)
  const masters = drafts.map((draft) => complete(draft, sources, (warning) => warnings.push(warning)))
  return { masters, warnings: [...new Set(warnings)] }
}

function collect(sources: MasterSources): readonly MasterDraft[] {
  if (sources.named.length > 0) return sources.named.map((text) => named(text, '--master', 'usage', sources))
  const variable = sources.env.MMAUDIT_MASTERS?.split(/[\s,]+/).filter((text) => text !== '') ?? []
  if (variable.length > 0) return variable.map((text) => named(text, 'MMAUDIT_MASTERS', 'config', sources))
  return Object.keys(sources.file?.settings.masters ?? {}).flatMap((name) => fromFile(name, sources.file) ?? [])
}

function named(text: string, said: string, code: 'usage' | 'config', sources: MasterSources): MasterDraft {
  const argument = parseMaster(text, said, code, sources.cwd)
  if (argument.kind === 'url') return argument.draft
  const draft = fromFile(argument.name, sources.file)
  if (draft !== null) return draft
  const known = Object.keys(sources.file?.settings.masters ?? {})
  throw new MmauditError(code, `${said} ${argument.name}: there is no master of that name in a configuration file`, {
    hint:
      known.length === 0
        ? `say where it is: ${argument.name}=mysql://user@host:3306`
        : `the file names ${known.join(', ')}${didYouMean(argument.name, known)}`
  })
}

function fromFile(name: string, file: ConfigFile | null): MasterDraft | null {
  const masters: Readonly<Record<string, FileMaster>> = file?.settings.masters ?? {}
  const master = Object.hasOwn(masters, name) ? masters[name] : undefined
  if (file === null || master === undefined) return null
  return {
    name,
    host: master.host,
    port: master.port,
    socket: master.socket,
    user: master.user,
    password: master.password,
    urlPassword: undefined,
    sslMode: master.sslMode,
    sslCa: master.sslCa,
    sslCert: master.sslCert,
    sslKey: master.sslKey,
    defaultsFile: master.defaultsFile,
    folder: file.folder,
    error: (message, hint) => file.error(['masters', name], `master ${name}: ${message}`, hint)
  }
}

function requireTwo(drafts: readonly MasterDraft[]): void {
  if (drafts.length >= FEWEST_MASTERS) return
  const only = drafts[0]?.name
  throw new MmauditError(
    'usage',
    only === undefined ? 'no masters are named' : `an audit needs two masters or more, and only ${only} is named`,
    {
      hint: 'name them with --master a=mysql://user@host:3306 --master b=mysql://user@host:3306, or under masters: in mmaudit.yaml'
    }
  )
}

function requireUnique(drafts: readonly MasterDraft[]): void {
  const seen = new Set<string>()
  for (const draft of drafts) {
    if (seen.has(draft.name)) throw draft.error(`two masters are named ${draft.name}`, 'give each a name of its own')
    seen.add(draft.name)
  }
}

function complete(draft: MasterDraft, sources: MasterSources, warn: (warning: string) => void): MasterConfig {
  const options = readOptions(draft, sources, warn)
  const socketPath = draft.socket ?? (draft.host === undefined ? options.socket : undefined) ?? null
  const host = draft.host ?? options.host ?? (socketPath === null ? undefined : 'localhost')
  const user = draft.user ?? options.user
  if (host === undefined) throw draft.error('no host and no socket', 'say host: or socket:')
  if (user === undefined) throw draft.error('no user', 'write the user before the host, or user: in the file')
  const mode = draft.sslMode ?? fromOption('ssl-mode', options['ssl-mode'], sslMode, draft)
  const sslCa = draft.sslCa ?? options['ssl-ca']
  if (mode === undefined && sslCa !== undefined && socketPath === null) {
    warn(
      `master ${draft.name}: sslCa alone does not check the server's certificate; set sslMode to VERIFY_IDENTITY or VERIFY_CA`
    )
  }
  const path = (name: string | undefined, option: string | undefined) =>
    name === undefined ? (option ?? null) : expandPath(name, draft.folder, sources.home)
  return {
    name: draft.name,
    host,
    port: draft.port ?? fromOption('port', options.port, numberWithin(PORT), draft) ?? DEFAULT_PORT,
    socketPath,
    user,
    password: password(draft, options, sources.env, warn),
    sslMode: mode ?? 'PREFERRED',
    sslCa: path(draft.sslCa, options['ssl-ca']),
    sslCert: path(draft.sslCert, options['ssl-cert']),
    sslKey: path(draft.sslKey, options['ssl-key'])
  }
}

function password(
  draft: MasterDraft,
  options: OptionFile['values'],
  env: Environment,
  warn: (warning: string) => void
): string | null {
  const variable = `MMAUDIT_PASSWORD_${environmentName(draft.name)}`
  if (draft.urlPassword !== undefined) {
    warn(
      `master ${draft.name}: a password in a URL can be seen in process lists and shell history; set ${variable} instead`
    )
    return draft.urlPassword
  }
  return env[variable] || env.MMAUDIT_PASSWORD || (draft.password ?? options.password ?? null)
}

function readOptions(draft: MasterDraft, sources: MasterSources, warn: (warning: string) => void) {
  const own = draft.defaultsFile
  const shared = sources.file?.settings.defaultsFile
  if (own !== undefined) return readOptionFile(own, draft.folder, draft, sources, warn)
  if (shared !== undefined && sources.file !== null) {
    return readOptionFile(shared, sources.file.folder, draft, sources, warn)
  }
  return {}
}

function readOptionFile(
  name: string,
  folder: string,
  draft: MasterDraft,
  { files, home }: MasterSources,
  warn: (warning: string) => void
): OptionFile['values'] {
  const path = expandPath(name, folder, home)
  const text = readText(files, path, name, draft)
  const options = parseOptionFile(name, text)
  options.warnings.forEach(warn)
  if (options.values.password !== undefined && files.readableByOthers(path)) {
    warn(`${name} holds a password and every user of this machine can read it; run chmod 600 ${name}`)
  }
  return options.values
}

function readText(files: Files, path: string, name: string, draft: MasterDraft): string {
  let text: string | null
  try {
    text = files.read(path)
  } catch (error) {
    throw draft.error(`cannot read the option file ${name}: ${messageOf(error)}`)
  }
  if (text === null) throw draft.error(`there is no option file ${name}`, 'check the path in defaultsFile')
  return text
}

function fromOption<T>(name: string, text: string | undefined, parse: Parser<T>, draft: MasterDraft): T | undefined {
  if (text === undefined) return undefined
  const parsed = parse(text)
  if ('problem' in parsed) throw draft.error(`${name} in the option file ${parsed.problem}`)
  return parsed.value
}
