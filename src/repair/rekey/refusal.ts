import { tableName } from '../../model/table.js'
import { BY_HAND } from '../decide/decide.js'
import { movedSince, type Written } from '../plan/plan-rows.js'
import type { Clan } from './explore.js'
import { placeId, placeName } from './family.js'
import { familyTable, isParting, isSeed, type Located } from './located.js'
import { type FamilyQuestion, nameOf, type Parted, tableOf } from './part.js'
import type { ReservedId } from './rekeying.js'
import type { Relative } from './relatives.js'
import type { Twins } from './twins.js'

/** Why a family is left alone. */
export interface Refusal {
  readonly kind: 'manual' | 'refused' | 'stale'
  readonly reasons: readonly string[]
}

/** What is known of a family before anything is settled. */
export interface Known {
  readonly clan: Clan
  readonly own: readonly Located[]
  readonly question: FamilyQuestion
  readonly parted: Parted
}

/** What else tells whether a family may be touched. */
export interface RefusalRequest {
  readonly begun: readonly ReservedId[]
  readonly twins: Twins
  readonly written: Written
}

/** What stands in the way of a family from the beginning; `null` when nothing does. */
export function refusalOf(known: Known, request: RefusalRequest): Refusal | null {
  const { clan, own, question, parted } = known
  const undecided = own.filter((each) => isSeed(each) && !isParting(each) && !question.keepers.has(placeId(each.seed)))
  if (undecided.length > 0) return { kind: 'manual', reasons: undecided.map(({ ruled }) => ruled.ruling.because) }
  const byId = new Map(clan.relatives.map((relative) => [placeId(relative), relative]))
  const moved = own.flatMap((each) => movedReasons(each, byId.get(placeId(each.seed)), request.written))
  if (moved.length > 0) return { kind: 'stale', reasons: moved }
  const reasons = [
    ...clan.obstacles,
    ...own.flatMap(whyNotOurs),
    ...parted.problems,
    ...twinReasons(known, byId, request)
  ]
  return reasons.length === 0 ? null : { kind: 'refused', reasons }
}

function movedReasons({ ruled, table, seed }: Located, relative: Relative | undefined, written: Written) {
  const moved = relative === undefined ? [] : movedSince(ruled, table, relative.held, written)
  return moved.map((reason) => `${placeName(seed, familyTable(table).key)}: ${reason}`)
}

/** Rows of which something else was said than to follow their family. */
function whyNotOurs({ ruled: { ruling, divergence }, table, seed }: Located): readonly string[] {
  const name = placeName(seed, familyTable(table).key)
  if (ruling.rule === BY_HAND.rule) return [`${name} was decided by hand`]
  const { evidence } = divergence
  return evidence?.verdict === 'deleted' ? [`${name} was deleted: ${evidence.because}`] : []
}

/** What a run on the same journal has begun with is known, and no twin. */
function twinReasons(
  { parted, question }: Known,
  byId: ReadonlyMap<string, Relative>,
  { begun, twins }: RefusalRequest
): readonly string[] {
  const known = new Set(begun.map((each) => placeId({ table: tableName(each), key: each.key })))
  return parted.movers.flatMap((mover) => {
    const relative = known.has(placeId(mover)) ? undefined : byId.get(placeId(mover))
    const twin = relative === undefined ? null : twins.of(mover, relative, tableOf(question, mover).key)
    if (twin === null) return []
    return [
      `${nameOf(question, twin)} holds the same and is missing somewhere: a run that was cut short? Go on with its journal`
    ]
  })
}
