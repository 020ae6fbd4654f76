import { EventType } from './codes.js'
import { inflateMariadb } from './compressed.js'

/** A logged statement. */
export interface LoggedStatement {
  /** The default database. */
  readonly database: string
  readonly sql: string
}

const FIXED_BYTES = 13

/** Reads a query event, without its header: thread, time, length of the database, error, length of the variables. */
export function readQuery(type: number, body: Buffer): LoggedStatement {
  const database = FIXED_BYTES + body.readUInt16LE(11)
  const end = database + (body[8] ?? 0)
  const text = body.subarray(end + 1)
  const sql = type === EventType.compressedQuery ? inflateMariadb(text) : text
  return { database: body.toString('utf8', database, end), sql: sql.toString('utf8') }
}

/** What a logged statement means for the transaction that it stands in, or for the tables it names. */
export type StatementKind = 'begin' | 'commit' | 'rollback' | 'rows' | 'table' | 'other'

/** Statements that change rows without saying which. */
const ROWS = /^(insert|update|delete|replace|load|call|with|select|do)\b/i
/** Statements after which a table may hold other rows, or other columns. */
const TABLE =
  /^(alter|drop|truncate|rename|create\s+or\s+replace)\s+table\b|^(truncate|drop\s+database|drop\s+schema)\b/i

/** @param sql as it was logged. */
export function statementKind(sql: string): StatementKind {
  const text = sql.replace(/^(\s|\/\*.*?\*\/|--[^\n]*\n|#[^\n]*\n)+/s, '')
  if (/^(begin|start\s+transaction|xa\s+start)\b/i.test(text)) return 'begin'
  if (/^(commit|xa\s+commit)\b/i.test(text)) return 'commit'
  if (/^rollback\s*$/i.test(text)) return 'rollback'
  // Part of a transaction is taken back, or a prepared one as a whole: nobody looks that closely at what it was.
  if (/^(rollback\s+to|xa\s+rollback)\b/i.test(text)) return 'rows'
  if (ROWS.test(text)) return 'rows'
  return TABLE.test(text) ? 'table' : 'other'
}
