import type { Connection, ResultSetHeader } from 'mysql2'
import type { MasterConfig } from '../model/config.js'
import type { Bound } from '../sql/bound.js'
import { dumpBinlog, type TakeEvent } from './binlog/dump.js'
import { connect } from './connect.js'
import { insideOf } from './driver-inside.js'
import { executePrepared } from './prepared.js'
import type { RowSink } from './row-framer.js'
import { neutraliseColumns, type ResultColumn, streamRows } from './row-stream.js'
import { listening } from './silence.js'
import { Spending } from './spending.js'

/** A row of the text protocol: the server's own words by column name. */
export type TextRow = Readonly<Record<string, string | null>>

/** What a statement that returns no rows did. */
export interface StatementResult {
  readonly affectedRows: number
  readonly insertId: string
}

/** One connection to one master. Statements run one after the other. */
export class Session {
  readonly master: string
  readonly #connection: Connection
  readonly #spending: Spending
  /** Does something on the connection, with an ear on the other side where one was lent. */
  #listening: <Result>(work: () => Promise<Result>) => Promise<Result> = (work) => work()

  private constructor(master: string, connection: Connection, spending: Spending) {
    this.master = master
    this.#connection = connection
    this.#spending = spending
  }

  /**
   * Logs in and runs `settings`, statements that set up the session, in order.
   * @param spending is charged with what the session costs the server.
   */
  static async open(
    master: MasterConfig,
    settings: readonly string[] = [],
    spending: Spending = new Spending()
  ): Promise<Session> {
    const session = new Session(master.name, await connect(master), spending)
    try {
      for (const statement of settings) await session.run(statement)
    } catch (error) {
      session.destroy()
      throw error
    }
    return session
  }

  /**
   * From now on, statements fail with `WentSilent` once nothing was heard for so many seconds, unless the server says on
   * another connection that it is executing; see `listening`.
   */
  listen(seconds: number, whyNotExecuting: () => Promise<string | null>): void {
    const line = {
      heard: () => insideOf(this.#connection).stream.bytesRead,
      whyNotExecuting,
      cut: () => this.destroy()
    }
    this.#listening = (work) => listening(line, seconds, work)
  }

  /** Runs a statement that returns rows; every value is text as the server prints it. For small results. */
  query(sql: string): Promise<readonly TextRow[]> {
    this.#spending.addQuery()
    const asText = (field: { buffer(): Buffer | null }): string | null => {
      const value = field.buffer()
      this.#spending.addValue(value?.length ?? 0)
      return value?.toString('utf8') ?? null
    }
    const restore = neutraliseColumns(this.#connection)
    const answer = () =>
      new Promise<readonly TextRow[]>((resolve, reject) => {
        this.#connection.query({ sql, typeCast: asText }, (error, rows) => {
          if (error) reject(error)
          else resolve(rows as unknown as readonly TextRow[])
        })
      })
    return this.#listening(answer).finally(restore)
  }

  /** Runs a statement that returns no rows. */
  run(sql: string): Promise<StatementResult> {
    this.#spending.addQuery()
    const answer = () =>
      new Promise<StatementResult>((resolve, reject) => {
        this.#connection.query({ sql, supportBigNumbers: true, bigNumberStrings: true }, (error, result) => {
          if (error) {
            reject(error)
            return
          }
          const header = result as ResultSetHeader
          resolve({ affectedRows: header.affectedRows, insertId: String(header.insertId) })
        })
      })
    return this.#listening(answer)
  }

  /** Runs a prepared statement that returns one text; see {@link executePrepared}. */
  async value(sql: string, parameters: readonly string[]): Promise<string | null> {
    this.#spending.addQuery()
    const value = await this.#listening(() => executePrepared(this.#connection, sql, parameters))
    this.#spending.addValue(value?.length ?? 0)
    return value
  }

  /** Streams the row packets of a SELECT; see {@link streamRows}. */
  stream(statement: string | Bound, open: (columns: readonly ResultColumn[]) => RowSink): Promise<void> {
    this.#spending.addQuery()
    const bound = typeof statement === 'string' ? { sql: statement, parameters: [], repeats: false } : statement
    return this.#listening(() => streamRows(this.#connection, bound, open, this.#spending))
  }

  /**
   * Hands over the binlog from the beginning of a file, or a position in it, on; see {@link dumpBinlog}. It is charged by its
   * bytes: it is no statement. The session is of no use afterwards.
   */
  dump(file: string, take: TakeEvent, from?: number): Promise<void> {
    return this.#listening(() => dumpBinlog(this.#connection, file, take, this.#spending, from))
  }

  /** Says goodbye to the server, and does not wait for it to hang up. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.end(() => resolve())
      insideOf(this.#connection).stream.unref()
    })
  }

  /** Drops the connection at once, whatever it is doing; that fails, also where the other side does not answer any more. */
  destroy(): void {
    insideOf(this.#connection).stream.destroy(new Error('the connection was dropped'))
    this.#connection.destroy()
  }
}
