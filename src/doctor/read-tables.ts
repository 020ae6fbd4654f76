import { selectNames } from '../audit/select-tables.js'
import type { Master } from '../masters/master.js'
import { readSchemas } from '../masters/schema.js'
import type { Session } from '../masters/session.js'
import { readTableFacts } from '../masters/table-facts.js'
import type { AuditConfig } from '../model/config.js'
import { messageOf } from '../model/errors.js'
import { type Column, type TableSchema, tableName } from '../model/table.js'
import { selectIdLanes, selectNextId } from '../sql/ids.js'
import { type ExaminedTable, type IdFacts, type Reading, seen } from './facts.js'
import { reading } from './reading.js'

/** Reads the definitions of all tables of a master. */
export function readDefinitions(master: Master): Promise<Reading<readonly TableSchema[]>> {
  return reading(() => readSchemas(master)).catch((error) => ({
    problem: messageOf(error)
  }))
}

/**
 * The tables that are asked for, on each master.
 * @throws MmauditError for a name that is on no master. That there is no table at all is no mistake here.
 */
export function chooseTables(
  schemas: readonly Reading<readonly TableSchema[]>[],
  { include, exclude, includeOrigin }: AuditConfig
): readonly Reading<readonly TableSchema[]>[] {
  const names = new Set(schemas.flatMap((each) => (seen(each) ?? []).map(({ ref }) => tableName(ref))))
  if (names.size === 0) return schemas
  const chosen = new Set(selectNames([...names].toSorted(), include, exclude, includeOrigin))
  return schemas.map((each) =>
    'problem' in each ? each : { value: each.value.filter(({ ref }) => chosen.has(tableName(ref))) }
  )
}

/** Reads what the checks look at in these tables of a master. */
export async function examineTables(
  session: Session,
  { capabilities, lane }: Master,
  schemas: readonly TableSchema[]
): Promise<readonly ExaminedTable[]> {
  const refs = schemas.map(({ ref }) => ref)
  const factsOf = await readTableFacts(session, capabilities, refs)
  const examined: ExaminedTable[] = []
  for (const schema of schemas) {
    examined.push({ schema, facts: factsOf(schema.ref), ids: await readIds(session, schema, lane.increment) })
  }
  return examined
}

/** The greatest id is read before the counter, so that a row inserted in between does not make the counter look behind. */
async function readIds(session: Session, { ref, columns }: TableSchema, increment: number): Promise<IdFacts | null> {
  const counted = columns.find((column) => column.autoIncrement)
  if (counted === undefined) return null
  const lanes = await session.query(selectIdLanes(ref, counted.name, increment))
  if (lanes.length === 0) return null
  const [counter] = await session.query(selectNextId(ref))
  return {
    column: counted.name,
    most: greatestOf(counted),
    greatest: BigInt(lanes[0]?.greatest ?? 0),
    next: counter?.next_id == null ? null : BigInt(counter.next_id),
    remainders: new Map(lanes.map((row) => [Number(row.remainder), Number(row.ids)]))
  }
}

/** Bits of the whole numbers. */
const BITS: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n }

function greatestOf({ dataType, unsigned }: Column): bigint | null {
  const bits = BITS[dataType]
  return bits === undefined ? null : 2n ** (unsigned ? bits : bits - 1n) - 1n
}
