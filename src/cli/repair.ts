import { Command } from 'commander'
import { type DiffOptions, diffFlags } from './diff-flags.js'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import {
  addConfirmOptions,
  addDisplayOptions,
  addEvidenceOptions,
  addLoadOptions,
  addMasterOptions,
  addRepairOptions,
  addReportOptions,
  addRowOptions
} from './options.js'
import { savedReport } from './recheck.js'
import { repairWay } from './repair-flags.js'
import type { Prepared, Setting } from './run-audit.js'

const EXAMPLES = `
Examples:
  $ mmaudit diff --json report.json --csv rows.csv
      then write a master's name, delete or skip into the winner column of rows.csv
  $ mmaudit repair report.json --decisions rows.csv --dry-run
      the statements that would make it so
  $ mmaudit repair report.json --decisions rows.csv --journal tonight.journal
      ask, write, and prove that the rows agree; the same command again finishes what was cut short
  $ mmaudit undo tonight.journal
      take it back

Exit status:
  0 all rows of the report agree now   1 some are left   2 incomplete, also when it was stopped   64 usage   78 configuration
  130, 143 interrupted

Every row is read again first. One that is no longer as the report says is stale, and left alone.`

/** `mmaudit repair`. Tells its exit status to `onExit`. */
export function repairCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  const command = new Command('repair')
    .description('repair the rows of a JSON report')
    .argument('<report.json>', 'a report of mmaudit diff --json, or of a recheck; - is standard input')
  addMasterOptions(command)
  addRepairOptions(command)
  addReportOptions(command)
  command.option('--concurrency <n>', 'batches of rows read at once on each master (default: 2)')
  addRowOptions(command)
  addConfirmOptions(command)
  addEvidenceOptions(command)
  addLoadOptions(command)
  return addDisplayOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: DiffOptions) => {
      const { runAudit } = await import('./run-audit.js')
      const prepare = async (setting: Setting): Promise<Prepared> => {
        const way = repairWay(options, io)
        const report = await savedReport(path, io)
        const { recheck } = await import('../audit/recheck.js')
        const { withRepair } = await import('./repair-source.js')
        const { evidenceOf } = await import('./evidence-source.js')
        const source = evidenceOf((config, hooks) => recheck(config, report, hooks))
        return { audit: await withRepair({ source, counted: report.tables }, way, setting) }
      }
      onExit(await runAudit(diffFlags([], options), io, prepare))
    })
}
