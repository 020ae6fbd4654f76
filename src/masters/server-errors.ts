/**
 * Server and driver errors that mean something to us, in one table. Numbers from the MySQL and MariaDB error references;
 * both vendors share them.
 */
const ACCESS_DENIED = new Set([1045, 1698, 1044])
const MISSING_PRIVILEGE = new Set([1142, 1143, 1227, 1370])
const DUPLICATE_KEY = new Set([1022, 1062, 1169, 1586, 1859])
const FOREIGN_KEY = new Set([1216, 1217, 1451, 1452, 1761, 1762, 1834])
const CHECK_CONSTRAINT = new Set([3819, 4025])
/** Too long, out of range, no such member, no such date, no NULL, no partition, no JSON; and what a trigger says by SIGNAL. */
const NOT_STORABLE = new Set([1048, 1264, 1265, 1292, 1364, 1366, 1406, 1526, 1644, 1690, 3140])
/** 1020: MariaDB, under `innodb_snapshot_isolation`, for a row that another transaction changed meanwhile. */
const LOCK_CONFLICT = new Set([1020, 1205, 1213, 1614, 3572])
const READ_ONLY = new Set([1290, 1792, 1836, 1874])
const GONE = new Set([1053, 1077, 1079, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 3169, 4031])
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
}

function driverError(error: unknown): DriverError | null {
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

/** The table or view is not there (any more). */
export function isUnknownTable(error: unknown): boolean {
  return driverError(error)?.errno === 1146
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
