import { dirname } from 'node:path'
import type { z } from 'zod'
import { MmauditError, messageOf } from '../model/errors.js'
import { type FileProblem, fileError } from './file-problems.js'
import { type FileSettings, fileSchema } from './file-schema.js'
import { expandPath, type Files } from './files.js'
import type { Environment } from './settings.js'
import { type FilePath, parseYaml, type YamlFile } from './yaml-file.js'

/** The file that is found without being named. */
const DEFAULT_FILE = 'mmaudit.yaml'

/** A configuration file, read and checked. */
export interface ConfigFile {
  readonly settings: FileSettings
  /** What relative paths in the file are relative to. */
  readonly folder: string
  readonly warnings: readonly string[]
  /** An error about a part of the file that is well formed but cannot be used. */
  error(path: FilePath, message: string, hint?: string): MmauditError
}

/** Where to look for the file, and with what. */
export interface FileQuery {
  /** The file the user named, or `null` to look for `mmaudit.yaml`. */
  readonly named: string | null
  readonly cwd: string
  readonly home: string
  readonly env: Environment
  readonly files: Files
}

/** Reads the configuration file; `null` when none was named and there is none. */
export function loadConfigFile(query: FileQuery): ConfigFile | null {
  const name = query.named ?? DEFAULT_FILE
  const path = expandPath(name, query.cwd, query.home)
  const text = read(query.files, path, name)
  if (text !== null) return check(parseYaml(name, text, query.env), path, query.files)
  if (query.named === null) return null
  throw new MmauditError('config', `there is no configuration file ${name}`, {
    hint: `check the path; without one, ${DEFAULT_FILE} in the working directory is read`
  })
}

function read(files: Files, path: string, name: string): string | null {
  try {
    return files.read(path)
  } catch (cause) {
    throw new MmauditError('config', `cannot read the configuration file ${name}: ${messageOf(cause)}`, { cause })
  }
}

function check(yaml: YamlFile, path: string, files: Files): ConfigFile {
  const outcome = fileSchema.safeParse(yaml.value ?? {})
  if (!outcome.success) {
    throw fileError(
      yaml.name,
      outcome.error.issues.flatMap((issue) => problemsOf(issue, yaml))
    )
  }
  return {
    settings: outcome.data,
    folder: dirname(path),
    warnings: exposedPassword(outcome.data, yaml) && files.readableByOthers(path) ? [exposure(yaml.name)] : [],
    error: (at, message, hint) => fileError(yaml.name, [{ ...yaml.locate(at, 'key'), message }], hint)
  }
}

function problemsOf(issue: z.core.$ZodIssue, yaml: YamlFile): FileProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => problem(yaml, [...issue.path, key], 'key', messages[index] ?? ''))
  }
  if (issue.code === 'invalid_key') return [problem(yaml, issue.path, 'key', issue.issues[0]?.message ?? '')]
  return [problem(yaml, issue.path, 'value', issue.message)]
}

function problem(yaml: YamlFile, path: FilePath, part: 'key' | 'value', message: string): FileProblem {
  const subject = path.length === 0 ? 'the file' : pathText(path)
  return { ...yaml.locate(path, part), message: `${subject}: ${message}` }
}

/** `tables."retail_db.orders".identity[0]` */
function pathText(path: FilePath): string {
  return path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`
    const name = /^[\w-]+$/.test(String(step)) ? String(step) : JSON.stringify(String(step))
    return before === '' ? name : `${before}.${name}`
  }, '')
}

function exposedPassword(settings: FileSettings, yaml: YamlFile): boolean {
  return Object.entries(settings.masters ?? {}).some(
    ([name, master]) => master.password !== undefined && yaml.isLiteral(['masters', name, 'password'])
  )
}

function exposure(name: string): string {
  return `${name} holds a password and every user of this machine can read it; run chmod 600 ${name}, or write \${VAR}`
}
