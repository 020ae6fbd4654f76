import type { RowChange, RowImage } from '../../model/repair.js'
import { sameImages } from '../plan/held-rows.js'
import { afterImage, whyNotWhole } from '../plan/plan-rows.js'
import type { ChangedRow } from '../plan/planned-row.js'
import { type RepairTable, writableOn } from '../plan/repair-table.js'
import { placeId } from './family.js'
import { Guards } from './guards.js'
import type { Kinship } from './kinship.js'
import type { Relative } from './relatives.js'
import { type Settled, type Target, targetsOf } from './settle.js'

/** What bringing a family about takes. */
export interface FamilyChangesRequest {
  readonly kinship: Kinship
  /** Everything that stands at the places of the family now, the new ones too. */
  readonly relatives: readonly Relative[]
  readonly rows: readonly Settled[]
  readonly family: string
  readonly why: string
  readonly nextId: () => number
}

/** What has to be written for a family to be as settled, by place; or why it cannot be. */
export function familyChanges(
  request: FamilyChangesRequest
): { readonly changed: ReadonlyMap<string, ChangedRow> } | { readonly refused: string } {
  const { kinship, relatives, rows } = request
  const targets = targetsOf(relatives, rows)
  const guards = new Guards(kinship, relatives, rows)
  const changed = new Map<string, ChangedRow>()
  for (const relative of relatives) {
    const table = kinship.tables.get(relative.table)
    const target = targets.get(placeId(relative))
    if (table === undefined || target === undefined) throw new Error(`nothing is known of ${relative.table}`)
    const row = changedRow(table, relative, target, guards, request)
    const refused = whyNotWhole(table, row.changes)
    if (refused !== null) return { refused }
    if (row.changes.length > 0) changed.set(placeId(relative), row)
  }
  return { changed }
}

function changedRow(
  table: RepairTable,
  relative: Relative,
  target: Target,
  guards: Guards,
  { family, why, nextId }: FamilyChangesRequest
): ChangedRow {
  const held = new Map([...relative.held].map(([master, row]) => [master, row?.image ?? null]))
  const changes = [...held].flatMap(([master, before]): RowChange[] => {
    const writable = writableOn(table, master)
    const after = afterImage(writable, before, wantedOn(master, target))
    if (sameImages(writable, before, after)) return []
    const own = guards.of(master, relative, before, after)
    const change = { id: nextId(), master, table: writable, before, after, why, family }
    return [own.length === 0 ? change : { ...change, guards: own }]
  })
  return { table, key: relative.key, held, changes }
}

function wantedOn(master: string, { settled }: Target): RowImage | null {
  return settled?.rows.get(master) ?? null
}
