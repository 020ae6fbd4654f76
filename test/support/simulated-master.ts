/** A row at one time. */
export interface Version {
  readonly value: number
  /** The transaction that made it; `first` for rows of the start, `x…` for those that were tampered with. */
  readonly writer: string
  /** The transaction that inserted the row which this is a version of. */
  readonly lineage: string
}

/** One row as a transaction found and left it; its key changes when both are there and differ. */
export interface LoggedRow {
  readonly before: KeyedVersion | null
  readonly after: KeyedVersion | null
}

type KeyedVersion = Version & { readonly key: number }

/** A transaction, as its own master made it. */
export interface Transaction {
  readonly id: string
  readonly origin: number
  /** Among those of its master, from 1. */
  readonly number: number
  readonly time: number
}

/** A transaction in the binlog of one master, with the rows that it changed there. */
export interface Logged {
  readonly transaction: Transaction
  readonly rows: readonly LoggedRow[]
  readonly time: number
}

/** What a transaction made of one key on its own master. */
export interface Change {
  readonly id: string
  readonly before: Version | null
  readonly after: Version | null
  /** The changes of the key that its master had applied before. */
  readonly known: ReadonlySet<string>
  readonly writerLogs: boolean
}

/** One simulated server. */
export class SimulatedMaster {
  readonly rows = new Map<number, Version>()
  readonly binlog: Logged[] = []
  /** Transactions whose change of a key was carried out here, by key. */
  readonly applied = new Map<number, Set<string>>()
  /** By what a row went that is not here any more, by key. */
  readonly removed = new Map<number, string>()
  readonly arrived = new Set<string>()
  readonly numbers = new Map<number, number>()

  had(key: number): ReadonlySet<string> {
    return this.applied.get(key) ?? new Set()
  }
}

/** A row that one transaction deletes and inserts again, as REPLACE may, is the row that it was. */
export function asOneChange(row: LoggedRow, found: ReadonlyMap<number, Version>, { rows }: SimulatedMaster): LoggedRow {
  const { after } = row
  const before = after === null ? undefined : found.get(after.key)
  if (after === null || before === undefined) return row
  const { lineage } = before
  const left = rows.get(after.key)
  if (left !== undefined) rows.set(after.key, { ...left, lineage })
  return { ...row, after: { ...after, lineage } }
}

/** Carries a logged row out, as an applier finds rows: by key alone. `null` where it does not fit. */
export function applyRow(
  rows: Map<number, Version>,
  { before, after }: LoggedRow,
  idempotent: boolean
): LoggedRow | null {
  const at = before?.key ?? after?.key ?? 0
  const here = rows.get(at)
  const own = here === undefined ? null : { ...here, key: at }
  if (before === null ? own !== null && !idempotent : own === null) return null
  const moves = before !== null && after !== null && after.key !== before.key
  if (moves && rows.has(after.key)) return null
  rows.delete(at)
  if (after !== null) rows.set(after.key, { value: after.value, writer: after.writer, lineage: after.lineage })
  return { before: own, after }
}

/** That a transaction was carried out on a key. */
export function note({ applied, rows, removed }: SimulatedMaster, key: number, id: string): void {
  if (!rows.has(key)) removed.set(key, id)
  const known = applied.get(key) ?? new Set()
  applied.set(key, known.add(id))
}

/** The keys that rows had before or after. */
export function keysOf(rows: readonly LoggedRow[]): ReadonlySet<number> {
  return new Set(rows.flatMap(({ before, after }) => [before?.key ?? [], after?.key ?? []].flat()))
}
