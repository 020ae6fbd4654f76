import { groupBy } from '../../model/group-by.js'
import type { Key } from '../../model/range.js'
import type { RowImage } from '../../model/repair.js'
import { imageOf, type Member, type Place, type PlaceRef, placeId } from './family.js'
import { MovedValues, type WriterOf } from './moved-values.js'
import { type FamilyQuestion, nameOf, type Parted, tableOf } from './part.js'

/** A row as it shall be: under this key, on every master. */
export interface Settled {
  readonly member: Member
  readonly key: Key
  /** The columns that change, with their new literals. */
  readonly changed: Readonly<Record<string, string>>
  /** By master. Copies may differ in columns that nobody compares. */
  readonly rows: ReadonlyMap<string, RowImage>
}

/** How a family shall be, or why that cannot be said. */
export type Settlement =
  | { readonly kind: 'settled'; readonly rows: readonly Settled[] }
  | {
      readonly kind: 'unsettled'
      readonly problems: readonly string[]
      /** Rows of which it has to be known who wrote them. */
      readonly undecided: readonly Member[]
    }

/**
 * Says how every row of a family shall be: each lives once, on all masters; rows that took one key stand under keys of
 * their own; and whoever points to one of them points to the one that was meant.
 *
 * @param newIds the literal of the new id of each row that moves.
 */
export function settleFamily(
  question: FamilyQuestion,
  { members, problems }: Parted,
  newIds: ReadonlyMap<Member, string>,
  writerOf: WriterOf
): Settlement {
  const values = new MovedValues(question, members, newIds, writerOf)
  const rows = members.map((member) => settled(member, values.changesOf(member), question))
  const undecided = [...values.undecided]
  const all = [
    ...problems,
    ...values.problems,
    ...undecided.map((member) => `${nameOf(question, member)} cannot be told whose it is`),
    ...(undecided.length > 0 ? [] : clashes(rows, question))
  ]
  return all.length > 0 ? { kind: 'unsettled', problems: all, undecided } : { kind: 'settled', rows }
}

/** What the masters shall hold at every place that is left or taken: what each holds, and the row that shall be there. */
export function targetsOf(places: readonly Place[], rows: readonly Settled[]): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>(
    places.map((place) => [placeId(place), { table: place.table, key: place.key, settled: null }])
  )
  for (const each of rows) {
    const at = { table: each.member.table, key: each.key }
    targets.set(placeId(at), { ...at, settled: each })
  }
  return targets
}

/** A place, and the row that shall stand there; `null` for none. */
export interface Target extends PlaceRef {
  readonly settled: Settled | null
}

function settled(member: Member, changed: Readonly<Record<string, string>>, question: FamilyQuestion): Settled {
  const { key: columns } = tableOf(question, member)
  const key = member.key.map((value, at) => changed[columns[at] ?? ''] ?? value)
  const rows = question.masters.map(
    (master) => [master, { ...(member.rows.get(master) ?? imageOf(member)), ...changed }] as const
  )
  return { member, key, changed, rows: new Map(rows) }
}

/** Different rows that would still stand under one key. */
function clashes(rows: readonly Settled[], question: FamilyQuestion): readonly string[] {
  const groups = groupBy(rows, ({ member, key }) => placeId({ table: member.table, key }))
  return [...groups.values()].flatMap(([first, second]) =>
    first === undefined || second === undefined
      ? []
      : [`${nameOf(question, { table: first.member.table, key: first.key })} would still be two rows`]
  )
}
