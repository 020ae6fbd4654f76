import type { Master } from '../../masters/master.js'
import { groupBy } from '../../model/group-by.js'
import { type PlaceRef, placeId } from './family.js'
import type { Kinship, Pointer } from './kinship.js'
import { type Pointing, type Relative, RelativeReader, type Undone } from './relatives.js'

/** Where a family begins: a place under whose key are different rows. */
export interface Seed extends PlaceRef {
  /** The columns whose values rows of this place will give up. */
  readonly moving: readonly string[]
}

/** Where to look from, and places that are known to hang together. */
export interface Beginnings {
  readonly seeds: readonly Seed[]
  readonly together: readonly (readonly PlaceRef[])[]
}

/** Rows that have to be looked at together. */
export interface Clan {
  readonly relatives: readonly Relative[]
  /** Why not all of it is known; empty when it is. */
  readonly obstacles: readonly string[]
}

/** So many rows are locked and written in one transaction at most. */
const MOST_ROWS = 10_000
/** And so many are held in memory, of all families together. */
const MOST_READ = 200_000

/** Reads everything that points to the rows that move, in any number of steps, and parts it into what hangs together. */
export async function exploreFamilies(
  masters: readonly Master[],
  kinship: Kinship,
  from: Beginnings,
  undone: Undone
): Promise<readonly Clan[]> {
  const explorer = new Explorer(masters, kinship, undone)
  await explorer.enter(from)
  while (await explorer.goOn());
  return explorer.clans()
}

/** A row that points to a place, or hangs together with it otherwise. */
interface Link {
  readonly child: string
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
}

class Explorer {
  readonly #masters: readonly Master[]
  readonly #kinship: Kinship
  readonly #reader: RelativeReader
  readonly #known = new Map<string, Relative>()
  readonly #moving = new Map<string, ReadonlySet<string>>()
  readonly #obstacles = new Map<string, Set<string>>()
  /** By the place that is pointed to, what points there. */
  readonly #links = new Map<string, Link[]>()
  readonly #asked = new Set<string>()
  /** Places whose children may not all be known. */
  readonly #open = new Set<string>()

  constructor(masters: readonly Master[], kinship: Kinship, undone: Undone) {
    this.#masters = masters
    this.#kinship = kinship
    this.#reader = new RelativeReader(masters, kinship, undone)
  }

  async enter({ seeds, together }: Beginnings): Promise<void> {
    await this.#read([...seeds, ...together.flat()])
    for (const [first, ...others] of together) {
      if (first === undefined) continue
      const links = others.map((place): Link => ({ child: placeId(place), columns: [], parentColumns: [] }))
      this.#links.set(placeId(first), [...(this.#links.get(placeId(first)) ?? []), ...links])
    }
    for (const seed of seeds) this.#move(placeId(seed), seed.moving)
  }

  /** Goes one step further; `false` when there is nowhere to go. */
  async goOn(): Promise<boolean> {
    const asked = [...this.#open].flatMap((id) => this.#questionsOf(id))
    this.#open.clear()
    if (asked.length === 0) return false
    const pointing = await this.#reader.pointingTo(asked)
    await this.#read(pointing.flatMap(({ child }) => ('key' in child ? child : [])))
    for (const each of pointing) this.#link(each)
    return true
  }

  clans(): readonly Clan[] {
    const leader = new Map([...this.#known.keys()].map((id) => [id, id]))
    const leaderOf = (id: string): string => {
      const above = leader.get(id) ?? id
      return above === id ? id : leaderOf(above)
    }
    for (const [parent, links] of this.#links) {
      for (const { child } of links) leader.set(leaderOf(child), leaderOf(parent))
    }
    return [...groupBy([...this.#known], ([id]) => leaderOf(id)).values()].map((own) => ({
      relatives: own.map(([, relative]) => relative),
      obstacles: [
        ...new Set(own.flatMap(([id]) => [...(this.#obstacles.get(id) ?? [])])),
        ...(own.length > MOST_ROWS ? [`more than ${MOST_ROWS} rows belong together`] : []),
        ...(this.#isFull ? [`more than ${MOST_READ} rows belong to collisions`] : [])
      ]
    }))
  }

  get #isFull(): boolean {
    return this.#known.size > MOST_READ
  }

  /** A pointer matters where it points to something that moves, or to a row that has yet to be brought to some master. */
  #questionsOf(id: string): readonly { relative: Relative; pointer: Pointer }[] {
    const relative = this.#known.get(id)
    if (relative === undefined || this.#isFull) return []
    const isNew = relative.rows.size < this.#masters.length
    const moving = this.#moving.get(id) ?? new Set()
    return this.#kinship.pointers.flatMap((pointer, at) => {
      const matters = isNew || pointer.parentColumns.some((column) => moving.has(column))
      const question = `${at} ${id}`
      if (pointer.to !== relative.table || !matters || this.#asked.has(question)) return []
      this.#asked.add(question)
      return [{ relative, pointer }]
    })
  }

  #link({ to, child, columns, parentColumns }: Pointing): void {
    if ('obstacle' in child) {
      this.#obstacles.set(to, (this.#obstacles.get(to) ?? new Set()).add(child.obstacle))
      return
    }
    const link = { child: placeId(child), columns, parentColumns }
    const links = this.#links.get(to)
    if (links === undefined) this.#links.set(to, [link])
    else links.push(link)
    this.#follow(link, this.#moving.get(to) ?? new Set())
  }

  /** Columns of a place whose values rows will give up; with them go the references to these. */
  #move(id: string, columns: readonly string[]): void {
    const moving = this.#moving.get(id) ?? new Set()
    const fresh = columns.filter((column) => !moving.has(column))
    if (fresh.length === 0) return
    const all = new Set([...moving, ...fresh])
    this.#moving.set(id, all)
    this.#open.add(id)
    for (const link of this.#links.get(id) ?? []) this.#follow(link, all)
  }

  #follow({ child, columns, parentColumns }: Link, moving: ReadonlySet<string>): void {
    this.#move(
      child,
      columns.filter((_, at) => moving.has(parentColumns[at] ?? ''))
    )
  }

  async #read(places: readonly PlaceRef[]): Promise<void> {
    const fresh = new Map(places.map((place) => [placeId(place), place]))
    for (const id of this.#known.keys()) fresh.delete(id)
    for (const [table, own] of groupBy([...fresh.values()], (place) => place.table)) {
      const relatives = await this.#reader.at(
        table,
        own.map(({ key }) => key)
      )
      for (const relative of relatives) {
        this.#known.set(placeId(relative), relative)
        this.#open.add(placeId(relative))
      }
    }
  }
}
