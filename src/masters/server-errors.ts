import { MmauditError } from '../model/errors.js'
import { GaveUp } from './retry.js'

/**
 * Server and driver errors that mean something to us, in one table. Numbers from the MySQL and MariaDB error references;
 * both vendors share them.
 */
const ACCESS_DENIED = new Set([1045, 1698, 1044])
const MISSING_PRIVILEGE = new Set([1142, 1143, 1227, 1370])
/** 1049: its database is gone. 1932: what is left of it is a name. */
const UNKNOWN_TABLE = new Set([1049, 1146, 1932])
const DUPLICATE_KEY = new Set([1022, 1062, 1169, 1586, 1859])
const FOREIGN_KEY = new Set([1216, 1217, 1451, 1452, 1761, 1762, 1834])
const CHECK_CONSTRAINT = new Set([3819, 4025])
/** Too long, out of range, no such member, no such date, no NULL, no partition, no JSON; and what a trigger says by SIGNAL. */
const NOT_STORABLE = new Set([1048, 1264, 1265, 1292, 1364, 1366, 1406, 1526, 1644, 1690, 3140])
/** 1020: MariaDB, under `innodb_snapshot_isolation`, for a row that another transaction changed meanwhile. */
const LOCK_CONFLICT = new Set([1020, 1205, 1213, 1614, 3572])
const READ_ONLY = new Set([1290, 1792, 1836, 1874])
const GONE = new Set([1053, 1077, 1079, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 3169, 4031])
/** Killed, or ended by a limit of the server's own (1969 MariaDB, 3024 MySQL). */
const STATEMENT_ENDED = new Set([1317, 1969, 3024])
const TOO_MANY_CONNECTIONS = new Set([1040, 1203, 1226])
/** Syntax and names (42), values (22), numbers of columns and rows (21): the classes of SQLSTATE for a statement that is wrong. */
const WRONG_STATEMENT = /^(42|22|21)/
/** Wrong all the same, though their SQLSTATE is that of everything else: aggregates out of place, collations that do not mix. */
const ALSO_WRONG = new Set([1111, 1210, 1221, 1267, 1270, 1271, 1411, 1525])
const PACKET_TOO_LARGE = new Set([1153])
const NETWORK_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT'
])

interface DriverError extends Error {
  readonly errno?: number
  readonly code?: string
  readonly fatal?: boolean
  readonly sqlState?: string
}

/** What was tried again in vain is still the same trouble. */
function driverError(error: unknown): DriverError | null {
  if (error instanceof GaveUp) return driverError(error.cause)
  return error instanceof Error ? (error as DriverError) : null
}

/** The server refused the user name or the password, or the account may not use the database. */
export function isAccessDenied(error: unknown): boolean {
  const errno = driverError(error)?.errno
  return errno !== undefined && ACCESS_DENIED.has(errno)
}

/** The account logged in but lacks a privilege for this statement. */
export function isMissingPrivilege(error: unknown): boolean {
  const errno = driverError(error)?.errno
  return errno !== undefined && MISSING_PRIVILEGE.has(errno)
}

/** The table or view is not there (any more), or not in the engine. */
export function isUnknownTable(error: unknown): boolean {
  return hasNumber(error, UNKNOWN_TABLE)
}

/** The server writes no binlog. */
export function isNoBinlog(error: unknown): boolean {
  return driverError(error)?.errno === 1381
}

/** The connection is no longer usable, whatever the reason: the server or the network is gone. */
export function isConnectionLost(error: unknown): boolean {
  const found = driverError(error)
  if (found === null) return false
  return (
    found.fatal === true ||
    (found.code !== undefined && NETWORK_CODES.has(found.code)) ||
    (found.errno !== undefined && GONE.has(found.errno))
  )
}

/** The server, or the account, has as many connections as it may have. */
export function isTooManyConnections(error: unknown): boolean {
  return hasNumber(causeOf(error), TOO_MANY_CONNECTIONS)
}

/** A statement, or a row, is larger than the server's `max_allowed_packet`. */
export function isPacketTooLarge(error: unknown): boolean {
  return hasNumber(error, PACKET_TOO_LARGE)
}

/**
 * Trouble that may be over in a moment, so that what was to be read may be read again from the beginning: the connection is
 * lost, the statement was killed, a lock was in the way, the server has too many connections.
 */
export function isPassing(error: unknown): boolean {
  const cause = causeOf(error)
  if (isAccessDenied(cause) || isTlsUnsupported(cause) || isPacketTooLarge(cause)) return false
  return (
    isConnectionLost(cause) || isTooManyConnections(cause) || isLockConflict(cause) || hasNumber(cause, STATEMENT_ENDED)
  )
}

/** What the driver said, where it was explained to people. */
function causeOf(error: unknown): unknown {
  return error instanceof MmauditError ? causeOf(error.cause) : error
}

/** The statement is wrong in itself: its syntax, or what it names. A missing privilege is not. */
export function isWrongStatement(error: unknown): boolean {
  if (isMissingPrivilege(error) || isAccessDenied(error)) return false
  return WRONG_STATEMENT.test(driverError(error)?.sqlState ?? '') || hasNumber(error, ALSO_WRONG)
}

/** The server offers no TLS although the client asked for it. */
export function isTlsUnsupported(error: unknown): boolean {
  return driverError(error)?.code === 'HANDSHAKE_NO_SSL_SUPPORT'
}

/** A unique key already has the value. */
function isDuplicateKey(error: unknown): boolean {
  return hasNumber(error, DUPLICATE_KEY)
}

/** A parent is missing, or children are in the way. */
function isForeignKeyViolation(error: unknown): boolean {
  return hasNumber(error, FOREIGN_KEY)
}

/** The row cannot stand in the table as it is: a unique key, a foreign key, a CHECK, a type or a trigger says no. */
export function isRowRefused(error: unknown): boolean {
  return (
    isDuplicateKey(error) ||
    isForeignKeyViolation(error) ||
    hasNumber(error, CHECK_CONSTRAINT) ||
    hasNumber(error, NOT_STORABLE)
  )
}

/** Another transaction was in the way: a deadlock, or a lock that was kept for longer than the session waits. */
export function isLockConflict(error: unknown): boolean {
  return hasNumber(error, LOCK_CONFLICT)
}

/** The server, or the transaction, takes no writes. */
export function isReadOnlyServer(error: unknown): boolean {
  return hasNumber(error, READ_ONLY)
}

function hasNumber(error: unknown, numbers: ReadonlySet<number>): boolean {
  const errno = driverError(error)?.errno
  return errno !== undefined && numbers.has(errno)
}
