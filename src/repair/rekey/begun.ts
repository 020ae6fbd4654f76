import { groupBy } from '../../model/group-by.js'
import { type TableRef, tableName } from '../../model/table.js'
import type { RowValues } from '../../model/value.js'
import type { JournalChange } from '../apply/journal-records.js'
import { deedsOf } from '../deeds.js'
import { sameImages } from '../plan/held-rows.js'
import type { Ruled } from '../plan/plan-rows.js'
import type { PlannedRow } from '../plan/planned-row.js'
import { writableOn } from '../plan/repair-table.js'
import type { PlaceRef } from './family.js'
import { idName, idsIn } from './id-map.js'
import type { Kinship } from './kinship.js'
import type { Located } from './located.js'
import type { Rekeying } from './rekeying.js'
import type { Undone } from './relatives.js'

/** What an earlier run wrote of families is taken for not written: so a family that was begun is seen as it was then. */
export function undoneBy({ earlier }: Rekeying): Undone {
  const deeds = new Map(
    deedsOf(earlier.filter(({ family }) => family !== undefined)).map((deed) => [
      JSON.stringify([deed.change.master, changedPlace(deed.change)]),
      deed
    ])
  )
  return (master, table, key, row) => {
    if (deeds.size === 0) return undefined
    const writable = writableOn(table, master)
    const named = Object.fromEntries(table.reading.keyColumns.map(({ name }, at) => [name, key[at] ?? null]))
    const deed = deeds.get(JSON.stringify([master, changedPlace({ ...writable.ref, key: named })]))
    return deed !== undefined && sameImages(writable, deed.after, row?.image ?? null) ? deed.before : undefined
  }
}

/** The places of each family that an earlier run has begun with, also those to which it has brought rows. */
export function begunPlaces(rekeying: Rekeying, { tables }: Kinship): readonly (readonly PlaceRef[])[] {
  return [...begunFamilies(rekeying).values()].map((changes) => {
    const ids = new Set(changes.flatMap(idsIn))
    const left = rekeying.begun.filter((each) => ids.has(idName(each, each.column, each.id)))
    const taken = changes.flatMap((change): PlaceRef[] => {
      const table = tables.get(tableName(change))
      if (table === undefined) return []
      const key = table.reading.keyColumns.map(({ name }) => change.key[name] ?? null)
      return [{ table: tableName(change), key }]
    })
    return [...left.map((each) => ({ table: tableName(each), key: each.key })), ...taken]
  })
}

/** Rows of families that were begun, in case they cannot be gone on with: no other rule may have them. */
export function unfinished(located: ReadonlyMap<string, Located>, rekeying: Rekeying): ReadonlyMap<Ruled, PlannedRow> {
  const places = new Set([...begunFamilies(rekeying).values()].flat().map(changedPlace))
  return new Map(
    [...located.values()].flatMap(({ ruled }): [Ruled, PlannedRow][] => {
      if (!places.has(changedPlace(ruled.divergence))) return []
      const reason = 'it belongs to a family that an earlier run has begun, and that cannot be gone on with'
      return [[ruled, { ...ruled, fate: { kind: 'refused', reason } }]]
    })
  )
}

function begunFamilies({ earlier, begun }: Rekeying): ReadonlyMap<string | undefined, readonly JournalChange[]> {
  const own = earlier.filter(({ family }) => family !== undefined)
  const ids = new Set(begun.map((each) => idName(each, each.column, each.id)))
  const names = new Set(own.filter((change) => idsIn(change).some((id) => ids.has(id))).map(({ family }) => family))
  return groupBy(
    own.filter(({ family }) => names.has(family)),
    ({ family }) => family
  )
}

function changedPlace(row: TableRef & { readonly key: RowValues }): string {
  return JSON.stringify([tableName(row), row.key])
}
