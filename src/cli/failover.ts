import { Command } from 'commander'
import { MmauditError } from '../model/errors.js'
import type { FailoverKind } from '../model/failover.js'
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
  addReportOptions
} from './options.js'
import { refuseWithoutRepair } from './repair-flags.js'
import type { Setting } from './run-audit.js'

const EXAMPLES = `
Examples:
  $ mmaudit failover --lost a
      a is gone: do the others agree on what it wrote?
  $ mmaudit failover --returned a --json failover.json
      a is back, its replication still stopped: what did nobody receive, which rows were written on both sides, and is it
      safe to let it rejoin?
  $ mmaudit failover --returned a --repair --policy prefer:b --dry-run
      what it takes to reconcile the rows that will not come right by themselves

Exit status:
  0 nothing was lost, and a is safe to rejoin   1 something was found   2 something could not be looked at
  64 usage   78 configuration   130, 143 interrupted

Only rows that the transactions change are read, however large the tables. Nothing is changed on any master but by --repair.`

/** The options as commander gives them. */
export interface FailoverOptions extends DiffOptions {
  readonly lost?: string
  readonly returned?: string
  readonly lostServerId?: string
  readonly lostUuid?: string
}

/** `mmaudit failover`. Tells its exit status to `onExit`. */
export function failoverCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  const command = new Command('failover')
    .description('say what a failover has lost, and whether a master that is back may rejoin')
    .option('--lost <master>', 'this master is gone; it is not asked')
    .option('--returned <master>', 'this master is back')
    .option(
      '--lost-server-id <n>',
      'the server_id of the lost master, where no channel of the others tells it (MariaDB)'
    )
    .option('--lost-uuid <uuid>', 'the server_uuid of the lost master, where no channel of the others tells it (MySQL)')
  addMasterOptions(command)
  addReportOptions(command)
  command.option('--repair', 'with --returned: also repair the rows that will not come right by themselves')
  addRepairOptions(command)
  command.option('--concurrency <n>', 'batches of rows read at once on each master (default: 2)')
  command.option('--ignore-columns <names>', 'columns to leave out, with commas between; repeatable')
  addConfirmOptions(command)
  addEvidenceOptions(command)
  addLoadOptions(command)
  return addDisplayOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: FailoverOptions) => {
      const { runAudit } = await import('./run-audit.js')
      const prepare = async (setting: Setting) => {
        const { kind, master } = subjectOf(options)
        if (options.repair !== true) refuseWithoutRepair(options)
        const { prepareFailover } = await import('./prepare-failover.js')
        return prepareFailover({ kind, master }, options, setting)
      }
      onExit(await runAudit(diffFlags([], options), io, prepare))
    })
}

/** @throws {MmauditError} `usage` unless exactly one master is named. */
function subjectOf({ lost, returned, repair }: FailoverOptions): {
  readonly kind: FailoverKind
  readonly master: string
} {
  if ((lost === undefined) === (returned === undefined)) {
    throw new MmauditError('usage', 'a failover is about one master: name it with --lost or with --returned', {
      hint: '--lost a while a is gone, --returned a when it is back'
    })
  }
  if (returned !== undefined) return { kind: 'returned', master: returned }
  if (repair === true) {
    throw new MmauditError('usage', '--repair goes with --returned', {
      hint: 'what survivors disagree on is repaired from the report: --json lost.json, then mmaudit repair lost.json'
    })
  }
  return { kind: 'lost', master: lost ?? '' }
}
