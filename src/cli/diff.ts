import { Command } from 'commander'
import { type DiffOptions, diffFlags } from './diff-flags.js'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import {
  addConfirmOptions,
  addDisplayOptions,
  addEvidenceOptions,
  addFoundOptions,
  addLoadOptions,
  addMasterOptions,
  addRepairOptions,
  addReportOptions,
  addRowOptions
} from './options.js'
import { refuseWithoutRepair, repairWay } from './repair-flags.js'
import type { Audit, Prepared, Setting } from './run-audit.js'

const EXAMPLES = `
Examples:
  $ mmaudit diff --master a=mysql://mmaudit@10.0.0.1 --master b=mysql://mmaudit@10.0.0.2
      every table on both masters; passwords from MMAUDIT_PASSWORD_A and MMAUDIT_PASSWORD_B
  $ mmaudit diff 'retail_db.*' --json report.json --csv rows.csv
      one database on the masters of mmaudit.yaml, every divergent row saved
  $ mmaudit diff retail_db.orders --where "order_date >= '2026-01-01'"
      one table, in part
  $ mmaudit diff --estimate
      how long it would take, and what would be asked of the masters
  $ mmaudit diff --quiet || mail -s 'masters differ' dba@example.com < /dev/null
      for cron: silent while all is equal
  $ mmaudit diff --resume nightly.resume --json report.json
      as often as need be: goes on where the run before was cut short, and begins anew when it was not
  $ mmaudit diff --repair --dry-run
      what each policy would do with what differs; name one, and the exact statements are shown
  $ mmaudit diff --repair --policy missing=union --policy conflict=newest:updated_at --yes
      repair it, and prove that all agree

Exit status:
  0 all agree   1 divergence found, or left after a repair   2 incomplete, also a repair that was stopped
  64 usage   78 configuration   130, 143 interrupted

Options can also be given as environment variables, MMAUDIT_CHUNK_ROWS for --chunk-rows; those that say what to compare and
how also in mmaudit.yaml.`

/** `mmaudit diff`. Tells its exit status to `onExit`. */
export function diffCommand(io: Io, onExit: (code: ExitCode) => void, audit: Audit | null): Command {
  const command = new Command('diff')
    .description('compare the tables of all masters and say what differs')
    .argument('[table...]', 'tables to compare, as db.table; * and ? stand for any characters')
  addMasterOptions(command)
  addReportOptions(command)
  command
    .option('--checksum <method>', 'how rows are summarised: xxhash here, pushdown by the servers (default: xxhash)')
    .option('--chunk-rows <n>', 'rows compared at a time (default: adapts to --chunk-time)')
    .option('--chunk-time <time>', 'how long reading one chunk should take (default: 0.5s)')
    .option('--concurrency <n>', 'chunks read at once on each master (default: 2)')
  addRowOptions(command).option('--strict-schema', 'a table whose definitions differ between masters counts as failed')
  addConfirmOptions(command)
  addLoadOptions(command)
  addFoundOptions(command)
  addEvidenceOptions(command)
  command.option('--estimate', 'say how long it would take, from a short sample; compare nothing')
  command.option('--resume <file>', 'go on with an audit that was cut short; a file that is not there is begun')
  command.option('--repair', 'also repair what differs, by the policies given')
  addRepairOptions(command)
  return addDisplayOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (tables: string[], options: DiffOptions) => {
      if (options.estimate === true) {
        const { runEstimate } = await import('./run-estimate.js')
        return onExit(await runEstimate(tables, options, io))
      }
      const { runAudit } = await import('./run-audit.js')
      const prepare = async (setting: Setting): Promise<Prepared> => {
        const compare = audit ?? (await import('../audit/audit.js')).audit
        if (options.repair !== true) refuseWithoutRepair(options)
        const { openCheckpoint } = await import('./open-checkpoint.js')
        const checkpoint = await openCheckpoint(options.resume, setting)
        const { evidenceOf } = await import('./evidence-source.js')
        const compared: Audit = (config, hooks) => compare(config, { ...hooks, checkpoint })
        const source = audit === null ? evidenceOf(compared) : compared
        if (options.repair !== true) return { audit: source, checkpoint }
        try {
          const { withRepair } = await import('./repair-source.js')
          return { audit: await withRepair({ source, counted: [] }, repairWay(options, io), setting), checkpoint }
        } catch (error) {
          await checkpoint.keep()
          throw error
        }
      }
      onExit(await runAudit(diffFlags(tables, options), io, prepare))
    })
}
