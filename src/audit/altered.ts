import { isDeepStrictEqual } from 'node:util'
import { readColumns } from '../masters/schema.js'
import { isPassing } from '../masters/server-errors.js'
import { MmauditError } from '../model/errors.js'
import { type Column, tableName } from '../model/table.js'
import type { TableContext } from './context.js'
import { onEveryMaster } from './on-every-master.js'

/** So many changes of one table are told: enough to see what happened. */
const TOLD = 3

/** A table no longer has the definition by which its reading was planned. */
class TableAltered extends MmauditError {
  constructor(reasons: readonly string[]) {
    super('incomplete', reasons.join('; '), { hint: 'audit the table again' })
  }
}

/**
 * Makes sure that a table still has the definition by which its reading was planned, on every master. What was read before
 * and after a change cannot be compared: the same value may be other bytes then, and a row may mean something else.
 */
export async function refuseAltered({ masters, table }: TableContext): Promise<void> {
  const reasons = await onEveryMaster(masters, 'reading the table definition again', async (master) => {
    const before = table.schemas.get(master.name)
    if (before === undefined) throw new Error(`${tableName(table.ref)} was not planned on ${master.name}`)
    const now = await master.withSession((session) => readColumns(session, before.ref))
    const name = tableName(before.ref)
    if (now === null) return [`${name} was dropped or renamed on ${master.name} while it was audited`]
    const changes = columnChanges(before.columns, now)
    return changes.length === 0 ? [] : [`${name} was altered on ${master.name} while it was audited (${told(changes)})`]
  })
  if (reasons.flat().length > 0) throw new TableAltered(reasons.flat())
}

/** Why comparing a table came to nothing: a change of its definition, where there was one, or else the error itself. */
export async function reasonBehind(error: unknown, context: TableContext): Promise<unknown> {
  if (error instanceof TableAltered || isPassing(error)) return error
  return refuseAltered(context).then(
    () => error,
    (found) => (found instanceof TableAltered ? found : error)
  )
}

/** How the columns of a table changed, in words. */
export function columnChanges(before: readonly Column[], now: readonly Column[]): readonly string[] {
  const names = [...new Set([...before, ...now].map((column) => column.name))]
  const changes = names.flatMap((name) => {
    const [then, present] = [before, now].map((columns) => columns.find((column) => column.name === name))
    return isDeepStrictEqual(then, present) ? [] : [changeText(name, then, present)]
  })
  if (changes.length > 0 || isDeepStrictEqual(before, now)) return changes
  return ['the columns in another order']
}

function changeText(name: string, then: Column | undefined, now: Column | undefined): string {
  const [before, after] = [then?.columnType ?? 'absent', now?.columnType ?? 'absent']
  return before === after ? `column ${name}: defined otherwise` : `column ${name}: ${before} then, ${after} now`
}

function told(changes: readonly string[]): string {
  const more = changes.length > TOLD ? [`… ${changes.length} changes in all`] : []
  return [...changes.slice(0, TOLD), ...more].join(', ')
}
