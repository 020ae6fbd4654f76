import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { RepairSummary } from '../../src/model/repair.js'
import { mmauditInside } from './inside.js'
import type { Run } from './mmaudit.js'
import type { ReportFile } from './report-file.js'
import { schemaErrors } from './report-schema.js'
import type { TestLab } from './test-lab.js'

/** A rule as the configuration file has it. */
export type FileRule = Readonly<Record<string, string | readonly string[]>>

type RepairReport = ReportFile & { readonly repair: RepairSummary | null }

/** A run of the command, and the report that it wrote; `null` when it wrote none. */
export interface Ran {
  readonly run: Run
  readonly report: RepairReport | null
}

/** A lab as tests of repairs use it. */
export class RepairLab {
  readonly lab: TestLab
  readonly masters: readonly string[]

  constructor(lab: TestLab) {
    this.lab = lab
    this.masters = lab.state.masters.map(({ name }) => name)
  }

  get isMysql(): boolean {
    return this.lab.state.masters[0]?.vendor === 'mysql'
  }

  path(name: string): string {
    return join(this.lab.dir, name)
  }

  /** Runs statements on every master, without their binlogs. */
  async everywhere(...statements: readonly string[]): Promise<void> {
    await Promise.all(this.masters.map((master) => this.lab.runLocally(master, ...statements)))
  }

  /** What a statement returns on every master. */
  async ask(sql: string): Promise<Readonly<Record<string, readonly unknown[]>>> {
    const answers = this.masters.map(async (master) => [master, await this.lab.query(master, sql)] as const)
    return Object.fromEntries(await Promise.all(answers))
  }

  /** Writes a configuration of the repairing account for these tables, and returns its path. */
  async configure(name: string, include: readonly string[], repair: object): Promise<string> {
    const base = parse(await readFile(this.path('repair.yaml'), 'utf8'))
    await writeFile(this.path(name), stringify({ ...base, include, repair }))
    return this.path(name)
  }

  /** Runs the command in the folder of the lab; its report must be one that the published schema allows. */
  async command(args: readonly string[]): Promise<Ran> {
    const file = this.path('ran.json')
    await rm(file, { force: true })
    const run = await mmauditInside([...args, '--progress', 'never', '--json', file], { cwd: this.lab.dir })
    const text = await readFile(file, 'utf8').catch(() => null)
    const report = text === null ? null : (JSON.parse(text) as RepairReport)
    const errors = report === null ? [] : schemaErrors(report)
    if (errors.length > 0) throw new Error(`the report does not fit its schema: ${errors.join('; ')}`)
    return { run, report }
  }

  undo(journal: string, ...args: readonly string[]): Promise<Run> {
    const config = ['--config', this.path('repair.yaml'), '--progress', 'never']
    return mmauditInside(['undo', this.path(journal), '--yes', ...config, ...args])
  }

  /** How many row changes a journal holds. */
  async journalled(journal: string): Promise<number> {
    const text = await readFile(this.path(journal), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.startsWith('{"change":')).length
  }

  async files(folder: string): Promise<readonly string[]> {
    return (await readdir(this.path(folder))).sort()
  }

  /** Everything that says what was written into the binlogs. */
  async binlogs(): Promise<unknown> {
    return this.isMysql
      ? [await this.ask('SELECT @@GLOBAL.gtid_executed AS gtids'), await this.#binlogFiles()]
      : [
          await this.ask('SELECT @@GLOBAL.gtid_binlog_state AS state, @@GLOBAL.gtid_current_pos AS pos'),
          await this.#binlogFiles()
        ]
  }

  /** The state of the threads that receive and apply, and the last errors. */
  async replication(): Promise<readonly object[]> {
    const answers = await this.ask(this.isMysql ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS')
    return Object.values(answers).flatMap((rows) =>
      (rows as readonly Record<string, string>[]).map((row) => ({
        receives: row.Replica_IO_Running ?? row.Slave_IO_Running,
        applies: row.Replica_SQL_Running ?? row.Slave_SQL_Running,
        error: `${row.Last_IO_Error}${row.Last_SQL_Error}`
      }))
    )
  }

  /** `CHECKSUM TABLE` of all tables but those of the server itself. */
  async checksums(): Promise<unknown> {
    const own = "'mysql', 'sys', 'information_schema', 'performance_schema'"
    const found = await this.ask(
      `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN (${own}) ORDER BY 1`
    )
    const names = new Set(Object.values(found).flatMap((rows) => (rows as { name: string }[]).map(({ name }) => name)))
    return this.ask(`CHECKSUM TABLE ${[...names].join(', ')}`)
  }

  /** What an account said to each master while `action` ran, as the general log has it. */
  async listen(account: string, action: () => Promise<void>): Promise<readonly string[]> {
    const toTable = ["SET GLOBAL log_output = 'TABLE'", 'TRUNCATE TABLE mysql.general_log']
    await this.everywhere(...toTable, 'SET GLOBAL general_log = 1')
    try {
      await action()
    } finally {
      await this.everywhere('SET GLOBAL general_log = 0', "SET GLOBAL log_output = 'FILE'")
    }
    const said = await this.ask(
      `SELECT CONVERT(argument USING utf8mb4) AS said FROM mysql.general_log
       WHERE command_type IN ('Query', 'Execute') AND user_host LIKE '%[${account}]%'`
    )
    return Object.values(said).flatMap((rows) => (rows as { said: string }[]).map((row) => row.said))
  }

  async #binlogFiles(): Promise<unknown> {
    const answers = await this.ask('SHOW BINARY LOGS')
    return Object.entries(answers).map(([master, rows]) => [master, rows.at(-1)])
  }
}
