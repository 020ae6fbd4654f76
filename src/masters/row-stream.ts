import { createRequire } from 'node:module'
import type { Connection } from 'mysql2'
import type { Bound } from '../sql/bound.js'
import { insideOf } from './driver-inside.js'
import { HEADER_BYTES, RowFramer, type RowSink } from './row-framer.js'
import type { Spending } from './spending.js'

/**
 * Reads the binary-protocol row packets of a statement without decoding them.
 *
 * mysql2 decodes every value of every row, which costs several times what hashing the bytes costs, and it hides the bytes.
 * While a statement runs, the packet parser of its connection (the property `packetParser`) is replaced by one that takes
 * the rows out and passes everything else on. That is an internal name; see `driver-inside.ts`.
 */

/** What the server says of a result column. Type codes and flags as in the client/server protocol. */
export interface ResultColumn {
  readonly name: string
  readonly type: number
  readonly unsigned: boolean
  readonly zerofill: boolean
  readonly displayLength: number
  readonly decimals: number
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
 * Runs a prepared statement and hands its row packets to a sink, in the order the server sends them. One that repeats stays
 * prepared, so that only its values travel from then on.
 * Resolves only after the server's own end-of-rows packet; a connection that ends early rejects.
 *
 * @param open is called with the columns before the first row, and returns the sink.
 * @param spending is charged with what the server sends.
 */
export async function streamRows(
  connection: Connection,
  { sql, parameters, repeats }: Bound,
  open: (columns: readonly ResultColumn[]) => RowSink,
  spending: Spending
): Promise<void> {
  let isKept = false
  try {
    await run(connection, await prepare(connection, sql), parameters, open, spending)
    isKept = repeats
  } finally {
    // Not statement.close(): the driver would keep the closed statement in its cache and run it again.
    if (!isKept) connection.unprepare(sql)
  }
}

/** Replaces the packet parser of a connection by one that takes rows out; returns how to put the driver's own back. */
function tap(
  connection: Connection,
  sink: RowSink,
  expectsRows: () => boolean,
  onForwarded: () => void,
  spending: Spending | null
): () => void {
  const driver = insideOf(connection)
  const parser = driver.packetParser
  const framer = new RowFramer(sink, {
    expectsRows,
    forward(packet) {
      if (!expectsRows()) neutralCharset(packet)
      driver.sequenceId = packet[3] ?? 0
      parser.execute(packet)
      onForwarded()
    }
  })
  let bytes = 0
  driver.packetParser = {
    execute(chunk) {
      bytes += chunk.length
      framer.push(chunk)
    }
  }
  return () => {
    driver.packetParser = parser
    spending?.addStream(framer.rows, bytes)
    bytes = 0
    framer.rows = 0
  }
}

/**
 * Lets the driver read the next result although it does not know the character sets of its columns; returns how to put its
 * own parser back. Only the definitions are touched: as many packets as the first one says, and no row.
 */
export function neutraliseColumns(connection: Connection): () => void {
  const driver = insideOf(connection)
  const parser = driver.packetParser
  let definitions: number | null = null
  const framer = new RowFramer(DRAIN, {
    expectsRows: () => false,
    forward(packet) {
      if (definitions === null) definitions = columnCount(packet)
      else if (definitions-- > 0) neutralCharset(packet)
      driver.sequenceId = packet[3] ?? 0
      parser.execute(packet)
    }
  })
  driver.packetParser = { execute: (chunk) => framer.push(chunk) }
  return () => {
    driver.packetParser = parser
  }
}

/** Length-encoded; what begins with these is no result of rows: OK, a request for a local file, an error. */
function columnCount(packet: Buffer): number {
  const first = packet[HEADER_BYTES] ?? 0
  if (first === 0xfc) return packet.readUInt16LE(HEADER_BYTES + 1)
  return first < 0xfb ? first : 0
}

/** "def", the catalogue that every column definition begins with, as a length-encoded string. */
const COLUMN_DEFINITION = Buffer.from([3, 0x64, 0x65, 0x66])
/** The character set stands this far from the end of a column definition. */
const CHARSET_FROM_END = 12
const BINARY_CHARSET = 63

/**
 * The driver looks up the character set of every column, and fails on numbers that it does not know, as newer servers
 * have them. Nothing here needs it: character sets come from the table definition.
 */
function neutralCharset(packet: Buffer): void {
  const isDefinition = COLUMN_DEFINITION.equals(packet.subarray(HEADER_BYTES, HEADER_BYTES + COLUMN_DEFINITION.length))
  if (isDefinition) packet.writeUInt16LE(BINARY_CHARSET, packet.length - CHARSET_FROM_END)
}

function prepare(connection: Connection, sql: string): Promise<Statement> {
  const untap = tap(
    connection,
    DRAIN,
    () => false,
    () => {},
    null
  )
  return new Promise<Statement>((resolve, reject) => {
    connection.prepare(sql, (error, statement) => {
      if (error) reject(error)
      else resolve(statement as unknown as Statement)
    })
  }).finally(untap)
}

function run(
  connection: Connection,
  statement: Statement,
  parameters: readonly string[],
  open: (columns: readonly ResultColumn[]) => RowSink,
  spending: Spending
): Promise<void> {
  return new Promise((resolve, reject) => {
    // The first failure is the one that counts: the driver reports an error and then "end" for the same command.
    let failure: unknown = null
    const settle = () => {
      untap()
      connection.removeListener('error', fail)
      if (failure === null) resolve()
      else reject(failure)
    }
    const fail = (error: unknown) => {
      failure ??= error
      settle()
    }
    // A sink that throws must not be taken for the driver's own trouble, nor for the end of the rows: the rest is drained.
    const guarded = (work: () => void) => {
      if (failure !== null) return
      try {
        work()
      } catch (error) {
        failure = error
      }
    }

    let sink: RowSink | null = null
    let columnsKnown = false
    let expectsRows = false
    const untap = tap(
      connection,
      {
        block: (buffer, start, end, rows) => guarded(() => sink?.block(buffer, start, end, rows)),
        large: (row) => guarded(() => sink?.large(row))
      },
      () => expectsRows,
      // The first packet after the columns only ends them.
      () => {
        expectsRows = columnsKnown
        columnsKnown = sink !== null
      },
      spending
    )
    connection.on('error', fail)

    const command = statement.execute(parameters)
    command.on('fields', (fields) => {
      sink = DRAIN
      guarded(() => {
        sink = open(fields.map(toResultColumn))
      })
    })
    command.on('error', fail)
    command.on('end', settle)
  })
}

/** Takes rows nobody wants. */
const DRAIN: RowSink = { block: () => {}, large: () => {} }

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
