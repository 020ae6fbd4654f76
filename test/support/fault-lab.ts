import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ACCOUNTS } from '../../src/lab/accounts.js'
import { CHUNK_ROWS, PLANTED, TABLES } from './fault-tables.js'
import { mmaudit, type Run } from './mmaudit.js'
import type { Address } from './proxy-link.js'
import type { ReportFile } from './report-file.js'
import { schemaErrors } from './report-schema.js'
import { type ArmedFault, TcpProxy } from './tcp-proxy.js'
import { startTestLab, type TestLab } from './test-lab.js'

/** The database of the cells that do nothing to the servers. Others have a copy of their own. */
export const COMMON = 'common'

/** Long enough for a busy machine to answer, short enough to wait for. */
const SILENCE = '1s'

/** A run of the command through proxies, and what became of it. */
export interface Audited {
  readonly run: Run
  /** `null` when none was written. */
  readonly report: ReportFile | null
  /** How often each fault struck, in the order in which they were given. */
  readonly struck: readonly number[]
}

interface AuditOptions {
  readonly database?: string
  /** Which of its tables; all by default. */
  readonly tables?: string
  /** The account that audits by default. */
  readonly user?: string
  readonly args?: readonly string[]
}

/** Faults by the master that they stand before. */
type Faults = Readonly<Record<string, readonly ArmedFault[]>>

/** Two masters with tables that differ a little, and proxies before them that do harm. */
export class FaultLab {
  readonly lab: TestLab
  readonly #names: readonly string[]

  private constructor(lab: TestLab) {
    this.lab = lab
    this.#names = lab.state.masters.map(({ name }) => name)
  }

  static async start(kind: string): Promise<FaultLab> {
    const lab = new FaultLab(await startTestLab(kind, { rows: 10 }))
    await lab.createTables(COMMON)
    // Positions are only waited for once something was written.
    for (const name of lab.#names) await lab.lab.run(name, `CREATE DATABASE written_on_${name}`)
    return lab
  }

  /** Makes the tables in a database of their own, on every master by itself. */
  async createTables(database: string): Promise<void> {
    const create = [`CREATE DATABASE ${database}`, `USE ${database}`, ...TABLES]
    await Promise.all(this.#names.map((name) => this.lab.runLocally(name, ...create, ...(name === 'b' ? PLANTED : []))))
  }

  addressOf(name: string): Address {
    const master = this.lab.state.masters.find((each) => each.name === name)
    if (master === undefined) throw new Error(`the lab has no master ${name}`)
    return { host: master.host, port: master.port }
  }

  /** Audits a database, each master through a proxy of this run. */
  async audit(faults: Faults, options: AuditOptions = {}): Promise<Audited> {
    const { database = COMMON, tables = '*', user = ACCOUNTS.audit, args = [] } = options
    const folder = await mkdtemp(join(this.lab.dir, 'run-'))
    const file = join(folder, 'report.json')
    const limits = ['--silence-timeout', SILENCE, '--chunk-rows', String(CHUNK_ROWS), '--progress', 'never']
    return this.#throughProxies(faults, user, async (masters) => {
      const command = ['diff', `${database}.${tables}`, '--json', file, ...limits, ...masters, ...args]
      return { run: await mmaudit(command, { cwd: folder }), report: await readReport(file) }
    })
  }

  async #throughProxies<Result>(
    faults: Faults,
    user: string,
    use: (masters: readonly string[]) => Promise<Result>
  ): Promise<Result & { readonly struck: readonly number[] }> {
    const proxies = await Promise.all(this.#names.map((name) => TcpProxy.start(this.addressOf(name))))
    const armed = this.#names.flatMap((name, at) => (faults[name] ?? []).map((fault) => proxies[at]?.arm(fault)))
    const urls = proxies.map(({ port }) => `mysql://${user}@127.0.0.1:${port}/?sslMode=DISABLED`)
    const masters = this.#names.flatMap((name, at) => ['--master', `${name}=${urls[at]}`])
    try {
      const result = await use(masters)
      return { ...result, struck: armed.map((fault) => fault?.struck ?? 0) }
    } finally {
      for (const proxy of proxies) await proxy.close()
    }
  }

  down(): Promise<void> {
    return this.lab.down()
  }
}

/** What a report says of the rows: without times, addresses, costs, and how many chunks there were. */
export function plain(report: ReportFile | null): unknown {
  const tables = report?.tables.map(({ chunks: _, ...table }) => table)
  return { tables, divergences: report?.divergences, summary: report?.summary }
}

async function readReport(file: string): Promise<ReportFile | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  const report = JSON.parse(text) as ReportFile
  const errors = schemaErrors(report)
  if (errors.length > 0) throw new Error(`the report does not fit its schema: ${errors.join('; ')}`)
  return report
}
