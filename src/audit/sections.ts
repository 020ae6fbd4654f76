import { addDigests, allSame, type Digest } from '../model/chunk.js'
import type { Key, KeyRange } from '../model/range.js'

/** Neighbouring rows of one master, from one cut to the next; see `RowLoop`. */
export interface Section {
  /** The bytes of the key it begins with; `null` for the first of a range, which begins where the range does. */
  readonly cut: string | null
  readonly digest: Digest
}

/** A range and what each master was seen to hold in it, in the order of the masters. */
export interface Part {
  readonly range: KeyRange
  readonly digests: readonly Digest[]
}

/** A range as the masters divide it alike: `cut` as in {@link Section}, one digest for each master. */
interface Shared {
  readonly cut: string | null
  readonly digests: readonly Digest[]
}

/** Rows of differing sections that are read again in one statement: many round trips fewer where all of a range differs. */
const LEAF_ROWS = 16_384
/** The rows of such a part are kept while they are compared. */
const LEAF_BYTES = 1024 * 1024

/**
 * Divides a range by the sections that its masters were read in, with no further reading: yields parts that together are
 * the same range, in key order, and of which those that do not agree are small, unless a single section is large.
 *
 * @param sections of each master, in key order; none is empty.
 * @param keyOf the key that a cut stands for.
 */
export function divide(
  range: KeyRange,
  sections: readonly (readonly Section[])[],
  keyOf: (cut: string) => Key
): readonly Part[] {
  const groups: Shared[] = []
  for (const shared of sharedSections(sections)) {
    const last = groups.at(-1)
    const together = last === undefined ? null : last.digests.map((digest, at) => joined(digest, shared.digests[at]))
    if (last !== undefined && together !== null && belongTogether(last, shared, together)) {
      groups[groups.length - 1] = { cut: last.cut, digests: together }
    } else groups.push(shared)
  }
  return groups.map(({ cut, digests }, at) => {
    const next = groups[at + 1]?.cut ?? null
    return {
      range: {
        lower: cut === null ? range.lower : keyOf(cut),
        upper: next === null ? range.upper : keyOf(next)
      },
      digests
    }
  })
}

function belongTogether(left: Shared, right: Shared, both: readonly Digest[]): boolean {
  // The first section of a range that begins with a cut is empty.
  if (left.digests.every(({ rows }) => rows === 0)) return true
  if (allSame(left.digests) !== allSame(right.digests)) return false
  return allSame(left.digests) || both.every(({ rows, bytes }) => rows <= LEAF_ROWS && bytes <= LEAF_BYTES)
}

/**
 * Sections from one cut that all masters have to the next such cut. Where the masters have their cuts in different orders,
 * as with different collations, there are no such cuts.
 */
function sharedSections(sections: readonly (readonly Section[])[]): readonly Shared[] {
  const cuts = sharedCuts(sections)
  const at = sections.map(() => 0)
  return [null, ...cuts].map((cut, index) => {
    const next = cuts[index]
    const digests = sections.map((list, master) => {
      const from = at[master] ?? 0
      let to = from + 1
      while (to < list.length && (next === undefined || list[to]?.cut !== next)) to++
      at[master] = to
      return list
        .slice(from, to)
        .map((section) => section.digest)
        .reduce(addDigests)
    })
    return { cut, digests }
  })
}

function sharedCuts(sections: readonly (readonly Section[])[]): readonly string[] {
  const [first = [], ...others] = sections.map((list) => list.flatMap(({ cut }) => (cut === null ? [] : [cut])))
  const sets = others.map((cuts) => new Set(cuts))
  const shared = first.filter((cut) => sets.every((set) => set.has(cut)))
  const inShared = new Set(shared)
  const ordered = others.every((cuts) => {
    const kept = cuts.filter((cut) => inShared.has(cut))
    return kept.every((cut, at) => cut === shared[at])
  })
  return ordered ? shared : []
}

function joined(left: Digest, right: Digest | undefined): Digest {
  return right === undefined ? left : addDigests(left, right)
}
