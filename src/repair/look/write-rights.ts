import type { Master } from '../../masters/master.js'
import { isMissingPrivilege, isReadOnlyServer } from '../../masters/server-errors.js'
import type { Session } from '../../masters/session.js'
import { writeSettings } from '../../masters/write-session.js'
import { messageOf } from '../../model/errors.js'
import type { RowChange } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { tableIdentifier } from '../../sql/identifier.js'
import { stepStatement } from '../../sql/repair.js'
import { verbOf } from './impact.js'

/** What the account may not do on a master that a repair would have to. */
export interface WriteRights {
  /** Why it may not keep its writes out of the binlog; `null` when it may, or when that is not wanted. */
  readonly local: string | null
  /** Why it may not make a change like this one; `null` when it may. */
  readonly refused: (change: RowChange) => string | null
}

/**
 * Tries what can be tried without writing: switches the binlog off for a session, and lets the server explain the first
 * statement of every kind on every table, for which it wants the privileges that running it takes.
 */
export async function readWriteRights(
  master: Master,
  changes: readonly RowChange[],
  logged: boolean
): Promise<WriteRights> {
  const session = await master.openSession(writeSettings(master.capabilities, true))
  try {
    const local = logged ? null : await tryLocal(session, master)
    const reasons = new Map<string, string | null>()
    for (const change of changes) {
      const kind = kindOf(change)
      if (!reasons.has(kind)) reasons.set(kind, await tryStatement(session, master, change))
    }
    return { local, refused: (change) => reasons.get(kindOf(change)) ?? null }
  } finally {
    await session.close()
  }
}

function kindOf(change: RowChange): string {
  return `${verbOf(change)} ${tableName(change.table.ref)}`
}

async function tryLocal(session: Session, master: Master): Promise<string | null> {
  try {
    await session.run('SET SESSION sql_log_bin = 0')
    return null
  } catch (error) {
    if (!isMissingPrivilege(error)) throw error
    const grants = master.capabilities.localWritePrivileges.join(', ')
    return (
      `the account ${master.user} may not keep its writes out of the binlog of ${master.name}: ` +
      `GRANT ${grants} ON *.* TO '${master.user}'@'<host>'`
    )
  }
}

async function tryStatement(session: Session, master: Master, change: RowChange): Promise<string | null> {
  const { before, after } = change
  try {
    await session.query(`EXPLAIN ${stepStatement({ kind: 'write', change, before, after, needs: [], children: [] })}`)
    // Some servers want the right to change a row before they lock it.
    await session.query(`SELECT 1 FROM ${tableIdentifier(change.table.ref)} WHERE FALSE FOR UPDATE`)
    return null
  } catch (error) {
    if (isMissingPrivilege(error)) {
      return (
        `the account ${master.user} lacks a privilege there: ${messageOf(error)}; ` +
        `GRANT INSERT, UPDATE, DELETE ON ${tableName(change.table.ref)} TO '${master.user}'@'<host>'`
      )
    }
    if (isReadOnlyServer(error)) return `the server takes no writes of this account: ${messageOf(error)}`
    throw error
  }
}
