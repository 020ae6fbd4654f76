import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RowImage } from '../../../src/model/repair.js'
import { imageOf, type Member, membersAt, type Place, placeId } from '../../../src/repair/rekey/family.js'
import { type FamilyQuestion, partFamily } from '../../../src/repair/rekey/part.js'
import { type Settled, settleFamily, targetsOf } from '../../../src/repair/rekey/settle.js'
import { type Born, type Kin, kin, REFERENCES, TABLES } from './random-kin.js'

const uidOf = (member: Member) => imageOf(member).uid ?? ''

function questionOf({ masters, places }: Kin, keep: number): FamilyQuestion {
  const several = places.filter((place) => membersAt(place, tableOf(place)).length > 1)
  const counted = several.filter((place) => tableOf(place).id !== null)
  return {
    masters,
    tables: TABLES,
    references: REFERENCES,
    places,
    keepers: new Map(counted.map((place) => [placeId(place), keeperAt(place, keep)])),
    parting: new Set(several.filter((place) => tableOf(place).id === null).map(placeId))
  }
}

function tableOf({ table }: Pick<Place, 'table'>) {
  const found = TABLES.get(table)
  if (found === undefined) throw new Error(table)
  return found
}

function keeperAt({ rows }: Place, keep: number): string {
  return [...rows.keys()][keep % rows.size] ?? ''
}

function settle(given: Kin, keep: number, writerOf: (member: Member) => string | null) {
  const question = questionOf(given, keep)
  const parted = partFamily(question)
  const newIds = new Map(parted.movers.map((member, at) => [member, `${1000 + at}`]))
  return { question, movers: parted.movers, settlement: settleFamily(question, parted, newIds, writerOf) }
}

const bornOn = (given: Kin) => (member: Member) => given.born.get(uidOf(member))?.master ?? null

/** What every master holds once the differences are written. */
function stateAfter(rows: readonly Settled[], { masters, places }: Kin): readonly ReadonlyMap<string, RowImage>[] {
  const targets = targetsOf(places, rows)
  return masters.map((master) => {
    const found = new Map<string, RowImage>()
    for (const [id, { settled }] of targets) {
      const image = settled?.rows.get(master)
      if (image !== undefined) found.set(id, image)
    }
    return found
  })
}

function expectTruth(state: ReadonlyMap<string, RowImage>, born: ReadonlyMap<string, Born>): void {
  expect([...state.values()].map(({ uid }) => uid).toSorted()).toEqual([...born.keys()].toSorted())
  for (const [id, image] of state) {
    const { table, parents } = born.get(image.uid ?? '') as Born
    const [, key] = JSON.parse(id) as [string, string[]]
    expect(tableOf({ table }).key.map((column) => image[column])).toEqual(key)
    for (const { from, columns, to } of REFERENCES) {
      if (from !== table) continue
      const values = columns.map((column) => image[column] ?? 'NULL')
      const parent = state.get(placeId({ table: to, key: values }))
      expect(parent?.uid, `${image.uid} ${columns}`).toBe(parents.get(columns.join(',')))
    }
  }
}

/** Two cards that two masters gave the same number for the same person stay two rows under one key. */
function cannotPart(given: Kin): boolean {
  return given.places.some((place) => {
    if (place.table !== 'cards') return false
    const members = membersAt(place, tableOf(place))
    const owners = members.map((member) => given.born.get(uidOf(member))?.parents.get('owner'))
    return new Set(owners).size < owners.length
  })
}

describe('a settled family', () => {
  test('holds every row once on all masters, each with the rows that its writer meant', () => {
    fc.assert(
      fc.property(kin, fc.nat(5), (given, keep) => {
        const { settlement, movers } = settle(given, keep, bornOn(given))
        if (settlement.kind === 'unsettled') {
          expect(cannotPart(given), settlement.problems.join('; ')).toBe(true)
          return
        }
        expect(cannotPart(given)).toBe(false)
        const [first = new Map(), ...others] = stateAfter(settlement.rows, given)
        for (const other of others) expect(other).toEqual(first)
        expectTruth(first, given.born)
        const moved = new Set(movers)
        for (const { member, changed } of settlement.rows)
          if (!moved.has(member)) expect(changed).not.toHaveProperty('id')
      })
    )
  })

  test('needs to know who wrote a row only where masters disagree about what it points to', () => {
    fc.assert(
      fc.property(kin, fc.nat(5), (given, keep) => {
        const { settlement } = settle(given, keep, () => null)
        const undecided = settlement.kind === 'settled' ? [] : settlement.undecided
        for (const member of undecided) expect(member.rows.size).toBeGreaterThan(1)
        if (undecided.length > 0 || settlement.kind === 'unsettled') return
        const [first = new Map()] = stateAfter(settlement.rows, given)
        expectTruth(first, given.born)
      })
    )
  })

  test('is none where rows differ of which nobody said that they are two', () => {
    const place = {
      table: 'people',
      key: ['1'],
      rows: new Map([
        ['a', row('u1')],
        ['b', row('u2')]
      ])
    }
    const question = {
      masters: ['a', 'b'],
      tables: TABLES,
      references: REFERENCES,
      places: [place],
      parting: new Set<string>()
    }
    expect(partFamily({ ...question, keepers: new Map() }).problems).toEqual([
      'people (id = 1) is not the same everywhere, and nothing says that these are two rows to be kept'
    ])
    expect(partFamily({ ...question, keepers: new Map([[placeId(place), 'c']]) }).problems).toEqual([
      'people (id = 1) is to stay as c has it, which does not have it'
    ])
  })
})

function row(uid: string): RowImage {
  return { id: '1', uid, boss: 'NULL' }
}
