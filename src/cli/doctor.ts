import { Command } from 'commander'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import { addMasterOptions, collect } from './options.js'
import type { RepairOptions } from './repair-flags.js'

const EXAMPLES = `
Examples:
  $ mmaudit doctor
      the masters of mmaudit.yaml: replication, lanes, settings, tables, accounts
  $ mmaudit doctor 'retail_db.*' --audit-interval 168h --json doctor.json
      the tables of one database; audits are a week apart
  $ mmaudit doctor --unblock --policy prefer:a
      an applier has stopped with 1062 or 1032: repair the rows of its transaction, step over it, and see it run
  $ mmaudit doctor --quiet || mail -s 'masters need care' dba@example.com < /dev/null
      for cron: silent while nothing has to be mended

Exit status:
  0 nothing has to be mended   1 warnings   2 dangers, or something could not be looked at   64 usage   78 configuration
  130, 143 interrupted

Each finding comes with the statements that mend it, for you to run. Nothing is changed on any master but by --unblock.`

/** The options as commander gives them. */
export interface DoctorOptions extends RepairOptions {
  readonly unblock?: boolean
  readonly master?: readonly string[]
  readonly config?: string
  readonly json?: string
  readonly auditInterval?: string
  readonly quiet?: boolean
  /** Only `--no-color` can be typed. */
  readonly color: boolean
  readonly logFormat?: string
}

/** `mmaudit doctor`. Tells its exit status to `onExit`. */
export function doctorCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  const command = new Command('doctor')
    .description('look for what is wrong with the masters, and say what mends it')
    .argument('[table...]', 'tables to look at, as db.table; * and ? stand for any characters')
  addMasterOptions(command)
  return command
    .option('--json <file>', 'write the findings there as JSON; - is standard output')
    .option('--audit-interval <time>', 'how far apart audits are; binlogs have to last longer (default: 24h)')
    .option('--unblock', 'repair the rows of a transaction that an applier has stopped at, and step over exactly that')
    .option('--policy <spec>', 'who wins where those rows differ: prefer:a, union, …; repeat it', collect)
    .option('--yes', 'with --unblock: do it without asking')
    .option('--journal <file>', 'with --unblock: where to keep what was changed (default: mmaudit-<run>.journal)')
    .option('--allow-triggers', 'with --unblock: write to tables with triggers')
    .option('--allow-read-only', 'with --unblock: write to masters that are read_only, where the account can')
    .option('-q, --quiet', 'only the verdict, and nothing when nothing has to be mended')
    .option('--no-color', 'no colours')
    .option('--log-format <format>', 'messages on standard error as text or json (default: text)')
    .addHelpText('after', EXAMPLES)
    .action(async (tables: string[], options: DoctorOptions) => {
      const { runDoctor } = await import('./run-doctor.js')
      onExit(await runDoctor(tables, options, io))
    })
}
