import { resolve } from 'node:path'
import { Command } from 'commander'
import type { SavedReport } from '../model/saved-report.js'
import { type DiffOptions, diffFlags } from './diff-flags.js'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import {
  addConfirmOptions,
  addDisplayOptions,
  addEvidenceOptions,
  addLoadOptions,
  addMasterOptions,
  addReportOptions,
  addRowOptions
} from './options.js'
import type { Audit } from './run-audit.js'

const EXAMPLES = `
Examples:
  $ mmaudit diff --json report.json; mmaudit recheck report.json
      what still differs some time later, on the masters of mmaudit.yaml
  $ mmaudit recheck report.json --json left.json --csv left.csv
      the rows that are left, with their present values, as smaller reports
  $ jq '.divergences |= map(select(.class == "missing"))' report.json | mmaudit recheck -
      only some of the rows; - is standard input

Exit status:
  0 all named rows agree now   1 some still differ   2 incomplete, also where the audit of the report was
  64 usage   78 configuration   130, 143 interrupted

Only the rows that the report names are read, on the masters that it compared. Whether other rows came to differ since then,
only a new mmaudit diff can tell.`

/** `mmaudit recheck`. Tells its exit status to `onExit`. */
export function recheckCommand(io: Io, onExit: (code: ExitCode) => void, audit: Audit | null): Command {
  const command = new Command('recheck')
    .description('read the rows of a JSON report again and say which of them still differ')
    .argument('<report.json>', 'a report of mmaudit diff --json, or of an earlier recheck; - is standard input')
  addMasterOptions(command)
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
      const prepare = async () => {
        const report = await savedReport(path, io)
        const { recheck } = await import('../audit/recheck.js')
        const { evidenceOf } = await import('./evidence-source.js')
        const source = evidenceOf((config, hooks) => recheck(config, report, hooks))
        return { audit: audit ?? source }
      }
      onExit(await runAudit(diffFlags([], options), io, prepare))
    })
}

/** The report that the command line names. @throws {MmauditError} `usage` when it cannot be read, or is none. */
export async function savedReport(path: string, io: Io): Promise<SavedReport> {
  const { readReport, readReportFrom } = await import('../report/read-report.js')
  return path === '-' ? readReportFrom(io.stdin, 'standard input') : readReport(resolve(io.cwd, path), path)
}
