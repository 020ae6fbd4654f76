import { type FamilyTable, imageOf, type Member, type Reference } from './family.js'
import { type FamilyQuestion, nameOf, tableOf } from './part.js'

/** The master that wrote a row; `null` when nothing tells. */
export type WriterOf = (member: Member) => string | null

/** Works out what the columns of rows shall hold once some rows have new ids: whoever points to one follows it. */
export class MovedValues {
  /** Rows that point to a key under which masters hold different rows, while nothing tells who wrote them. */
  readonly undecided = new Set<Member>()
  readonly problems = new Set<string>()
  readonly #question: Pick<FamilyQuestion, 'tables' | 'references'>
  readonly #newIds: ReadonlyMap<Member, string>
  readonly #writerOf: WriterOf
  readonly #byTarget = new Map<string, Member[]>()
  readonly #known = new Map<Member, Map<string, string>>()

  /** @param newIds as literals. */
  constructor(
    question: Pick<FamilyQuestion, 'tables' | 'references'>,
    members: readonly Member[],
    newIds: ReadonlyMap<Member, string>,
    writerOf: WriterOf
  ) {
    this.#question = question
    this.#newIds = newIds
    this.#writerOf = writerOf
    for (const reference of distinctTargets(question.references)) {
      for (const member of members) {
        if (member.table === reference.to) this.#note(targetId(reference, reference.parentColumns, member), member)
      }
    }
  }

  /** The columns of a row that get another value, with their literals. */
  changesOf(member: Member): Readonly<Record<string, string>> {
    const image = imageOf(member)
    const table = tableOf(this.#question, member)
    const own = this.#question.references.filter(({ from }) => from === member.table)
    const columns = new Set([...ownId(table), ...own.flatMap((reference) => reference.columns)])
    const changed = [...columns].map((column) => [column, this.#value(member, column)] as const)
    return Object.fromEntries(changed.filter(([column, value]) => value !== image[column]))
  }

  #note(target: string, member: Member): void {
    const known = this.#byTarget.get(target)
    if (known === undefined) this.#byTarget.set(target, [member])
    else if (!known.includes(member)) known.push(member)
  }

  #value(member: Member, column: string): string {
    const known = this.#known.get(member) ?? new Map<string, string>()
    this.#known.set(member, known)
    const found = known.get(column)
    if (found !== undefined) return found
    const now = imageOf(member)[column] ?? 'NULL'
    // Rows that point to each other in a circle end here.
    known.set(column, now)
    const value = this.#workOut(member, column, now)
    known.set(column, value)
    return value
  }

  #workOut(member: Member, column: string, now: string): string {
    const newId = this.#newIds.get(member)
    if (newId !== undefined && column === tableOf(this.#question, member).id) return newId
    const values = new Set<string>()
    for (const reference of this.#question.references) {
      const at = reference.from === member.table ? reference.columns.indexOf(column) : -1
      const parent = at < 0 ? null : this.#parentOf(member, reference)
      if (parent !== null) values.add(this.#value(parent, reference.parentColumns[at] ?? ''))
    }
    const [value = now, ...others] = values
    if (others.length > 0) {
      this.problems.add(`${nameOf(this.#question, member)} points by ${column} to rows that part ways`)
    }
    return value
  }

  /** The row that was meant: the one that its holders have there, or else the one that its writer has. */
  #parentOf(member: Member, reference: Reference): Member | null {
    const image = imageOf(member)
    if (reference.columns.some((column) => (image[column] ?? 'NULL') === 'NULL')) return null
    const candidates = this.#byTarget.get(targetId(reference, reference.columns, member)) ?? []
    const held = candidates.filter(({ rows }) => [...member.rows.keys()].some((master) => rows.has(master)))
    const [only = null, ...others] = held
    if (others.length === 0 || this.#goTogether(held, reference)) return only
    const writer = this.#writerOf(member)
    const parent = writer === null ? undefined : candidates.find(({ rows }) => rows.has(writer))
    if (parent === undefined) this.undecided.add(member)
    return parent ?? null
  }

  /** Whether it makes no difference which of them was meant. */
  #goTogether(candidates: readonly Member[], { parentColumns }: Reference): boolean {
    const values = candidates.map((each) => JSON.stringify(parentColumns.map((column) => this.#value(each, column))))
    return new Set(values).size === 1
  }
}

function distinctTargets(references: readonly Reference[]): readonly Reference[] {
  return [...new Map(references.map((each) => [JSON.stringify([each.to, each.parentColumns]), each])).values()]
}

/** What a row points to, or is pointed to by. */
function targetId({ to, parentColumns }: Reference, columns: readonly string[], member: Member): string {
  const image = imageOf(member)
  return JSON.stringify([to, parentColumns, columns.map((column) => image[column])])
}

function ownId({ id }: FamilyTable): readonly string[] {
  return id === null ? [] : [id]
}
