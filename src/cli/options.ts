import type { Command } from 'commander'

/** Gathers the values of an option that is repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** Which servers. */
export function addMasterOptions(command: Command): Command {
  return command
    .option(
      '-m, --master <name=url>',
      'a master, a=mysql://user@host:3306 or one named in the file; repeat it',
      collect
    )
    .option('-c, --config <file>', 'configuration file (default: mmaudit.yaml, if there is one)')
    .option('--silence-timeout <time>', 'how long a master may be silent before it is looked after (default: 30s)')
}

/** Where results are saved. */
export function addReportOptions(command: Command): Command {
  return command
    .option('--json <file>', 'write the JSON report there; - is standard output')
    .option('--csv <file>', 'write the CSV report there; - is standard output')
}

/** Which rows and columns count. */
export function addRowOptions(command: Command): Command {
  return command
    .option('--where <sql>', 'compare only the rows that meet this condition')
    .option('--ignore-columns <names>', 'columns to leave out, with commas between; repeatable', collect)
}

/** How replication lag is told from divergence. */
export function addConfirmOptions(command: Command): Command {
  return command
    .option('--no-confirm', 'report differences at once, even if they are only replication lag')
    .option('--confirm-timeout <time>', 'how long rows may take to settle (default: 30s)')
}

/** How servers are spared. */
export function addLoadOptions(command: Command): Command {
  return command
    .option(
      '--max-load <variable=n>',
      'wait while a status variable is above this: Threads_running=25; repeatable',
      collect
    )
    .option('--max-lag <time>', 'wait while a master lags behind another one by more than this: 5s')
    .option('--pause-file <path>', 'ask nothing of the servers while this file exists')
    .option('--run-time <time>', 'end in good order after this time: 2h')
}

/** How what made rows differ is found out. */
export function addEvidenceOptions(command: Command): Command {
  return command
    .option('--evidence <when>', 'read the binlogs for what made rows differ: auto, off or require (default: auto)')
    .option('--evidence-window <time>', 'how far back (default: 24h)')
    .option('--evidence-since <report>', 'instead, back to an audit that found all equal: its JSON report')
}

/** How much is told of what is found. */
export function addFoundOptions(command: Command): Command {
  return command.option('--max-divergences <n>', 'rows to report in full; all others are only counted (default: all)')
}

/** What is shown while it runs, and how. */
export function addDisplayOptions(command: Command): Command {
  return command
    .option('-q, --quiet', 'only the verdict, and nothing when all is equal')
    .option('--no-color', 'no colours')
    .option('--progress <when>', 'auto, always or never (default: auto)')
    .option('--log-format <format>', 'messages on standard error as text or json (default: text)')
}

/** What a repair does, and how far it may go. */
export function addRepairOptions(command: Command): Command {
  return command
    .option(
      '--dry-run',
      'show the statements of each master and write nothing; without a policy, show what each would do'
    )
    .option('--policy <spec>', 'who wins: union, prefer:a, conflict=newest:updated_at, …; repeat it', collect)
    .option('--decisions <csv>', 'a CSV report with winners filled in by hand')
    .option('--sql-dir <dir>', 'write the statements there, as a script for each master')
    .option('--yes', 'write without asking')
    .option('--journal <file>', 'where to keep what was changed (default: mmaudit-<run>.journal)')
    .option(
      '--id-map <file>',
      'where to list the ids that rekey gives rows instead of theirs (default: beside the journal)'
    )
    .option('--max-rows <n>', 'row changes that a repair may make (default: 100000)')
    .option('--max-deletes <n>', 'rows that it may delete (default: 0, unless a policy was named that deletes)')
    .option('--max-percent <n>', 'part of a table that it may change on one master (default: 10)')
    .option('--allow-emptied', 'go on although a master looks emptied')
    .option('--allow-triggers', 'write to tables with triggers; rows that come out otherwise are taken back')
    .option('--allow-read-only', 'write to masters that are read_only, where the account can')
    .option('--via-replication', 'log the writes, where they reach no other master')
}
