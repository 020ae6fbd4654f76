import type { Key } from '../../model/range.js'
import type { RowImage } from '../../model/repair.js'

/** A table, as far as families go by it. Columns have the names that they have in images. */
export interface FamilyTable {
  readonly name: string
  readonly key: readonly string[]
  /** The column of the key that the servers count up; `null` when there is none. */
  readonly id: string | null
  /** The columns by which copies of one row are told from different rows. */
  readonly compared: readonly string[]
}

/** Rows of `from` point by `columns` to the row of `to` that has the same values in `parentColumns`. */
export interface Reference {
  readonly from: string
  readonly columns: readonly string[]
  readonly to: string
  readonly parentColumns: readonly string[]
}

/** Where rows can stand: under one key of one table. */
export interface PlaceRef {
  /** `db.table` */
  readonly table: string
  readonly key: Key
}

/** What the masters hold under one key of one table. */
export interface Place extends PlaceRef {
  /** By master; one without an entry has no row there. */
  readonly rows: ReadonlyMap<string, RowImage>
}

/** One row as it was meant, wherever it is held: all copies under one key that are alike. */
export type Member = Place

/** Tells places apart. */
export function placeId({ table, key }: PlaceRef): string {
  return JSON.stringify([table, key])
}

/** The rows under one key: one for each different content, in the order of the masters. */
export function membersAt(place: Place, { compared }: FamilyTable): readonly Member[] {
  const found: { table: string; key: Key; image: RowImage; rows: Map<string, RowImage> }[] = []
  for (const [master, image] of place.rows) {
    const known = found.find((each) => compared.every((column) => each.image[column] === image[column]))
    if (known === undefined) found.push({ table: place.table, key: place.key, image, rows: new Map([[master, image]]) })
    else known.rows.set(master, image)
  }
  return found.map(({ table, key, rows }) => ({ table, key, rows }))
}

/** The row as the first of its holders has it. */
export function imageOf({ table, rows }: Member): RowImage {
  const [image] = rows.values()
  if (image === undefined) throw new Error(`a row of ${table} that nobody holds`)
  return image
}

/** A row for people: `shop.orders (order_id = 7)`. */
export function placeName({ table, key }: PlaceRef, columns: readonly string[]): string {
  const parts = key.map((value, at) => {
    const shown = value === null ? 'NULL' : typeof value === 'string' ? value : `0x${value.hex}`
    return `${columns[at] ?? '?'} = ${shown}`
  })
  return `${table} (${parts.join(', ')})`
}
