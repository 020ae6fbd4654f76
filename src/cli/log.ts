import type { Environment } from '../config/settings.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { jsonText } from '../report/json-text.js'
import { visible } from '../report/text.js'
import type { StandardStream } from './io.js'
import { withoutPasswords } from './without-passwords.js'

export type LogFormat = 'text' | 'json'

/** What a log line says to a program, beside its text for people. */
type LogFields = Readonly<Record<string, unknown>>

/** Messages on standard error. */
export interface Log {
  info(event: string, text: string, fields?: LogFields): void
  warning(event: string, text: string, fields?: LogFields): void
  /** What went wrong, with the hint; for a bug also how to report it. */
  failure(error: unknown): void
}

/** Lines for people, or one JSON object a line with `time`, `level`, `event` and `message`. */
export function createLog(format: LogFormat, stream: StandardStream, env: Environment): Log {
  const debug = (env.MMAUDIT_DEBUG ?? '') !== ''
  return format === 'json' ? jsonLog(stream, debug) : textLog(stream, debug)
}

function textLog(stream: StandardStream, debug: boolean): Log {
  const say = (prefix: string, text: string) => {
    const lines = shownLines(text).map((line) => `mmaudit: ${prefix}${line}\n`)
    stream.write(lines.join(''))
  }
  return {
    info: (_event, text) => say('', text),
    warning: (_event, text) => say('warning: ', text),
    failure(error) {
      const { message, hint } = explain(error)
      say('', message)
      if (hint !== null) stream.write(`  ${shownLines(hint).join('\n  ')}\n`)
      if (debug) stream.write(`${shownLines(traceOf(error)).join('\n')}\n`)
    }
  }
}

function jsonLog(stream: StandardStream, debug: boolean): Log {
  const say = (level: string, event: string, message: string, fields: LogFields = {}) => {
    const said = { time: new Date().toISOString(), level, event, message, ...fields }
    const masked = (_: string, value: unknown) => (typeof value === 'string' ? withoutPasswords(value) : value)
    stream.write(`${jsonText(said, masked)}\n`)
  }
  return {
    info: (event, text, fields) => say('info', event, text, fields),
    warning: (event, text, fields) => say('warning', event, text, fields),
    failure(error) {
      const { message, hint } = explain(error)
      const code = error instanceof MmauditError ? error.code : 'internal'
      say('error', 'failed', message, { code, hint, ...(debug ? { trace: traceOf(error) } : {}) })
    }
  }
}

/** A text for people, harmless to their terminal. */
export function shownLines(text: string): readonly string[] {
  return text.split('\n').map((line) => visible(withoutPasswords(line)))
}

function explain(error: unknown): { message: string; hint: string | null } {
  if (error instanceof MmauditError) return { message: error.message, hint: error.hint }
  return {
    message: `internal error: ${messageOf(error)}`,
    hint: 'this is a bug in mmaudit; please report it with what MMAUDIT_DEBUG=1 shows'
  }
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
