import type { Master } from '../../masters/master.js'
import { tableName } from '../../model/table.js'
import type { Clan } from './explore.js'
import { type Member, placeId } from './family.js'
import type { Kinship } from './kinship.js'
import { familyTable, isParting, isSeed, type Located } from './located.js'
import { type FamilyQuestion, nameOf, type Parted, partFamily } from './part.js'
import { type Known, type Refusal, type RefusalRequest, refusalOf } from './refusal.js'
import type { Relative } from './relatives.js'

/** A family before its rows have new ids. Its rows that were found to differ begin with the collision it is called after. */
export interface Draft extends Known {
  /** For people. */
  readonly name: string
  /** `null` while nothing stands in the way. */
  readonly refusal: Refusal | null
}

/** What drafts are made from. */
export interface DraftRequest extends RefusalRequest {
  readonly masters: readonly Master[]
  readonly kinship: Kinship
  readonly located: ReadonlyMap<string, Located>
}

/** Puts together what is known of a family. */
export function draftOf(clan: Clan, request: DraftRequest): Draft {
  const found = clan.relatives.flatMap((relative) => request.located.get(placeId(relative)) ?? [])
  const own = found.toSorted((left, right) => rankOf(left) - rankOf(right))
  const question = questionOf(clan, own, request)
  const known = { clan, own, question, parted: partFamily(question) }
  const first = firstOf(known.parted) ?? own[0]?.seed ?? clan.relatives[0]
  if (first === undefined) throw new Error('a family without rows')
  return { ...known, name: nameOf(question, first), refusal: refusalOf(known, request) }
}

/** Collisions whose ids are to part come first: after them the family is called, and by their rule it goes. */
function rankOf(located: Located): number {
  if (!isSeed(located)) return 2
  return isParting(located) ? 1 : 0
}

function keeperOf({ ruled: { ruling } }: Located): string | null {
  return ruling.wanted.kind === 'rekeyed' ? ruling.wanted.keeper : null
}

function questionOf(clan: Clan, own: readonly Located[], { masters, kinship, begun }: DraftRequest): FamilyQuestion {
  const ruled = own.flatMap((each): [string, string][] => {
    const keeper = keeperOf(each)
    return keeper === null ? [] : [[placeId(each.seed), keeper]]
  })
  // What was begun is gone on with in the same way.
  const known = begun.map((each) => [placeId({ table: tableName(each), key: each.key }), each.keeper] as const)
  const parting = new Set(own.filter(isParting).map(({ seed }) => placeId(seed)))
  for (const relative of clan.relatives.filter(isBegun)) {
    const table = kinship.tables.get(relative.table)
    if (table !== undefined && familyTable(table).id === null) parting.add(placeId(relative))
  }
  return {
    masters: masters.map(({ name }) => name),
    tables: new Map([...kinship.tables].map(([name, table]) => [name, familyTable(table)])),
    references: kinship.pointers.flatMap(({ reference }) => ('obstacle' in reference ? [] : reference)),
    places: clan.relatives,
    keepers: new Map([...ruled, ...known]),
    parting
  }
}

/** The same row in every run, so that a family keeps its name. */
function firstOf({ movers }: Parted): Member | undefined {
  return movers.toSorted((left, right) => (placeId(left) < placeId(right) ? -1 : 1))[0]
}

/** Whether an earlier run wrote there what stands there now. */
function isBegun({ held, rows }: Relative): boolean {
  return [...held].some(([master, row]) => (row?.image ?? undefined) !== rows.get(master))
}
