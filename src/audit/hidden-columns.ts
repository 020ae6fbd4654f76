import { isMissingPrivilege } from '../masters/server-errors.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { tableName } from '../model/table.js'
import { tableIdentifier } from '../sql/identifier.js'
import { selectEveryColumn } from '../sql/select.js'
import type { TableContext } from './context.js'
import { onEveryMaster } from './on-every-master.js'
import { readingOn } from './table-plan.js'

/**
 * Makes sure that no column of a table is hidden on any master. Definitions show an account only those columns that it may
 * use; a table would seem to agree, though nobody looked at the others.
 */
export async function refuseHiddenColumns({ masters, table }: TableContext): Promise<void> {
  await onEveryMaster(masters, 'asking for every column', async (master) => {
    const { ref } = readingOn(table, master.name)
    await master
      .withSession((session) => session.query(selectEveryColumn(ref)))
      .catch((error) => {
        if (!isMissingPrivilege(error)) throw error
        throw new MmauditError(
          'incomplete',
          `the account ${master.user} may not read every column of ${tableName(ref)} on ${master.name}: ${messageOf(error)}`,
          {
            hint: `on that server: GRANT SELECT ON ${tableIdentifier(ref)} TO '${master.user}'@'<host>';`,
            cause: error
          }
        )
      })
  })
}
