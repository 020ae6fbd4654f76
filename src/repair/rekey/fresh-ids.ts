import type { Lane } from '../../audit/classify.js'
import { liesInLane } from '../../audit/classify.js'
import type { Master } from '../../masters/master.js'
import type { Session } from '../../masters/session.js'
import type { TableFacts } from '../../masters/table-facts.js'
import { messageOf } from '../../model/errors.js'
import type { RepairConfig, RowImage, WritableTable } from '../../model/repair.js'
import { selectNextId } from '../../sql/ids.js'
import { deleteForNow, insertWithoutId, selectGreatest } from '../../sql/reserve.js'
import { idsFrom } from './lanes.js'
import type { ReservingSessions } from './reserving-sessions.js'

/** Rows of one table that need ids of the lane of one master. */
export interface IdRequest {
  readonly master: Master
  readonly lane: Lane
  readonly facts: TableFacts
  readonly table: WritableTable
  /** The counted column, as images call it. */
  readonly id: string
  /** The rows as they are on that master. */
  readonly rows: readonly RowImage[]
}

/** One id for each row, in order, or why there are none. */
export type FreshIds = { readonly ids: readonly string[] } | { readonly refused: string }

/**
 * Makes the server give out ids that nobody else will get: copies of the rows are inserted without their ids, and rolled
 * back. InnoDB does not take back what its counter has given out (MySQL: "InnoDB AUTO_INCREMENT Counter Initialization";
 * MariaDB: "AUTO_INCREMENT Handling in InnoDB"); both keep it over a restart.
 */
export async function reserveIds(
  request: IdRequest,
  sessions: ReservingSessions,
  { allowTriggers }: Pick<RepairConfig, 'allowTriggers'>
): Promise<FreshIds> {
  const fired = firedTriggers(request)
  if (fired.length > 0 && !allowTriggers) {
    return { refused: `triggers would run while ids are reserved on ${request.master.name}: ${fired.join(', ')}` }
  }
  try {
    return await reserveOn(await sessions.of(request.master), request)
  } catch (error) {
    sessions.drop(request.master)
    return { refused: `no id can be reserved on ${request.master.name}: ${messageOf(error)}` }
  }
}

/** The ids that would be given out now; whoever inserts first gets them. */
export async function foreseeIds({ master, lane, table, id, rows }: IdRequest, after: bigint): Promise<FreshIds> {
  return master.withSession(async (session) => {
    const column = table.columns.find(({ form }) => form.name === id)?.name ?? id
    const [greatest] = await session.query(selectGreatest(table.ref, column))
    const [counter] = await session.query(selectNextId(table.ref))
    const least = [BigInt(greatest?.greatest ?? 0), after].map((taken) => taken + 1n)
    const next = [...least, BigInt(counter?.next_id ?? 1)].reduce((most, each) => (each > most ? each : most))
    return { ids: idsFrom(next, lane, rows.length).map(String) }
  })
}

async function reserveOn(session: Session, { lane, facts, table, id, rows }: IdRequest): Promise<FreshIds> {
  const numbering = await session.query(
    'SELECT @@SESSION.auto_increment_increment AS increment, @@SESSION.auto_increment_offset AS `offset`'
  )
  const isOwn = Number(numbering[0]?.increment) === lane.increment && Number(numbering[0]?.offset) === lane.offset
  if (!isOwn) return { refused: `the lane of ${lane.master} has changed since` }
  await session.run('START TRANSACTION')
  try {
    const ids: string[] = []
    for (const row of rows) {
      // A copy may have to take over unique values. Nobody sees the row go.
      if (hasOtherUniqueKey(facts, table, id)) await session.run(deleteForNow(table, row))
      ids.push((await session.run(insertWithoutId(table, row, id))).insertId)
    }
    const strange = ids.find((each) => !/^[1-9]\d*$/.test(each) || !liesInLane(each, lane))
    return strange === undefined ? { ids } : { refused: `${lane.master} gave out ${strange}, which is not in its lane` }
  } finally {
    await session.run('ROLLBACK')
  }
}

function firedTriggers({ facts, table, id }: IdRequest): readonly string[] {
  const verbs = hasOtherUniqueKey(facts, table, id) ? ['INSERT', 'DELETE'] : ['INSERT']
  return facts.triggers.filter(({ verb }) => verbs.includes(verb)).map(({ name }) => name)
}

function hasOtherUniqueKey({ uniqueKeys }: TableFacts, { columns }: WritableTable, id: string): boolean {
  const column = columns.find(({ form }) => form.name === id)?.name.toLowerCase()
  return uniqueKeys.some((key) => !key.columns.some((name) => name.toLowerCase() === column))
}
