import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { MmauditError } from '../model/errors.js'
import { childEnvironment } from './environment.js'

/** Enough of a program's last words to show what it tripped over, few enough to read. */
const LAST_LINES = 8

/** How to run a program to its end. */
export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What to do when it fails, for the error. */
  readonly hint?: string
}

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output.
 * @throws MmauditError `incomplete` with the command and its last words when it cannot start or exits with an error.
 */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnvironment(options.env),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd })
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const failed = (why: string, cause?: unknown) =>
      reject(
        new MmauditError('incomplete', `\`${[command, ...args].join(' ')}\` ${why}`, { ...hintOf(options), cause })
      )
    child.on('error', (error) => failed(`could not be started: ${error.message}`, error))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else failed(`failed (${signal ?? `exit ${code}`})${lastWords(errors.trim() === '' ? output : errors)}`)
    })
  })
}

function hintOf(options: RunOptions): { hint?: string } {
  return options.hint === undefined ? {} : { hint: options.hint }
}

/** The end of a text as indented lines that follow a message; empty for an empty text. */
export function lastWords(text: string, lines: number = LAST_LINES): string {
  const last = text.trimEnd().split('\n').slice(-lines)
  return last.join('').trim() === '' ? '' : `:\n${last.map((line) => `  ${line}`).join('\n')}`
}

/** A program that goes on when this one ends. */
export interface DetachedChild {
  readonly pid: number
  /** True once it has ended. */
  hasExited(): boolean
}

/** Starts a program in a process group of its own, its output appended to `logFile`, and does not wait for it. */
export function startDetached(command: readonly string[], logFile: string): Promise<DetachedChild> {
  const [program = '', ...args] = command
  const log = openSync(logFile, 'a')
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: childEnvironment() })
  closeSync(log)
  let exited = false
  child.on('exit', () => (exited = true))
  child.unref()
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(new MmauditError('incomplete', `${program} could not be started: ${error.message}`, { cause: error }))
    )
    child.on('spawn', () => resolve({ pid: child.pid ?? 0, hasExited: () => exited }))
  })
}
