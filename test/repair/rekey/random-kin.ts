import fc from 'fast-check'
import type { RowImage } from '../../../src/model/repair.js'
import type { FamilyTable, Place, Reference } from '../../../src/repair/rekey/family.js'
import { placeId } from '../../../src/repair/rekey/family.js'

/** A row as it was meant: where it was written, and which rows its writer pointed to. */
export interface Born {
  readonly uid: string
  readonly table: string
  readonly master: string
  /** By the columns of each reference, the `uid` of what was meant. */
  readonly parents: ReadonlyMap<string, string>
}

/** Masters that have numbered rows without regard for each other, and the truth. */
export interface Kin {
  readonly masters: readonly string[]
  readonly places: readonly Place[]
  readonly born: ReadonlyMap<string, Born>
}

/** People and their employers; cards are numbered within a person, and payments point to a card and perhaps to a person. */
export const TABLES: ReadonlyMap<string, FamilyTable> = new Map(
  [
    { name: 'people', key: ['id'], id: 'id', compared: ['id', 'uid', 'boss'] },
    { name: 'cards', key: ['owner', 'no'], id: null, compared: ['owner', 'no', 'uid'] },
    { name: 'payments', key: ['id'], id: 'id', compared: ['id', 'uid', 'owner', 'no', 'payer'] }
  ].map((table) => [table.name, table])
)

export const REFERENCES: readonly Reference[] = [
  { from: 'people', columns: ['boss'], to: 'people', parentColumns: ['id'] },
  { from: 'cards', columns: ['owner'], to: 'people', parentColumns: ['id'] },
  { from: 'payments', columns: ['owner', 'no'], to: 'cards', parentColumns: ['owner', 'no'] },
  { from: 'payments', columns: ['payer'], to: 'people', parentColumns: ['id'] }
]

interface Insert {
  readonly table: string
  readonly master: number
  readonly id: number
  /** Picks the parents among what the writer has. */
  readonly picks: readonly number[]
  /** Whether each other master receives it, if it fits there. */
  readonly arrives: readonly boolean[]
}

const insert: fc.Arbitrary<Insert> = fc.record({
  table: fc.constantFrom('people', 'people', 'cards', 'payments'),
  master: fc.nat(2),
  id: fc.integer({ min: 1, max: 4 }),
  picks: fc.tuple(fc.nat(20), fc.nat(20)),
  arrives: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })
})

/** Histories of inserts on two or three masters, of which some arrive elsewhere and some do not. */
export const kin: fc.Arbitrary<Kin> = fc
  .tuple(fc.integer({ min: 2, max: 3 }), fc.array(insert, { minLength: 3, maxLength: 25 }))
  .map(([count, inserts]) => history(['a', 'b', 'c'].slice(0, count), inserts))

type Held = Map<string, { readonly table: string; readonly key: readonly string[]; readonly image: RowImage }>

function history(masters: readonly string[], inserts: readonly Insert[]): Kin {
  const held = masters.map((): Held => new Map())
  const born = new Map<string, Born>()
  for (const [at, each] of inserts.entries()) {
    const master = each.master % masters.length
    const row = newRow(each, `u${at}`, held[master] ?? new Map())
    if (row === null || !fits(row, held[master] ?? new Map())) continue
    born.set(`u${at}`, { uid: `u${at}`, table: each.table, master: masters[master] ?? '', parents: row.parents })
    for (const [of, other] of held.entries()) {
      if (of === master || ((each.arrives[of] ?? false) && fits(row, other))) other.set(placeId(row), row)
    }
  }
  return { masters, born, places: placesOf(masters, held) }
}

type NewRow = { table: string; key: readonly string[]; image: RowImage; parents: ReadonlyMap<string, string> }

function newRow({ table, id, picks }: Insert, uid: string, own: Held): NewRow | null {
  const pick = (of: string, n = 0) => {
    const rows = [...own.values()].filter((row) => row.table === of)
    return rows.length === 0 ? null : (rows[n % rows.length] ?? null)
  }
  const [person, card] = [pick('people', picks[0]), pick('cards', picks[1])]
  const uidOf = (row: { image: RowImage } | null) => row?.image.uid ?? ''
  switch (table) {
    case 'people': {
      const boss = (picks[1] ?? 0) % 2 === 0 ? person : null
      const image = { id: `${id}`, uid, boss: boss?.image.id ?? 'NULL' }
      return { table, key: [`${id}`], image, parents: new Map(boss === null ? [] : [['boss', uidOf(boss)]]) }
    }
    case 'cards': {
      const owner = person?.image.id
      if (owner === undefined) return null
      const image = { owner, no: `${id}`, uid }
      return { table, key: [owner, `${id}`], image, parents: new Map([['owner', uidOf(person)]]) }
    }
    default: {
      if (card === null) return null
      const { owner = '', no = '' } = card.image
      const image = { id: `${id}`, uid, owner, no, payer: person?.image.id ?? 'NULL' }
      const payer: [string, string][] = person === null ? [] : [['payer', uidOf(person)]]
      return { table, key: [`${id}`], image, parents: new Map([['owner,no', uidOf(card)], ...payer]) }
    }
  }
}

/** The key is free, and something stands wherever the row points to. */
function fits(row: NewRow, own: Held): boolean {
  if (own.has(placeId(row))) return false
  return REFERENCES.filter(({ from }) => from === row.table).every(({ columns, to }) => {
    const values = columns.map((column) => row.image[column] ?? 'NULL')
    return values.includes('NULL') || own.has(placeId({ table: to, key: values }))
  })
}

function placesOf(masters: readonly string[], held: readonly Held[]): readonly Place[] {
  const ids = new Set(held.flatMap((own) => [...own.keys()]))
  return [...ids].map((id) => {
    const rows = new Map<string, RowImage>()
    let place: { table: string; key: readonly string[] } = { table: '', key: [] }
    for (const [at, own] of held.entries()) {
      const row = own.get(id)
      if (row === undefined) continue
      place = row
      rows.set(masters[at] ?? '', row.image)
    }
    return { table: place.table, key: place.key, rows }
  })
}
