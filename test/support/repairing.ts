import { adminOf } from '../../src/lab/lab-state.js'
import { type Capabilities, capabilitiesOf } from '../../src/masters/capabilities.js'
import { Session } from '../../src/masters/session.js'
import { type FactsOf, readTableFacts, type TableFacts } from '../../src/masters/table-facts.js'
import { writeSettings } from '../../src/masters/write-session.js'
import type { RowChange, RowImage, Step, WritableTable } from '../../src/model/repair.js'
import type { TableRef } from '../../src/model/table.js'
import { stepStatement } from '../../src/sql/repair.js'
import { column } from './columns.js'
import type { TestLab } from './test-lab.js'
import { writable } from './writable.js'

/** Master a of a lab, as an account sees it that is about to repair it. */
export class RepairedMaster {
  readonly session: Session
  readonly capabilities: Capabilities

  private constructor(session: Session, capabilities: Capabilities) {
    this.session = session
    this.capabilities = capabilities
  }

  /** @param user one without a password; the lab's own administrator unless it is named. */
  static async open(lab: TestLab, user?: string): Promise<RepairedMaster> {
    const [master] = lab.state.masters
    if (master === undefined) throw new Error('the lab has no master')
    const [server] = await lab.query(master.name, 'SELECT VERSION() AS version, @@version_comment AS comment')
    const capabilities = capabilitiesOf(server?.version ?? '', server?.comment ?? '')
    const settings = writeSettings(capabilities, false)
    const config = { ...adminOf(master), ...(user === undefined ? {} : { user, password: null }) }
    return new RepairedMaster(
      await Session.open(config, user === undefined ? settings : settings.slice(1)),
      capabilities
    )
  }

  /** The facts of tables of one database. */
  facts(database: string, ...tables: readonly string[]): Promise<FactsOf> {
    return readTableFacts(
      this.session,
      this.capabilities,
      tables.map((table) => ({ database, table }))
    )
  }

  /** Makes the statements of steps in one transaction. */
  async make(steps: readonly Step[]): Promise<void> {
    await this.session.run('BEGIN')
    for (const step of steps) {
      const { affectedRows } = await this.session.run(stepStatement(step))
      if (affectedRows !== 1) throw new Error(`${affectedRows} rows: ${stepStatement(step)}`)
    }
    await this.session.run('COMMIT')
  }

  close(): Promise<void> {
    return this.session.close()
  }
}

/** How a table with these facts is written to; its key is `id`. */
function writableFrom(facts: TableFacts): WritableTable {
  const columns = facts.columns
    .filter((each) => !each.generated)
    .map(({ name, dataType, columnType, nullable, collation }) => {
      const charset = collation === null ? null : (collation.split('_')[0] ?? null)
      return writable(column(name, { dataType, columnType, nullable, collation, charset }))
    })
  return { ref: facts.ref, columns, key: ['id'], moving: [] }
}

/** Changes of tables on master a, numbered from 1; a table is named as in `tables`. */
export function changesOf(
  facts: FactsOf,
  tables: Readonly<Record<string, TableRef>>,
  rows: readonly (readonly [table: string, before: RowImage | null, after: RowImage | null])[]
): readonly RowChange[] {
  const writables = new Map(Object.entries(tables).map(([name, ref]) => [name, writableFrom(facts(ref))]))
  return rows.map(([name, before, after], at) => {
    const table = writables.get(name)
    if (table === undefined) throw new Error(`no table ${name}`)
    return { id: at + 1, master: 'a', table, before, after, why: 'test' }
  })
}
