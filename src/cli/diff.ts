import { Command } from 'commander'
import { type DiffOptions, diffFlags } from './diff-flags.js'
import type { ExitCode } from './exit-codes.js'
import type { Io } from './io.js'
import type { Audit } from './run-diff.js'

const EXAMPLES = `
Examples:
  $ mmaudit diff --master a=mysql://mmaudit@10.0.0.1 --master b=mysql://mmaudit@10.0.0.2
      every table on both masters; passwords from MMAUDIT_PASSWORD_A and MMAUDIT_PASSWORD_B
  $ mmaudit diff 'retail_db.*' --json report.json --csv rows.csv
      one database on the masters of mmaudit.yaml, every divergent row saved
  $ mmaudit diff retail_db.orders --where "order_date >= '2026-01-01'"
      one table, in part
  $ mmaudit diff --quiet || mail -s 'masters differ' dba@example.com < /dev/null
      for cron: silent while all is equal

Exit status:
  0 all agree   1 divergence found   2 incomplete   64 usage   78 configuration   130, 143 interrupted

Options can also be given as environment variables, MMAUDIT_CHUNK_ROWS for --chunk-rows; those that say what to compare and
how also in mmaudit.yaml.`

/** `mmaudit diff`. Tells its exit status to `onExit`. */
export function diffCommand(io: Io, onExit: (code: ExitCode) => void, audit: Audit | null): Command {
  return new Command('diff')
    .description('compare the tables of all masters and say what differs')
    .argument('[table...]', 'tables to compare, as db.table; * and ? stand for any characters')
    .option(
      '-m, --master <name=url>',
      'a master, a=mysql://user@host:3306 or one named in the file; repeat it',
      collect
    )
    .option('-c, --config <file>', 'configuration file (default: mmaudit.yaml, if there is one)')
    .option('--json <file>', 'write the JSON report there; - is standard output')
    .option('--csv <file>', 'write the CSV report there; - is standard output')
    .option('--checksum <method>', 'how rows are summarised: xxhash (default: xxhash)')
    .option('--chunk-rows <n>', 'rows compared at a time (default: adapts to --chunk-time)')
    .option('--chunk-time <seconds>', 'how long reading one chunk should take (default: 0.25)')
    .option('--concurrency <n>', 'chunks read at once on each master (default: 2)')
    .option('--where <sql>', 'compare only the rows that meet this condition')
    .option('--ignore-columns <names>', 'columns to leave out, with commas between; repeatable', collect)
    .option('--strict-schema', 'a table whose definitions differ between masters counts as failed')
    .option('--no-confirm', 'report differences at once, even if they are only replication lag')
    .option('--confirm-timeout <seconds>', 'how long rows may take to settle (default: 30)')
    .option('-q, --quiet', 'only the verdict, and nothing when all is equal')
    .option('--no-color', 'no colours')
    .option('--progress <when>', 'auto, always or never (default: auto)')
    .option('--log-format <format>', 'messages on standard error as text or json (default: text)')
    .addHelpText('after', EXAMPLES)
    .action(async (tables: string[], options: DiffOptions) => {
      const { runDiff } = await import('./run-diff.js')
      onExit(await runDiff(diffFlags(tables, options), io, audit ?? (await import('../audit/audit.js')).audit))
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
