import { onEveryMaster } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import { groupBy } from '../../model/group-by.js'
import type { Key } from '../../model/range.js'
import type { RowImage } from '../../model/repair.js'
import { hasOneOf, oneOtherRow } from '../../sql/lookups.js'
import { findHeldRows, type HeldRow, readHeldRows } from '../plan/held-rows.js'
import type { RepairTable } from '../plan/repair-table.js'
import { type Place, type PlaceRef, placeId } from './family.js'
import type { Kinship, Pointer } from './kinship.js'

/** A place with what stands there now, beside what stood there before an earlier run began to move its family. */
export interface Relative extends Place {
  /** By master, `null` for no row. */
  readonly held: ReadonlyMap<string, HeldRow | null>
}

/** What an earlier run on the same journal found where it wrote; `undefined` where it wrote nothing that still stands. */
export type Undone = (master: string, table: RepairTable, key: Key, row: HeldRow | null) => RowImage | null | undefined

/** Rows that point to places, and what stands in the way of knowing all of them. */
export interface Pointing {
  /** The place that is pointed to, by its id. */
  readonly to: string
  readonly child: PlaceRef | { readonly obstacle: string }
  /** The columns by which it points. */
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
}

/** Values asked for in one statement. */
const MOST_LISTS = 250

/** Reads the rows of families. */
export class RelativeReader {
  readonly #masters: readonly Master[]
  readonly #kinship: Kinship
  readonly #undone: Undone

  constructor(masters: readonly Master[], kinship: Kinship, undone: Undone) {
    this.#masters = masters
    this.#kinship = kinship
    this.#undone = undone
  }

  /** Reads what stands at some places of a table, on every master. */
  async at(name: string, keys: readonly Key[]): Promise<readonly Relative[]> {
    const table = this.#table(name)
    const read = await onEveryMaster(this.#masters, 'reading the rows of a family', (master) =>
      master.withSession((session) => readHeldRows(session, table, keys, 'none'))
    )
    return keys.map((key, at) => {
      const held = new Map(this.#masters.map((master, of) => [master.name, read[of]?.[at] ?? null]))
      return { table: name, key, held, rows: this.#before(table, key, held) }
    })
  }

  /** Finds the rows that point to some of these places by pointers of their tables, on every master. */
  async pointingTo(asked: readonly { readonly relative: Relative; readonly pointer: Pointer }[]): Promise<Pointing[]> {
    const found = await onEveryMaster(this.#masters, 'looking for what points to rows', async (master) => {
      const own = asked.filter(({ pointer }) => pointer.master === master.name)
      const pointing: Pointing[] = []
      for (const [pointer, of] of groupBy(own, (each) => each.pointer)) {
        const relatives = of.map(({ relative }) => relative)
        pointing.push(...(await this.#pointingBy(master, pointer, relatives)))
      }
      return pointing
    })
    return found.flat()
  }

  async #pointingBy(master: Master, pointer: Pointer, relatives: readonly Relative[]): Promise<readonly Pointing[]> {
    const wanted = wantedBy(pointer, relatives)
    const lists = [...wanted.values()].map(({ literals }) => literals)
    const found: Pointing[] = []
    for (let at = 0; at < lists.length; at += MOST_LISTS) {
      const part = lists.slice(at, at + MOST_LISTS)
      found.push(...(await this.#pointingToOneOf(master, pointer, part, wanted)))
    }
    return found
  }

  async #pointingToOneOf(
    master: Master,
    pointer: Pointer,
    lists: readonly (readonly string[])[],
    wanted: Wanted
  ): Promise<readonly Pointing[]> {
    const { reference, columns } = pointer
    if ('obstacle' in reference) return this.#inTheWay(master, pointer, lists, wanted, reference.obstacle)
    const table = this.#table(reference.from)
    const rows = await master.withSession((session) => findHeldRows(session, table, hasOneOf(columns, lists)))
    return rows.flatMap(({ key, row }): readonly Pointing[] => {
      const literals = reference.columns.map((column) => row.image[column] ?? 'NULL')
      const to = wanted.get(JSON.stringify(literals))?.to
      const child = { table: reference.from, key }
      if (to !== undefined) return to.map((id) => ({ to: id, child, ...columnsOf(pointer) }))
      // The server takes another spelling, or another type, for the same value; which row is meant is for it to say.
      const obstacle = `${reference.from} points by ${columns.join(', ')} in another spelling: ${literals.join(', ')}`
      return allOf(lists, wanted).map((id) => ({ to: id, child: { obstacle }, ...columnsOf(pointer) }))
    })
  }

  async #inTheWay(
    master: Master,
    pointer: Pointer,
    lists: readonly (readonly string[])[],
    wanted: Wanted,
    obstacle: string
  ): Promise<readonly Pointing[]> {
    const found: Pointing[] = []
    for (const literals of lists) {
      const query = oneOtherRow({ ref: pointer.table, columns: pointer.columns, literals }, [])
      const rows = await master.withSession((session) => session.query(query))
      if (rows.length === 0) continue
      found.push(...allOf([literals], wanted).map((to) => ({ to, child: { obstacle }, ...columnsOf(pointer) })))
    }
    return found
  }

  #before(table: RepairTable, key: Key, held: ReadonlyMap<string, HeldRow | null>): ReadonlyMap<string, RowImage> {
    return new Map(
      [...held].flatMap(([master, row]): [string, RowImage][] => {
        const undone = this.#undone(master, table, key, row)
        const image = undone === undefined ? (row?.image ?? null) : undone
        return image === null ? [] : [[master, image]]
      })
    )
  }

  #table(name: string): RepairTable {
    const table = this.#kinship.tables.get(name)
    if (table === undefined) throw new Error(`${name} was not looked at`)
    return table
  }
}

/** Values that are pointed to, by themselves, with the ids of the places that have them. */
type Wanted = ReadonlyMap<string, { readonly literals: readonly string[]; readonly to: readonly string[] }>

function wantedBy({ parentColumns }: Pointer, relatives: readonly Relative[]): Wanted {
  const wanted = new Map<string, { literals: readonly string[]; to: string[] }>()
  for (const relative of relatives) {
    for (const image of relative.rows.values()) {
      const literals = parentColumns.map((column) => image[column] ?? 'NULL')
      if (literals.includes('NULL')) continue
      const known = wanted.get(JSON.stringify(literals)) ?? { literals, to: [] }
      wanted.set(JSON.stringify(literals), known)
      if (!known.to.includes(placeId(relative))) known.to.push(placeId(relative))
    }
  }
  return wanted
}

function allOf(lists: readonly (readonly string[])[], wanted: Wanted): readonly string[] {
  return lists.flatMap((literals) => wanted.get(JSON.stringify(literals))?.to ?? [])
}

function columnsOf({ reference, columns, parentColumns }: Pointer): Pick<Pointing, 'columns' | 'parentColumns'> {
  return { columns: 'obstacle' in reference ? columns : reference.columns, parentColumns }
}
