type Interval = readonly [first: bigint, last: bigint]
type Intervals = readonly Interval[]

/**
 * Transactions by their GTIDs: for each source the numbers, as intervals with both ends, in order and apart. A source of MySQL
 * is a uuid, or `uuid:tag`; one of MariaDB is `domain-server`.
 */
export type GtidSet = ReadonlyMap<string, Intervals>

/** No transaction. */
export const NO_GTIDS: GtidSet = new Map()

/** Reads a GTID set of MySQL. A tag stands between the uuid and the numbers that it is for. */
export function parseGtidSet(set: string): GtidSet {
  const found: (readonly [source: string, interval: Interval])[] = []
  for (const entry of set.replaceAll(/\s/g, '').toLowerCase().split(',')) {
    const [uuid = '', ...parts] = entry.split(':')
    let source = uuid
    for (const part of parts) {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
      if (first === undefined || last === undefined) source = `${uuid}:${part}`
      else found.push([source, [BigInt(first), BigInt(last)]])
    }
  }
  return gtidSet(found)
}

/** A set of intervals in any order, which may overlap. */
export function gtidSet(intervals: Iterable<readonly [source: string, interval: Interval]>): GtidSet {
  const found = new Map<string, Interval[]>()
  for (const [source, interval] of intervals) {
    const known = found.get(source)
    if (known === undefined) found.set(source, [interval])
    else known.push(interval)
  }
  return new Map([...found].map(([source, own]) => [source, joined(own)]))
}

/** The set as MySQL prints it: `uuid:1-3:5,uuid:tag:7`. */
export function gtidSetText(set: GtidSet): string {
  return [...set].map(([source, intervals]) => `${source}:${intervals.map(intervalText).join(':')}`).join(',')
}

/** What is in either set. */
export function uniteGtids(left: GtidSet, right: GtidSet): GtidSet {
  return gtidSet([...intervalsOf(left), ...intervalsOf(right)])
}

/** What is in `left` and not in `right`. What `GTID_SUBTRACT()` of MySQL does. */
export function withoutGtids(left: GtidSet, right: GtidSet): GtidSet {
  const rest = [...left].map(([source, own]) => [source, subtract(own, right.get(source) ?? [])] as const)
  return new Map(rest.filter(([, own]) => own.length > 0))
}

/** What is in both sets. */
export function commonGtids(left: GtidSet, right: GtidSet): GtidSet {
  return withoutGtids(left, withoutGtids(left, right))
}

/** The transactions of some sources only. */
export function gtidsFrom(set: GtidSet, isWanted: (source: string) => boolean): GtidSet {
  return new Map([...set].filter(([source]) => isWanted(source)))
}

/** Whether a transaction, as its server prints it, is in the set. */
export function hasGtid(set: GtidSet, gtid: string): boolean {
  const { source, number } = splitGtid(gtid)
  return set.get(source)?.some(([first, last]) => first <= number && number <= last) ?? false
}

/** How many numbers are in the set. */
export function countGtids(set: GtidSet): bigint {
  return intervalsOf(set).reduce((sum, [, [first, last]]) => sum + last - first + 1n, 0n)
}

/** `uuid:5` is number 5 of `uuid`, and `0-1-5` is number 5 of `0-1`. */
export function splitGtid(gtid: string): { readonly source: string; readonly number: bigint } {
  const at = gtid.lastIndexOf(gtid.includes(':') ? ':' : '-')
  return { source: gtid.slice(0, at).toLowerCase(), number: BigInt(gtid.slice(at + 1)) }
}

/** {@link withoutGtids} of two sets as MySQL prints them. */
export function subtractGtids(left: string, right: string): string {
  return gtidSetText(withoutGtids(parseGtidSet(left), parseGtidSet(right)))
}

/** Every single GTID of a set as MySQL prints it, the first `most` of them. */
export function gtidsOf(set: string, most: number): readonly string[] {
  const found: string[] = []
  for (const [source, [first, last]] of intervalsOf(parseGtidSet(set))) {
    for (let number = first; number <= last; number++) {
      if (found.length === most) return found
      found.push(`${source}:${number}`)
    }
  }
  return found
}

function intervalsOf(set: GtidSet): readonly (readonly [source: string, interval: Interval])[] {
  return [...set].flatMap(([source, intervals]) => intervals.map((interval) => [source, interval] as const))
}

function joined(intervals: readonly Interval[]): Intervals {
  const done: Interval[] = []
  for (const [first, last] of intervals.toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    const before = done.at(-1)
    if (before === undefined || before[1] + 1n < first) done.push([first, last])
    else if (last > before[1]) done[done.length - 1] = [before[0], last]
  }
  return done
}

function subtract(from: Intervals, taken: Intervals): Intervals {
  return taken.reduce<Intervals>(
    (left, [first, last]) =>
      left.flatMap(([low, high]): Intervals => {
        if (last < low || first > high) return [[low, high]]
        return [
          ...(low < first ? [[low, first - 1n] as const] : []),
          ...(last < high ? [[last + 1n, high] as const] : [])
        ]
      }),
    from
  )
}

function intervalText([first, last]: Interval): string {
  return first === last ? `${first}` : `${first}-${last}`
}
