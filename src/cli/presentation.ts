import { resolve } from 'node:path'
import { nonEmpty, oneOf, truth } from '../config/parse.js'
import { type Environment, given } from '../config/settings.js'
import { MmauditError } from '../model/errors.js'
import type { Io, StandardStream } from './io.js'
import type { LogFormat } from './log.js'

type ProgressMode = 'auto' | 'always' | 'never'

/** What the command line says of the ways a result is shown, as typed. */
export interface PresentationFlags {
  readonly json?: string | undefined
  readonly csv?: string | undefined
  readonly quiet?: string | undefined
  readonly color?: string | undefined
  readonly progress?: string | undefined
  readonly logFormat?: string | undefined
}

/** How a result is shown. */
export interface Presentation {
  /** A path, `-` for standard output, or `null`. */
  readonly json: string | null
  readonly csv: string | null
  readonly quiet: boolean
  /** `null` leaves it to the terminal. */
  readonly colour: boolean | null
  readonly progress: ProgressMode
  readonly logFormat: LogFormat
}

const STDOUT = '-'

const LOG_FORMAT = {
  flag: '--log-format',
  variable: 'MMAUDIT_LOG_FORMAT',
  parse: oneOf<LogFormat>(['text', 'json'])
} as const

const SETTINGS = {
  json: { flag: '--json', variable: 'MMAUDIT_JSON', parse: nonEmpty },
  csv: { flag: '--csv', variable: 'MMAUDIT_CSV', parse: nonEmpty },
  quiet: { flag: '--quiet', variable: 'MMAUDIT_QUIET', parse: truth },
  color: { flag: '--color', variable: 'MMAUDIT_COLOR', parse: truth },
  progress: {
    flag: '--progress',
    variable: 'MMAUDIT_PROGRESS',
    parse: oneOf<ProgressMode>(['auto', 'always', 'never'])
  }
} as const

/** Resolved before all else, so that everything else that is wrong is already told in the format asked for. */
export function resolveLogFormat(flags: PresentationFlags, env: Environment): LogFormat {
  return given(LOG_FORMAT, flags.logFormat, env) ?? 'text'
}

/** @throws {MmauditError} for values that are wrong, or that exclude each other. */
export function resolvePresentation(flags: PresentationFlags, env: Environment, cwd: string): Presentation {
  const json = given(SETTINGS.json, flags.json, env) ?? null
  const csv = given(SETTINGS.csv, flags.csv, env) ?? null
  refuseSamePlace(json, csv, cwd)
  const quiet = given(SETTINGS.quiet, flags.quiet, env) ?? false
  return {
    json,
    csv,
    quiet,
    colour: given(SETTINGS.color, flags.color, env) ?? null,
    progress: given(SETTINGS.progress, flags.progress, env) ?? (quiet ? 'never' : 'auto'),
    logFormat: resolveLogFormat(flags, env)
  }
}

/** Standard output belongs to a report that was sent there; people then read on standard error. */
export function streamForPeople({ json, csv }: Presentation, io: Io): StandardStream {
  return json === STDOUT || csv === STDOUT ? io.stderr : io.stdout
}

/** A flag, then `NO_COLOR`, then `FORCE_COLOR`, then whether anybody is there to see it. */
export function wantsColour(colour: boolean | null, stream: StandardStream, env: Environment): boolean {
  if (colour !== null) return colour
  if ((env.NO_COLOR ?? '') !== '') return false
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

function refuseSamePlace(json: string | null, csv: string | null, cwd: string): void {
  if (json === null || csv === null) return
  if (json === STDOUT && csv === STDOUT) {
    throw new MmauditError('usage', '--json - and --csv - cannot both have standard output', {
      hint: 'name a file for one of them'
    })
  }
  if (json !== STDOUT && resolve(cwd, json) === resolve(cwd, csv)) {
    throw new MmauditError('usage', `--json and --csv both name ${json}`, { hint: 'name a file for each' })
  }
}
