import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { RepairSummary } from '../../src/model/repair.js'
import { tableName } from '../../src/model/table.js'
import { mmauditInside } from './inside.js'
import type { Run, RunOptions } from './mmaudit.js'
import type { ReportFile } from './report-file.js'
import type { TestLab } from './test-lab.js'

/** What a run of `mmaudit diff --repair` left behind. */
export class RepairRun {
  readonly run: Run
  readonly report: ReportFile
  readonly journal: string

  constructor(run: Run, report: ReportFile, journal: string) {
    this.run = run
    this.report = report
    this.journal = journal
  }

  get summary(): RepairSummary {
    const { repair } = this.report as ReportFile & { readonly repair?: RepairSummary | null }
    if (repair == null) throw new Error(`nothing was repaired; exit status ${this.run.code}: ${this.run.stderr}`)
    return repair
  }

  /** What became of the rows of a table, by key: `applied`, or `refused: why`. */
  fates(table: string): Readonly<Record<string, string>> {
    const own = this.report.divergences.filter((row) => tableName(row) === table || row.table === table)
    return Object.fromEntries(
      own.map(({ key, decision }) => {
        const { status = 'undecided', reason = '' } = decision ?? {}
        return [Object.values(key).map(String).join(','), status === 'applied' ? status : `${status}: ${reason}`]
      })
    )
  }
}

/** Runs `mmaudit diff --repair --yes` on a lab, with the account that may repair and a journal of its own. */
export async function repairRun(
  lab: TestLab,
  args: readonly string[],
  options: RunOptions & { readonly config?: string } = {}
): Promise<RepairRun> {
  const journal = join(lab.dir, `${randomBytes(4).toString('hex')}.journal`)
  const { config = join(lab.dir, 'repair.yaml') } = options
  const way = ['--repair', '--yes', '--journal', journal, '--progress', 'never']
  const { run, report } = await lab.diff(['--config', config, ...way, ...args], options)
  return new RepairRun(run, report, journal)
}

/** Runs `mmaudit undo --yes` on what a repair wrote. */
export function undoRun(lab: TestLab, { journal }: RepairRun, args: readonly string[] = []): Promise<Run> {
  return mmauditInside(['undo', journal, '--config', join(lab.dir, 'repair.yaml'), '--yes', ...args])
}

/** Runs statements on every master of a lab, each time without the binlog. */
export async function everywhere(lab: TestLab, ...statements: readonly string[]): Promise<void> {
  for (const { name } of lab.state.masters) await lab.runLocally(name, ...statements)
}

/** What a repair must leave as it is on a server: where its binlog ends, its settings, and how often it was told to do certain things. */
export async function readUntouched(lab: TestLab, master: string): Promise<Readonly<Record<string, unknown>>> {
  const isMysql = lab.state.masters[0]?.vendor === 'mysql'
  const [position] = await lab.query(master, isMysql ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS')
  const counters = await lab.query(
    master,
    `SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_create_table', 'Com_create_temporary_table', 'Com_alter_table',
      'Com_drop_table', 'Com_replace', 'Com_replace_select', 'Com_lock_tables')`
  )
  return {
    position: Object.values(position ?? {}),
    variables: await lab.query(master, 'SHOW GLOBAL VARIABLES'),
    counters
  }
}
