import { Command, CommanderError } from 'commander'
import { diffCommand } from './diff.js'
import { doctorCommand } from './doctor.js'
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.js'
import { failoverCommand } from './failover.js'
import { type Io, widthOf } from './io.js'
import { labCommand } from './lab.js'
import { createLog, shownLines } from './log.js'
import { recheckCommand } from './recheck.js'
import { repairCommand } from './repair.js'
import type { Audit } from './run-audit.js'
import { undoCommand } from './undo.js'
import { packageVersion } from './version.js'

const EXAMPLES = `
Examples:
  $ mmaudit lab up && mmaudit diff --config mmaudit-lab/mmaudit.yaml
      two real masters to try everything on
  $ mmaudit diff --master a=mysql://mmaudit@10.0.0.1 --master b=mysql://mmaudit@10.0.0.2
      compare your own`

/** Runs one command line and returns the exit status. `audit` takes the place of the real core in tests. */
export async function runCli(args: readonly string[], io: Io, audit: Audit | null = null): Promise<ExitCode> {
  let code: ExitCode = EXIT.CONSISTENT
  const program = createProgram(io, audit, (status) => {
    code = status
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.CONSISTENT : EXIT.USAGE
    createLog('text', io.stderr, io.env).failure(error)
    return exitCodeOfError(error)
  }
}

/** The whole command line; what it does with it is up to each command. */
export function createProgram(io: Io, audit: Audit | null, onExit: (code: ExitCode) => void): Command {
  const program = new Command('mmaudit')
    .description('Tells whether MySQL and MariaDB masters that replicate to each other still hold the same data.')
    .version(packageVersion(), '-V, --version')
    .addHelpText('after', EXAMPLES)
    .addCommand(diffCommand(io, onExit, audit))
    .addCommand(recheckCommand(io, onExit, audit))
    .addCommand(repairCommand(io, onExit))
    .addCommand(undoCommand(io, onExit))
    .addCommand(doctorCommand(io, onExit))
    .addCommand(failoverCommand(io, onExit))
    .addCommand(labCommand(io, onExit))
  return withManners(program, io)
}

/** Every command writes to our streams, leaves the exit to us, and answers mistakes with a word and a way on. */
function withManners(command: Command, io: Io): Command {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => {
        const said = shownLines(text.replace(/^error: /, '')).join('\n')
        write(`mmaudit: ${said}  see ${pathOf(command)} --help\n`)
      },
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => widthOf(io.stdout),
      getErrHelpWidth: () => widthOf(io.stderr)
    })
  for (const child of command.commands) withManners(child, io)
  return command
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
