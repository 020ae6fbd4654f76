import type { Master } from '../masters/master.js'
import { isMissingPrivilege } from '../masters/server-errors.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { type TableRef, tableName } from '../model/table.js'
import { tableIdentifier } from '../sql/identifier.js'
import { selectEveryColumn } from '../sql/select.js'
import { masterError } from './on-every-master.js'
import { type AuditTable, readingOn } from './table-plan.js'

/**
 * Asks a master whether any column of a table is hidden: what is wrong, or `null`. Definitions show an account only those
 * columns that it may use; a table would seem to agree, though nobody looked at the others.
 */
export async function hiddenColumns(master: Master, table: AuditTable): Promise<MmauditError | null> {
  try {
    await askForEveryColumn(master, readingOn(table, master.name).ref)
    return null
  } catch (error) {
    return masterError(master.name, 'asking for every column', error)
  }
}

async function askForEveryColumn(master: Master, ref: TableRef): Promise<void> {
  try {
    await master.withSession((session) => session.query(selectEveryColumn(ref)))
  } catch (error) {
    if (!isMissingPrivilege(error)) throw error
    throw new MmauditError(
      'incomplete',
      `the account ${master.user} may not read every column of ${tableName(ref)} on ${master.name}: ${messageOf(error)}`,
      {
        hint: `on that server: GRANT SELECT ON ${tableIdentifier(ref)} TO '${master.user}'@'<host>';`,
        cause: error
      }
    )
  }
}
