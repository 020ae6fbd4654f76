import { groupBy } from '../../model/group-by.js'
import type { Draft } from './draft.js'
import { type Member, placeId } from './family.js'
import { familyChanges } from './family-changes.js'
import { leftAlone, type PlannedFamily, plannedRows, refused, unsettled } from './family-rows.js'
import { blindText, movesText, warningsOf, whyText } from './family-words.js'
import type { Kinship } from './kinship.js'
import type { Located } from './located.js'
import type { NewIds } from './new-ids.js'
import { nameOf, tableOf } from './part.js'
import { placeholders } from './placeholders.js'
import type { Relative, RelativeReader } from './relatives.js'
import { type Settled, type Settlement, settleFamily } from './settle.js'
import type { Writers } from './writers.js'

/** What a family is planned with. */
export interface FamilyContext {
  readonly kinship: Kinship
  readonly located: ReadonlyMap<string, Located>
  readonly writers: Writers
  readonly ids: NewIds
  readonly reader: RelativeReader
  readonly nextId: () => number
}

/** Plans a family as a whole, or says why all of it is left alone. */
export async function planFamily(draft: Draft, context: FamilyContext): Promise<PlannedFamily> {
  if (draft.refusal !== null) return leftAlone(draft, draft.refusal)
  const { kinship, ids } = context
  if (kinship.blind.length > 0) return leftAlone(draft, refused([blindText(kinship.blind)]))
  const rehearsed = settle(draft, placeholders(draft.parted), context)
  if (rehearsed.kind === 'unsettled') return leftAlone(draft, unsettled(draft, rehearsed.problems))
  const newIds = await ids.of(draft)
  if ('refused' in newIds) return leftAlone(draft, refused([newIds.refused]))
  const settled = settle(draft, newIds.ids, context)
  if (settled.kind === 'unsettled') return leftAlone(draft, refused(settled.problems))
  return carryThrough(draft, newIds.ids, settled.rows, context)
}

function settle(draft: Draft, newIds: ReadonlyMap<Member, string>, { writers }: FamilyContext): Settlement {
  return settleFamily(draft.question, draft.parted, newIds, (member) =>
    writers.writerOf(member, tableOf(draft.question, member).id)
  )
}

async function carryThrough(
  draft: Draft,
  newIds: ReadonlyMap<Member, string>,
  rows: readonly Settled[],
  { kinship, located, reader, writers, nextId }: FamilyContext
): Promise<PlannedFamily> {
  const taken = await readNewPlaces(rows, draft, reader)
  const occupied = taken.filter((place) => place.rows.size > 0)
  if (occupied.length > 0) {
    return leftAlone(
      draft,
      refused(occupied.map((place) => `there is a row already, ${nameOf(draft.question, place)}`))
    )
  }
  const moves = movesText(draft, newIds)
  const relatives = [...draft.clan.relatives, ...taken]
  const found = familyChanges({ kinship, relatives, rows, family: draft.name, why: whyText(draft, moves), nextId })
  if ('refused' in found) return leftAlone(draft, refused([found.refused]))
  // A run that was killed may have brought rows to their new places on some masters.
  const own = [...draft.own, ...taken.flatMap((place) => located.get(placeId(place)) ?? [])]
  return { rows: plannedRows({ ...draft, own }, rows, moves, found.changed), warnings: warningsOf(draft, writers) }
}

async function readNewPlaces(
  rows: readonly Settled[],
  { clan }: Draft,
  reader: RelativeReader
): Promise<readonly Relative[]> {
  const known = new Set(clan.relatives.map(placeId))
  const fresh = rows.map(({ member: { table }, key }) => ({ table, key })).filter((place) => !known.has(placeId(place)))
  const read: Relative[] = []
  for (const [table, places] of groupBy(fresh, (place) => place.table)) {
    const keys = places.map(({ key }) => key)
    read.push(...(await reader.at(table, keys)))
  }
  return read
}
