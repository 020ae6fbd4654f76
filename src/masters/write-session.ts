import { MmauditError, messageOf } from '../model/errors.js'
import type { Capabilities } from './capabilities.js'
import type { Master } from './master.js'
import { isMissingPrivilege } from './server-errors.js'
import type { Session } from './session.js'

/**
 * Rows that are locked here may be wanted by the application and by the applier: whoever waits for long gives up first, and
 * that should be us. Servers count in whole seconds; the second is for locks of the table as a whole.
 */
const LOCK_WAIT_SECONDS = 2
const TABLE_LOCK_WAIT_SECONDS = 5

/**
 * The statements that make a session fit to write repairs, in order. Unless `logged`, the first keeps the writes out of the
 * binlog: it cannot be changed once a transaction has begun. The `sql_mode` stores every value that a server may hold
 * (zero dates, invalid dates, id 0) or fails; no value is ever cut or rounded silently.
 */
export function writeSettings(capabilities: Capabilities, logged: boolean): readonly string[] {
  return [
    ...(logged ? [] : ['SET SESSION sql_log_bin = 0']),
    "SET NAMES utf8mb4, character_set_results = NULL, time_zone = '+00:00'",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES'",
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE',
    'SET SESSION autocommit = 1, foreign_key_checks = 1, unique_checks = 1, sql_safe_updates = 0',
    `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}, lock_wait_timeout = ${TABLE_LOCK_WAIT_SECONDS}`,
    `SET SESSION ${capabilities.noStatementTimeout}`
  ]
}

/**
 * Opens a session of its own for writing on a master, and reads back that its writes stay out of the binlog.
 * @throws MmauditError `incomplete` when the account may not do that.
 */
export async function openWriteSession(master: Master, logged: boolean): Promise<Session> {
  const session = await master
    .openSession(writeSettings(master.capabilities, logged))
    .catch((error) => Promise.reject(explain(master, error)))
  try {
    if (!logged) await proveLocal(session)
    return session
  } catch (error) {
    session.destroy()
    throw error
  }
}

/** Reads back that nothing this session writes will reach another server. */
export async function proveLocal(session: Session): Promise<void> {
  const [row] = await session.query('SELECT @@SESSION.sql_log_bin AS logs')
  if (row?.logs === '0') return
  throw new MmauditError(
    'incomplete',
    `master ${session.master}: sql_log_bin is still on after it was switched off for the session; nothing was written`
  )
}

function explain(master: Master, error: unknown): unknown {
  if (!isMissingPrivilege(error)) return error
  const grants = master.capabilities.localWritePrivileges.join(', ')
  return new MmauditError(
    'incomplete',
    `master ${master.name}: the account ${master.user} may not keep its writes out of the binlog: ${messageOf(error)}`,
    { hint: `on that server: GRANT ${grants} ON *.* TO '${master.user}'@'<host>';`, cause: error }
  )
}
