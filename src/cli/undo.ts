import { Command } from 'commander'
import { type DiffOptions, diffFlags } from './diff-flags.js'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import { addDisplayOptions, addMasterOptions } from './options.js'

const EXAMPLES = `
Examples:
  $ mmaudit undo tonight.journal --dry-run
      the statements that would bring the rows back
  $ mmaudit undo tonight.journal
      ask, and take the repair back

Exit status:
  0 everything is as it was before   2 some rows were left   64 usage   78 configuration   130, 143 interrupted

A row is only taken back while it is as the repair left it. Whoever changed it since has the last word.`

/** `mmaudit undo`. Tells its exit status to `onExit`. */
export function undoCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  const command = new Command('undo')
    .description('take a repair back')
    .argument('<journal>', 'the journal that the repair has written')
  addMasterOptions(command)
  command
    .option('--dry-run', 'show the statements of each master and write nothing')
    .option('--sql-dir <dir>', 'write the statements there, as a script for each master')
    .option('--yes', 'write without asking')
    .option('--confirm-timeout <time>', 'how long masters may take to catch up (default: 30s)')
    .option('--allow-triggers', 'write to tables with triggers')
    .option('--allow-read-only', 'write to masters that are read_only, where the account can')
    .option('--via-replication', 'log the writes, where they reach no other master')
  return addDisplayOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (journal: string, options: Omit<DiffOptions, 'confirm'>) => {
      const { runUndo } = await import('./run-undo.js')
      const { repairWay } = await import('./repair-flags.js')
      const flags = diffFlags([], { ...options, confirm: true })
      onExit(await runUndo(journal, flags, () => repairWay(options, io), io))
    })
}
