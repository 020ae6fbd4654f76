import type { Master } from '../masters/master.js'
import { isWrongStatement } from '../masters/server-errors.js'
import type { Session } from '../masters/session.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { tableName } from '../model/table.js'
import { isSelfContained } from '../sql/condition.js'
import { selectNothing, type TableReading } from '../sql/select.js'
import type { TableContext } from './context.js'
import { masterError, onEveryMaster } from './on-every-master.js'
import { type AuditTable, readingOn } from './table-plan.js'

/** What EXPLAIN calls reading every row, of the table or of the whole index. */
const FULL_SCANS = new Set(['ALL', 'index'])

/**
 * Lets every master look at the user's own condition before anything is audited: a broken one is the user's mistake, not a
 * table that cannot be read.
 */
export async function checkConditions(masters: readonly Master[], tables: readonly AuditTable[]): Promise<void> {
  for (const master of masters) {
    for (const table of tables) {
      const reading = readingOn(table, master.name)
      if (reading.where === null) continue
      if (!isSelfContained(reading.where))
        throw brokenCondition(table, reading.where, 'parentheses or quotes are not closed')
      await master
        .withSession((session) => session.query(selectNothing(reading)))
        .catch((error) => Promise.reject(refusal(master.name, table, reading.where ?? '', error)))
    }
  }
}

/** Only a statement that is wrong is the user's mistake; any other trouble means that nobody could look. */
function refusal(master: string, table: AuditTable, condition: string, error: unknown): MmauditError {
  if (isWrongStatement(error)) return brokenCondition(table, condition, messageOf(error), error)
  return masterError(master, `checking the condition ${condition} for ${tableName(table.ref)}`, error)
}

function brokenCondition(table: AuditTable, condition: string, problem: string, cause?: unknown): MmauditError {
  return new MmauditError('usage', `the condition ${condition} is refused for ${tableName(table.ref)}: ${problem}`, {
    hint: 'it is SQL as it would stand after WHERE; for other tables give each its own in mmaudit.yaml',
    cause
  })
}

/**
 * Makes sure that statements which read rows from a key on use the index of the key on every master. Without, each chunk would
 * scan the table, and the audit would take time in the square of its size.
 */
export async function refuseFullScan(
  context: TableContext,
  statements: (reading: TableReading) => readonly string[]
): Promise<void> {
  await onEveryMaster(context.masters, 'looking at how ranges are read', async (master) => {
    const reading = readingOn(context.table, master.name)
    const accesses = await master.withSession((session) => accessTypes(session, statements(reading)))
    if (!accesses.some((access) => FULL_SCANS.has(access))) return
    throw new MmauditError(
      'incomplete',
      `master ${master.name}: every chunk would scan the whole table, because the server does not use the index ${reading.indexName} for ranges of its key`
    )
  })
}

/** What EXPLAIN says of how the first table of each SELECT is read. */
async function accessTypes(session: Session, statements: readonly string[]): Promise<readonly string[]> {
  const types: string[] = []
  for (const sql of statements) {
    const [first] = await session.query(`EXPLAIN FORMAT = TRADITIONAL ${sql}`)
    types.push(first?.type ?? '')
  }
  return types
}
