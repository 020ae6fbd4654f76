import { mergedKeys } from './scan.js'

/** Rows of one master in the order of their keys, each named by its number. */
export interface KeyedRows {
  readonly length: number
  /** The key of a row as text: the same for the same key, and for no other. */
  keyText(at: number): string
}

/** The number of one row on each master; `null` where it is not there. */
export type Places = readonly (number | null)[]

/** What rows at these places have in common, on all masters. */
export interface Comparison {
  hasSameKey(places: readonly number[]): boolean
  /** How many rows, from these on, are the same. */
  countAlike(places: readonly number[]): number
}

/** So far ahead is looked for a row that all masters have, after one that some of them lack; then several times as far. */
const FIRST_WINDOW = 4
const WIDER = 8

/**
 * Finds the rows that are not the same on all masters, in key order. Rows belong together that lie at the same place as long
 * as all masters have the same keys; after rows that some of them lack, that goes on from the next row which all of them have.
 * Only the rows between are looked up by their keys. What the order of keys is need not be known, and where masters do not
 * even have the same order, no row is taken for a missing one.
 */
export function differingPlaces(masters: readonly KeyedRows[], comparison: Comparison): readonly Places[] {
  const found: (number | null)[][] = []
  const lacking = new Lacking()
  let places = masters.map(() => 0)
  for (;;) {
    const alike = comparison.countAlike(places)
    places = places.map((place) => place + alike)
    if (places.every((place, master) => place >= lengthOf(masters[master]))) break
    if (places.every((place, master) => place < lengthOf(masters[master])) && comparison.hasSameKey(places)) {
      found.push(places)
      places = places.map((place) => place + 1)
    } else {
      const ends = nextInCommon(masters, places)
      found.push(...lacking.add(rowsBetween(masters, places, ends)))
      places = ends
    }
  }
  return found.filter((row) => !isComplete(row) || comparison.countAlike(row) === 0)
}

/** Rows that not all masters were seen to have at one place. */
class Lacking {
  readonly #rows = new Map<string, (number | null)[]>()

  /** Adds to what is known of the rows; returns those that are new. */
  add(rows: readonly (readonly [key: string, places: (number | null)[]])[]): readonly (number | null)[][] {
    return rows.flatMap(([key, places]) => {
      const known = this.#rows.get(key)
      if (known === undefined) {
        this.#rows.set(key, places)
        return [places]
      }
      for (const [master, place] of places.entries()) known[master] ??= place
      return []
    })
  }
}

function isComplete(row: (number | null)[]): row is number[] {
  return !row.includes(null)
}

/** Where each master has the next row that all of them have; where its rows end, when there is none. */
function nextInCommon(masters: readonly KeyedRows[], places: readonly number[]): number[] {
  const ends = masters.map(({ length }) => length)
  for (let window = FIRST_WINDOW; ; window *= WIDER) {
    const until = ends.map((end, master) => Math.min(end, (places[master] ?? 0) + window))
    const [first, ...others] = keysBetween(masters, places, until)
    for (const [key, place] of first ?? []) {
      const elsewhere = others.map((keys) => keys.get(key))
      if (elsewhere.every((other) => other !== undefined)) return [place, ...elsewhere]
    }
    if (until.every((end, master) => end === ends[master])) return ends
  }
}

function rowsBetween(masters: readonly KeyedRows[], from: readonly number[], to: readonly number[]) {
  const keys = keysBetween(masters, from, to)
  return mergedKeys(keys.map((each) => [...each.keys()])).map(
    (key) => [key, keys.map((each) => each.get(key) ?? null)] as const
  )
}

function keysBetween(masters: readonly KeyedRows[], from: readonly number[], to: readonly number[]) {
  return masters.map((rows, master) => {
    const keys = new Map<string, number>()
    for (let at = from[master] ?? 0; at < (to[master] ?? 0); at++) keys.set(rows.keyText(at), at)
    return keys
  })
}

function lengthOf(rows: KeyedRows | undefined): number {
  return rows?.length ?? 0
}
