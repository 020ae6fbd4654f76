import { type TableRef, tableName } from '../../model/table.js'
import { keyOf, type Ruled } from '../plan/plan-rows.js'
import type { RepairTable, TablePlans } from '../plan/repair-table.js'
import type { Seed } from './explore.js'
import { type FamilyTable, placeId } from './family.js'
import type { ReservedId } from './rekeying.js'

/** A divergent row, and the place where it stands. */
export interface Located {
  readonly ruled: Ruled
  readonly table: RepairTable
  readonly seed: Seed
}

/** Divergent rows by their places; those of tables that cannot be repaired have none. */
export function locate(ruled: readonly Ruled[], tables: TablePlans): ReadonlyMap<string, Located> {
  return new Map(
    ruled.flatMap((each): [string, Located][] => {
      const plan = tables.get(tableName(each.divergence))
      if (plan === undefined || 'refused' in plan) return []
      const seed = seedAt(plan.table, keyOf(plan.table, each.divergence.key))
      return [[placeId(seed), { ruled: each, table: plan.table, seed }]]
    })
  )
}

/** Whether it is a collision that is to be re-keyed. */
export function isSeed({ ruled }: Located): boolean {
  return ruled.ruling.wanted.kind === 'rekeyed'
}

/** Whether a collision is of rows under a key that nobody counts up: then what they point to has to part them. */
export function isParting(located: Located): boolean {
  return isSeed(located) && familyTable(located.table).id === null
}

/** Where families begin: collisions that are to be re-keyed, and those that an earlier run has begun with. */
export function seedsOf(
  located: ReadonlyMap<string, Located>,
  begun: readonly ReservedId[],
  tableOf: (ref: TableRef) => RepairTable | null
): readonly Seed[] {
  const ruled = [...located.values()].filter(isSeed)
  const goneOn = begun.flatMap((each) => {
    const table = tableOf(each)
    return table === null ? [] : seedAt(table, each.key)
  })
  return [...new Map([...ruled.map(({ seed }) => seed), ...goneOn].map((seed) => [placeId(seed), seed])).values()]
}

/** A table as families go by it. What is read with zeros in front would not be found again by its number. */
export function familyTable(table: RepairTable): FamilyTable {
  const { keyColumns, ref } = table.reading
  const counted = keyColumns.filter(({ autoIncrement, columnType }) => autoIncrement && !/zerofill/i.test(columnType))
  const [writable] = table.writable.values()
  return {
    name: tableName(ref),
    key: keyColumns.map(({ name }) => name),
    id: counted.length === 1 ? (counted[0]?.name ?? null) : null,
    compared: (writable?.columns ?? []).filter(({ compared }) => compared).map(({ form }) => form.name)
  }
}

function seedAt(table: RepairTable, key: Seed['key']): Seed {
  const { name, id } = familyTable(table)
  return { table: name, key, moving: id === null ? [] : [id] }
}
