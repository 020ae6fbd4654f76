import type { Session } from '../../masters/session.js'
import type { RowValues } from '../../model/value.js'
import { insertStatement, TABLES, type TableName } from '../tables.js'

/**
 * Writes transactions to one master; replication takes them to the others. Where masters do not replicate to each other,
 * it writes the same to all of them, as an application does that keeps them equal by itself.
 */
export class Writer {
  readonly #sessions: readonly Session[]

  /** @param sessions the own master's first. */
  constructor(sessions: readonly Session[]) {
    this.#sessions = sessions
  }

  /** Runs `work` as one transaction. */
  async transaction(work: () => Promise<void>): Promise<void> {
    await this.run('BEGIN')
    try {
      await work()
      await this.run('COMMIT')
    } catch (error) {
      await this.run('ROLLBACK')
      throw error
    }
  }

  /** Inserts a row whose id the own master counts up; returns the id. */
  async insert(table: TableName, values: RowValues): Promise<string> {
    const [own, ...others] = this.#sessions
    const { insertId = '0' } = (await own?.run(insertStatement(table, values))) ?? {}
    const key = TABLES[table].key[0] ?? ''
    for (const session of others) await session.run(insertStatement(table, { [key]: insertId, ...values }))
    return insertId
  }

  async run(statement: string): Promise<void> {
    for (const session of this.#sessions) await session.run(statement)
  }

  /** Reads one column from the own master. */
  async column(sql: string): Promise<readonly string[]> {
    const rows = (await this.#sessions[0]?.query(sql)) ?? []
    return rows.map((row) => Object.values(row)[0] ?? '')
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()))
  }
}
