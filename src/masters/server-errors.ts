/**
 * Server and driver errors that mean something to us, in one table. Numbers from the MySQL and MariaDB error references;
 * both vendors share them.
 */
const ACCESS_DENIED = new Set([1045, 1698, 1044])
const MISSING_PRIVILEGE = new Set([1142, 1143, 1227, 1370])
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
