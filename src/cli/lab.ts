import { Command } from 'commander'
import { MmauditError } from '../model/errors.js'
import { type ExitCode, exitCodeOfSignal } from './exit-codes.js'
import type { Io } from './io.js'
import { collect } from './options.js'
import { watchSignals } from './signals.js'

const DEFAULT_DIR = 'mmaudit-lab'

const EXAMPLES = {
  lab: `
Example:
  $ mmaudit lab up && mmaudit lab diverge && mmaudit diff --config mmaudit-lab/mmaudit.yaml
      two masters that differ, and every row where they do
  $ mmaudit lab down`,
  up: `
Examples:
  $ mmaudit lab up
      two MariaDB masters in a circle, 10000 orders, in ./mmaudit-lab
  $ mmaudit lab up --masters 3 --server mysql --rows 200000 --install
      three MySQL masters in a ring; the server is unpacked privately when it is missing
  $ mmaudit lab up --server mariadb,mysql
      one of each, with equal data; they do not replicate to each other`,
  diverge: `
Examples:
  $ mmaudit lab diverge
      five of every kind; truth.json in the lab folder says what an audit must find
  $ mmaudit lab diverge --class collision --count 20 --seed 7
  $ mmaudit lab diverge --scenario stopped-1062; mmaudit doctor --config mmaudit-lab/repair.yaml
      an applier that has stopped, and what to do about it`,
  traffic: `
Example:
  $ mmaudit lab traffic --seconds 60 --writes-per-second 200
      orders, customers, price changes on every master at once`,
  status: `
Example:
  $ mmaudit lab status --dir /tmp/lab`,
  down: `
Example:
  $ mmaudit lab down --keep
      stop the servers and leave their data where it is`
}

/** `mmaudit lab`. Tells an exit status other than 0 to `onExit`. */
export function labCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  return new Command('lab')
    .description('real masters on this machine, to try everything on')
    .addHelpText('after', EXAMPLES.lab)
    .addCommand(upCommand(io))
    .addCommand(divergeCommand(io))
    .addCommand(trafficCommand(io, onExit))
    .addCommand(statusCommand(io))
    .addCommand(downCommand(io))
}

interface DirOption {
  readonly dir: string
}

function subcommand(name: keyof typeof EXAMPLES, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--dir <folder>', 'the folder of the lab', DEFAULT_DIR)
    .addHelpText('after', EXAMPLES[name])
}

function upCommand(io: Io): Command {
  return subcommand('up', 'start masters that replicate to each other in a ring, filled with a made-up shop')
    .option('--masters <n>', 'how many, from 2 to 9 (default: 2)')
    .option('--server <kinds>', 'mariadb, mariadb-11.8, mysql or the path of a server; with commas, in turn', 'mariadb')
    .option('--rows <n>', 'orders to fill in; the other tables are in proportion (default: 10000)')
    .option('--port <n>', 'port of the first master, the others follow (default: free ones)')
    .option('--seed <n>', 'the same seed makes the same rows (default: 1)')
    .option('--lanes <how>', 'apart, off or clash: how the masters number new rows (default: apart)')
    .option('--install', 'install a server that is missing', false)
    .action(async (flags: UpFlags) => {
      const { labUp } = await import('../lab/index.js')
      const { dir, server, install, lanes = 'apart' } = flags
      const say = sayTo(io)
      const numbers = numericOptions({ masters: flags.masters, rows: flags.rows, port: flags.port, seed: flags.seed })
      const lab = await labUp({ dir, server, install, lanes, say, ...numbers })
      for (const { name, host, port, socket, user } of lab.masters) {
        say(
          `${name}  mysql --host=${host} --port=${port} --user=${user}${socket === null ? '' : `  (socket ${socket})`}`
        )
      }
      say(`compare them: mmaudit diff --config ${dir}/mmaudit.yaml`)
      say(`repair them:  mmaudit diff --config ${dir}/repair.yaml --repair --dry-run`)
    })
}

interface UpFlags extends DirOption {
  readonly server: string
  readonly install: boolean
  readonly lanes?: string
  readonly masters?: string
  readonly rows?: string
  readonly port?: string
  readonly seed?: string
}

