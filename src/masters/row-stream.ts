import { createRequire } from 'node:module'
import type { Connection } from 'mysql2'

/**
 * Reads the binary-protocol row packets of a statement without decoding them.
 *
 * mysql2 decodes every value of every row, which costs several times what hashing the bytes costs, and it hides the bytes.
 * Its command objects keep the row decoder in the property `_rowParser`; an accessor put in its place is handed each packet
 * instead. That is an internal name: it is used in this file only, `package.json` pins the exact version of mysql2, and
 * every new connection proves that rows do arrive here before anything is compared (see `session.ts`).
 */

/** Where a row lies: `buffer[start, end)`. The buffer is the driver's and is only valid during the call. */
export type RowConsumer = (buffer: Buffer, start: number, end: number) => void

/** What the server says of a result column. Type codes and flags as in the client/server protocol. */
export interface ResultColumn {
  readonly name: string
  readonly type: number
  readonly unsigned: boolean
  readonly zerofill: boolean
  readonly displayLength: number
  readonly decimals: number
}

interface RowPacket {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
}

interface DriverColumn {
  readonly name: string
  readonly columnType: number
  readonly flags: number
  readonly columnLength: number
  readonly decimals: number
}

interface Command {
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'fields', listener: (fields: readonly DriverColumn[]) => void): this
  on(event: 'end', listener: () => void): this
}

interface Statement {
  execute(parameters: readonly unknown[]): Command
}

const UNSIGNED_FLAG = 0x20
const ZEROFILL_FLAG = 0x40

/** The version that the internal name was verified with; reported when the proof fails. */
export const DRIVER_VERSION: string = createRequire(import.meta.url)('mysql2/package.json').version

/**
 * Runs `sql` as a prepared statement and hands each row packet to `onRow`, in the order the server sends them.
 * Resolves only after the server's own end-of-rows packet; a connection that ends early rejects.
 */
export async function streamRows(
  connection: Connection,
  sql: string,
  onColumns: (columns: readonly ResultColumn[]) => void,
  onRow: RowConsumer
): Promise<void> {
  const statement = await prepare(connection, sql)
  try {
    await run(connection, statement, onColumns, onRow)
  } finally {
    // Not statement.close(): the driver would keep the closed statement in its cache and run it again.
    connection.unprepare(sql)
  }
}

function prepare(connection: Connection, sql: string): Promise<Statement> {
  return new Promise((resolve, reject) => {
    connection.prepare(sql, (error, statement) => {
      if (error) reject(error)
      else resolve(statement as unknown as Statement)
    })
  })
}

function run(
  connection: Connection,
  statement: Statement,
  onColumns: (columns: readonly ResultColumn[]) => void,
  onRow: RowConsumer
): Promise<void> {
  return new Promise((resolve, reject) => {
    // The first failure is the one that counts: the driver reports an error and then "end" for the same command.
    let failure: unknown = null
    const onLost = (error: Error) => fail(error)
    const settle = () => {
      connection.removeListener('error', onLost)
      if (failure === null) resolve()
      else reject(failure)
    }
    const fail = (error: unknown) => {
      failure ??= error
      settle()
    }
    connection.on('error', onLost)

    const command = statement.execute([])
    Object.defineProperty(command, '_rowParser', {
      get: () => ({
        next(packet: RowPacket) {
          // A throwing consumer must not be taken for the driver's own trouble, nor for the end of the rows.
          if (failure !== null) return
          try {
            onRow(packet.buffer, packet.offset, packet.end)
          } catch (error) {
            failure = error
          }
        }
      }),
      set: () => {}
    })
    command.on('fields', (fields) => {
      try {
        onColumns(fields.map(toResultColumn))
      } catch (error) {
        failure ??= error
      }
    })
    command.on('error', fail)
    command.on('end', settle)
  })
}

function toResultColumn(column: DriverColumn): ResultColumn {
  return {
    name: column.name,
    type: column.columnType,
    unsigned: (column.flags & UNSIGNED_FLAG) !== 0,
    zerofill: (column.flags & ZEROFILL_FLAG) !== 0,
    displayLength: column.columnLength,
    decimals: column.decimals
  }
}
