import { FIRST, type SimulatedWorld } from './simulated-binlogs.js'
import type { Change, Version } from './simulated-master.js'

/** What really happened to one key of a simulated world. */
export class TrueHistory {
  readonly changes: ReadonlyMap<string, Change>
  /** What each master holds. */
  readonly held: readonly (Version | null)[]
  readonly #world: SimulatedWorld
  readonly #key: number
  readonly #knew: ReadonlyMap<string, ReadonlySet<string>>
  readonly #mayRest: ReadonlyMap<string, ReadonlySet<string>>

  constructor(world: SimulatedWorld, key: number) {
    this.#world = world
    this.#key = key
    this.changes = world.changes.get(key) ?? new Map()
    this.held = world.masters.map(({ rows }) => rows.get(key) ?? null)
    const all = [...this.changes.values()].filter(({ id }) => !this.isNothing(id))
    const knew = (earlier: Change, later: Change) => later.known.has(earlier.id)
    this.#knew = closure(all, knew)
    this.#mayRest = closure(all, (earlier, later) => knew(earlier, later) || this.#isOnTop(earlier, later))
  }

  /** Whether a transaction left the row as it was, on its own master; then it is no news of it. */
  isNothing(id: string): boolean {
    const change = this.changes.get(id)
    return change?.before?.value === change?.after?.value
  }

  /** Whether a change was made on a server that had the other one, or had it from one that had. */
  knew(earlier: string, later: string): boolean {
    return this.#knew.get(later)?.has(earlier) === true
  }

  /** Likewise; or it found the row as the other one left it, so that nothing of that is lost with it. */
  restsOn(earlier: string, later: string): boolean {
    return this.#mayRest.get(later)?.has(earlier) === true
  }

  had(master: number, id: string): boolean {
    return this.#world.masters[master]?.had(this.#key).has(id) === true
  }

  /** The change by which a row went that a master had; `undefined` where it never had one. */
  removedOn(master: number): string | undefined {
    return this.#world.masters[master]?.removed.get(this.#key)
  }

  /** The insert that a change goes back to. */
  lineageOf(id: string): string {
    const change = this.changes.get(id)
    return (change?.after ?? change?.before)?.lineage ?? ''
  }

  /** Whether two rows were inserted independently of each other. */
  areApart(left: string, right: string): boolean {
    const isInsert = (id: string) => id !== FIRST && !id.startsWith('x')
    return left !== right && isInsert(left) && isInsert(right) && !this.knew(left, right) && !this.knew(right, left)
  }

  /** The versions that one was made from, itself first, as far as they were one row: by those who wrote them. */
  ancestors(version: Version | null): readonly string[] {
    if (version === null) return []
    const before = this.changes.get(version.writer)?.before ?? null
    return [version.writer, ...(before?.writer === version.writer ? [] : this.ancestors(before))]
  }

  #isOnTop(earlier: Change, later: Change): boolean {
    if (earlier === later || earlier.known.has(later.id)) return false
    if (later.before === null) return earlier.after === null && !later.writerLogs
    return earlier.after?.value === later.before.value
  }
}

/** For each change all those that lead to it. */
function closure(
  all: readonly Change[],
  leads: (earlier: Change, later: Change) => boolean
): ReadonlyMap<string, ReadonlySet<string>> {
  const reached = new Map(
    all.map((later) => [later.id, new Set(all.filter((earlier) => leads(earlier, later)).map(({ id }) => id))])
  )
  for (const { id: via } of all) {
    for (const set of reached.values()) if (set.has(via)) for (const id of reached.get(via) ?? []) set.add(id)
  }
  return reached
}
