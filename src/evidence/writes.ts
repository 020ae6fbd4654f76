import { type Entry, isWhole, type MasterHistory, type RowHistory, sameImage } from './history.js'

/** One change of the row, wherever it was logged. */
export interface Write {
  readonly id: string
  /** The master that made it; `null` when none of those that were read did, or its binlog no longer has it. */
  readonly origin: MasterHistory | null
  /** As its origin logged it, or else as it was first found. */
  readonly entry: Entry
}

/** The changes of a row, and which of them were made in knowledge of which others. */
export interface Writes {
  readonly all: readonly Write[]
  /** Whether `later` was made by a server that had applied `earlier`, or a row like the one it left. */
  precedes(earlier: Write, later: Write): boolean
  /** Whether images speak for that, though others may speak against it. */
  mayPrecede(earlier: Write, later: Write): boolean
}

/**
 * Puts the changes of a row in the order in which they can have known of each other.
 *
 * A server logs its own changes behind all that it had applied: so everything before a local entry was known to it. The
 * changes of one server keep their order on every other. And a change whose before-image is the row that another one left
 * was made on top of that, or on top of its like, which for the row is the same; this is what tells the order where applied
 * changes are not logged. Where what a server had done itself explains the row that it found, that speaks less for others.
 */
export function orderWrites(history: RowHistory): Writes {
  const all = distinctWrites(history)
  const logged = loggedEdges(history, all)
  const related = valueEdges(history, all)
  const likely = related.filter(([from, to]) => !mayHaveHad(all[from], all[to]))
  const needed = likely.filter(([, to]) => isUnexplained(all[to], history.columns))
  const known = withConsistent(all.length, logged, needed)
  const others = likely.filter(([from]) => all[from]?.origin != null)
  const reaches = reachability(all.length, withConsistent(all.length, known, others))
  const mayReach = reachability(all.length, [...logged, ...related])
  return {
    all,
    precedes: (earlier, later) => reaches(all.indexOf(earlier), all.indexOf(later)),
    mayPrecede: (earlier, later) => mayReach(all.indexOf(earlier), all.indexOf(later))
  }
}

/** Whether a change found another row than its own master's binlog has before it. That there is none needs no reason. */
function isUnexplained(write: Write | undefined, columns: readonly string[]): boolean {
  if (write === undefined) return false
  const previous = previousEntry(write)?.after ?? null
  return !sameImage(previous, write.entry.before, columns)
}

/** Whether one change may stand before another in that part of the other's binlog that was not read, if it is kept there. */
function mayHaveHad(later: Write | undefined, earlier: Write | undefined): boolean {
  return earlier !== undefined && later?.origin?.logsApplied === true && later.origin.mayHaveHad(earlier.entry)
}

/** Adds edges of a weaker kind, but for those that contradict what is known, or each other: where values come again, they do. */
function withConsistent(size: number, known: readonly Edge[], weaker: readonly Edge[]): readonly Edge[] {
  const knownly = reachability(size, known)
  const likely = weaker.filter(([from, to]) => !knownly(to, from))
  const anyhow = reachability(size, [...known, ...likely])
  return [...known, ...likely.filter(([from, to]) => !anyhow(to, from))]
}

function distinctWrites({ masters }: RowHistory): readonly Write[] {
  const found = new Map<string, Write>()
  for (const master of masters) {
    for (const entry of master.log) {
      const local = entry.serverId === master.serverId
      if (!found.has(entry.write) || local) {
        found.set(entry.write, { id: entry.write, origin: local ? master : null, entry })
      }
    }
  }
  return [...found.values()]
}

type Edge = readonly [from: number, to: number]

function loggedEdges({ masters }: RowHistory, all: readonly Write[]): readonly Edge[] {
  const place = new Map(all.map((write, at) => [write.id, at]))
  return masters.flatMap(({ log, serverId }) =>
    log.flatMap((later, at) =>
      log
        .slice(0, at)
        .filter((earlier) => later.serverId === serverId || later.serverId === earlier.serverId)
        .map((earlier): Edge => [place.get(earlier.write) ?? 0, place.get(later.write) ?? 0])
    )
  )
}

function valueEdges({ columns }: RowHistory, all: readonly Write[]): readonly Edge[] {
  return all.flatMap((later, to) => {
    const { before } = later.entry
    // What another server had before it applied a change says nothing of what its writer had.
    if (later.origin === null || !isWhole(before, columns)) return []
    // Its log tells who had deleted the row before.
    if (before === null && later.origin.logsApplied) return []
    return all.flatMap((earlier, from): Edge[] =>
      sameImage(earlier.entry.after, before, columns) && !isLoggedBehind(earlier, later) ? [[from, to]] : []
    )
  })
}

/** Whether the master that made a change had another one only after it. Of what changed nothing there, there is no log. */
function isLoggedBehind(earlier: Write, { id, origin }: Write): boolean {
  const log = origin?.log.map(({ write }) => write) ?? []
  return log.indexOf(earlier.id) >= log.indexOf(id)
}

/** What stands before a change in the binlog of its own master; `null` where nothing does, or nothing was read. */
export function previousEntry({ id, origin }: Write): Entry | null {
  const at = origin?.log.findIndex(({ write }) => write === id) ?? -1
  return origin?.log[at - 1] ?? null
}

/** Whether one place can be reached from another along the edges. */
function reachability(size: number, edges: readonly Edge[]): (from: number, to: number) => boolean {
  const reached = Array.from({ length: size }, () => new Uint8Array(size))
  for (const [from, to] of edges) (reached[from] ?? [])[to] = 1
  for (let via = 0; via < size; via++) {
    for (const row of reached) {
      if (row[via] !== 1) continue
      for (let to = 0; to < size; to++) if (reached[via]?.[to] === 1) row[to] = 1
    }
  }
  return (from, to) => reached[from]?.[to] === 1
}