function divergeCommand(io: Io): Command {
  return subcommand('diverge', 'make the masters differ the way it really happens, and write down how')
    .option('--class <class>', 'missing, conflict, collision, swap, all, or one kind: lost-insert, crosswise, …', 'all')
    .option('--count <n>', 'divergences of each kind (default: 5)')
    .option('--seed <n>', 'chooses the rows (default: 1)')
    .option('--scenario <name>', 'instead: make something else wrong, for mmaudit doctor; "list" lists them', collect)
    .action(async (flags: DivergeFlags) => {
      const { labDiverge } = await import('../lab/index.js')
      const say = sayTo(io)
      if (flags.scenario !== undefined) return arrange(flags.dir, flags.scenario, say)
      const numbers = numericOptions({ count: flags.count, seed: flags.seed })
      const { made, total } = await labDiverge({ dir: flags.dir, class: flags.class, say, ...numbers })
      say(`${made.length} rows made to differ, ${total} in all; ${flags.dir}/truth.json names them`)
    })
}

interface DivergeFlags extends DirOption {
  readonly class: string
  readonly count?: string
  readonly seed?: string
  readonly scenario?: readonly string[]
}

async function arrange(dir: string, scenarios: readonly string[], say: (line: string) => void): Promise<void> {
  const { labArrange, labScenarios } = await import('../lab/index.js')
  if (!scenarios.includes('list')) return labArrange({ dir, scenarios, say })
  for (const { name, about } of labScenarios()) say(`${name.padEnd(18)} ${about}`)
}

function trafficCommand(io: Io, onExit: (code: ExitCode) => void): Command {
  return subcommand('traffic', 'write to every master at once')
    .option('--seconds <n>', 'for how long (default: 10)')
    .option('--writes-per-second <n>', 'transactions per second on each master (default: 50)')
    .option('--seed <n>', 'chooses what is written (default: 1)')
    .action(async (flags: DirOption & { seconds?: string; writesPerSecond?: string; seed?: string }) => {
      const { labTraffic } = await import('../lab/index.js')
      const say = sayTo(io)
      const watch = watchSignals(
        io.signals,
        () => say('ending the traffic'),
        (signal) => io.exit(exitCodeOfSignal(signal))
      )
      const numbers = numericOptions({
        seconds: flags.seconds,
        writesPerSecond: flags.writesPerSecond,
        seed: flags.seed
      })
      try {
        const done = await labTraffic({ dir: flags.dir, signal: watch.abort, say, ...numbers })
        const counts = Object.entries(done.transactions).map(([name, count]) => `${count} on ${name}`)
        say(`${counts.join(', ')} in ${done.seconds.toFixed(1)} s; ${done.retries} done again after a deadlock`)
        if (watch.caught !== null) onExit(exitCodeOfSignal(watch.caught))
      } finally {
        watch.stop()
      }
    })
}

function statusCommand(io: Io): Command {
  return subcommand('status', 'versions, roles, positions, lag and lanes of the masters').action(
    async ({ dir }: DirOption) => {
      const { labStatus, statusLines } = await import('../lab/index.js')
      for (const line of statusLines(await labStatus({ dir }))) sayTo(io)(line)
    }
  )
}

function downCommand(io: Io): Command {
  return subcommand('down', 'stop the servers that the lab has started, and remove its folder')
    .option('--keep', 'leave the data folders where they are', false)
    .action(async ({ dir, keep }: DirOption & { keep: boolean }) => {
      const { labDown } = await import('../lab/index.js')
      const say = sayTo(io)
      const { removed } = await labDown({ dir, keep, say })
      say(removed ? `removed ${dir}` : `kept ${dir}`)
    })
}

function sayTo(io: Io): (line: string) => void {
  return (line) => io.stdout.write(`${line}\n`)
}

/** Those options that were given, as numbers. Bounds are the lab's own business. */
function numericOptions<Name extends string>(
  given: Readonly<Record<Name, string | undefined>>
): Partial<Record<Name, number>> {
  const entries = Object.entries<string | undefined>(given).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, wholeNumber(name, text)]]
  )
  return Object.fromEntries(entries)
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new MmauditError('usage', `--${flag} must be a whole number, not '${text}'`)
}
