import type { RowImage } from '../../model/repair.js'
import { keyOf } from '../../sql/guard.js'
import { oneOtherRow } from '../../sql/lookups.js'
import { writableOn } from '../plan/repair-table.js'
import { type PlaceRef, placeId } from './family.js'
import type { Kinship, Pointer } from './kinship.js'
import type { Relative } from './relatives.js'
import type { Settled } from './settle.js'

/**
 * Makes the queries for strangers: rows that point to a key under which another row comes to stand, and that nobody has
 * looked at. One that came since would silently belong to that other row.
 */
export class Guards {
  readonly #kinship: Kinship
  /** By place that a row leaves or takes, the columns in which that row changes. */
  readonly #moving = new Map<string, Set<string>>()
  /** By table and columns, and the values in them, the images of rows that are known to point there. */
  readonly #known = new Map<string, RowImage[]>()

  constructor(kinship: Kinship, relatives: readonly Relative[], rows: readonly Settled[]) {
    this.#kinship = kinship
    for (const { member, key, changed } of rows) {
      const columns = Object.keys(changed)
      for (const place of [member, { table: member.table, key }]) this.#move(place, columns)
    }
    const images = [
      ...relatives.flatMap(({ table, held, rows: before }) =>
        [...[...held.values()].flatMap((row) => (row === null ? [] : [row.image])), ...before.values()].map(
          (image) => ({
            table,
            image
          })
        )
      ),
      ...rows.flatMap(({ member, rows: after }) => [...after.values()].map((image) => ({ table: member.table, image })))
    ]
    for (const columns of pointingColumns(kinship)) {
      for (const { table, image } of images) if (table === columns.from) this.#note(columns, image)
    }
  }

  /** The queries for a change of the row at a place of one master. */
  of(master: string, place: PlaceRef, before: RowImage | null, after: RowImage | null) {
    const moving = this.#moving.get(placeId(place)) ?? new Set()
    const pointers = this.#kinship.pointers.filter(
      (each) =>
        each.master === master && each.to === place.table && each.parentColumns.some((column) => moving.has(column))
    )
    return pointers.flatMap((pointer) => this.#query(pointer, before ?? after ?? {}))
  }

  #query(pointer: Pointer, image: RowImage): readonly string[] {
    const { reference, table: ref, columns, parentColumns, master } = pointer
    const literals = parentColumns.map((column) => image[column] ?? 'NULL')
    if (literals.includes('NULL')) return []
    if ('obstacle' in reference) return [oneOtherRow({ ref, columns, literals }, [])]
    const child = this.#kinship.tables.get(reference.from)
    if (child === undefined) throw new Error(`${reference.from} was not looked at`)
    const known = this.#known.get(valueId(reference, literals)) ?? []
    const conditions = known.map((each) => keyOf(writableOn(child, master), each))
    return [oneOtherRow({ ref, columns, literals }, [...new Set(conditions)])]
  }

  #move(place: PlaceRef, columns: readonly string[]): void {
    const known = this.#moving.get(placeId(place)) ?? new Set()
    this.#moving.set(placeId(place), new Set([...known, ...columns]))
  }

  #note(pointing: PointingColumns, image: RowImage): void {
    const id = valueId(
      pointing,
      pointing.columns.map((column) => image[column] ?? 'NULL')
    )
    const known = this.#known.get(id)
    if (known === undefined) this.#known.set(id, [image])
    else known.push(image)
  }
}

interface PointingColumns {
  readonly from: string
  readonly columns: readonly string[]
}

function pointingColumns({ pointers }: Kinship): readonly PointingColumns[] {
  const references = pointers.flatMap(({ reference }) => ('obstacle' in reference ? [] : reference))
  return [...new Map(references.map((each) => [JSON.stringify([each.from, each.columns]), each])).values()]
}

function valueId({ from, columns }: PointingColumns, literals: readonly string[]): string {
  return JSON.stringify([from, columns, literals])
}
