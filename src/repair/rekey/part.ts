import {
  type FamilyTable,
  type Member,
  membersAt,
  type Place,
  type PlaceRef,
  placeId,
  placeName,
  type Reference
} from './family.js'

/** Everything that says who belongs to whom. */
export interface FamilyQuestion {
  readonly masters: readonly string[]
  /** By name. */
  readonly tables: ReadonlyMap<string, FamilyTable>
  readonly references: readonly Reference[]
  readonly places: readonly Place[]
  /** By the id of a place where different rows took one key, the master whose row keeps it. */
  readonly keepers: ReadonlyMap<string, string>
  /** Places where different rows took one key that nobody counts up: what they point to has to part them. */
  readonly parting: ReadonlySet<string>
}

/** The rows of a family, each as it was meant. */
export interface Parted {
  readonly members: readonly Member[]
  /** Those that need a new id. */
  readonly movers: readonly Member[]
  /** Rows that cannot be told apart, and why. */
  readonly problems: readonly string[]
}

/** Tells the rows under each key apart, and which of them have to move. */
export function partFamily(question: FamilyQuestion): Parted {
  const [members, movers, problems]: [Member[], Member[], string[]] = [[], [], []]
  for (const place of question.places) {
    const found = membersAt(place, tableOf(question, place))
    members.push(...found)
    const moving = found.length < 2 ? [] : moversAt(place, found, question)
    if (typeof moving === 'string') problems.push(`${nameOf(question, place)} ${moving}`)
    else movers.push(...moving)
  }
  return { members, movers, problems }
}

/** The table of a place. */
export function tableOf({ tables }: Pick<FamilyQuestion, 'tables'>, { table }: Pick<Place, 'table'>): FamilyTable {
  const found = tables.get(table)
  if (found === undefined) throw new Error(`${table} was not looked at`)
  return found
}

/** The name of a place for people. */
export function nameOf(question: Pick<FamilyQuestion, 'tables'>, place: PlaceRef): string {
  return placeName(place, tableOf(question, place).key)
}

/** Those that have to give the key up, or why that cannot be said. */
function moversAt(place: Place, found: readonly Member[], question: FamilyQuestion): readonly Member[] | string {
  const id = placeId(place)
  if (question.parting.has(id)) return []
  const keeper = question.keepers.get(id)
  if (keeper === undefined) return 'is not the same everywhere, and nothing says that these are two rows to be kept'
  if (tableOf(question, place).id === null) return 'has no part of its key that the servers count up'
  const movers = found.filter(({ rows }) => !rows.has(keeper))
  return movers.length < found.length ? movers : `is to stay as ${keeper} has it, which does not have it`
}
