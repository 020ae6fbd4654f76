import type { RowImage, Wanted } from '../../model/repair.js'

/** The row that every master shall have, made of what they hold; `null` for no row. */
export function wantedImage(wanted: Wanted, held: ReadonlyMap<string, RowImage | null>): RowImage | null {
  switch (wanted.kind) {
    case 'absent':
      return null
    case 'version':
      return imageOn(held, wanted.master)
    case 'merged':
      return merged(wanted.from, held)
    case 'rekeyed':
    case 'family':
      throw new Error('what the rows of a family shall be is worked out together')
    case 'manual':
      throw new Error('nothing was decided of the row')
  }
}

/** Columns that the audit did not compare come from the first master that has the row. */
function merged(from: Readonly<Record<string, string>>, held: ReadonlyMap<string, RowImage | null>): RowImage {
  const base = [...held.values()].find((image) => image !== null)
  if (base == null) throw new Error('no master has the row any more')
  return Object.fromEntries(
    Object.keys(base).map((name) => {
      const source = from[name]
      const image = source === undefined ? base : imageOn(held, source)
      return [name, image?.[name] ?? 'NULL']
    })
  )
}

function imageOn(held: ReadonlyMap<string, RowImage | null>, master: string): RowImage | null {
  const image = held.get(master)
  if (image === undefined) throw new Error(`the row was not read on ${master}`)
  return image
}
