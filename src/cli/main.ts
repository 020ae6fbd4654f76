import { homedir } from 'node:os'
import { EXIT, type ExitCode } from './exit-codes.js'
import type { Io, StandardStream } from './io.js'
import { createLog } from './log.js'
import { runCli } from './program.js'

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  signals: process,
  exit
}

/** The one place that ends the process. Not left to an empty event loop: a connection to a dead master may keep it alive. */
function exit(code: ExitCode): void {
  process.exit(code)
}

function failOnBug(error: unknown): void {
  createLog('text', process.stderr, process.env).failure(error)
  exit(EXIT.INCOMPLETE)
}

function drained(stream: StandardStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

// A reader that goes away is told to each write; without a listener it would end the process as well.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
process.on('uncaughtException', failOnBug)
process.on('unhandledRejection', failOnBug)

async function main(): Promise<void> {
  const code = await runCli(process.argv.slice(2), io)
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  exit(code)
}

void main()
