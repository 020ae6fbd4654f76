import type { Divergence, DivergenceClass } from './divergence.js'
import type { Key } from './range.js'
import type { AuditHeader, TableResult } from './report.js'
import type { TableRef } from './table.js'

/** What was counted of a table up to a key, in values that JSON keeps. Lists are in the order of `masters`. */
export interface TallySnapshot {
  readonly masters: readonly string[]
  readonly rows: readonly number[]
  readonly bytes: readonly number[]
  /** Scaled integers as text, for each master one for each summed column. */
  readonly sums: readonly (readonly string[])[]
  readonly chunks: number
  readonly mismatched: number
  readonly rowsRead: number
  readonly unsettled: number
  readonly classes: Readonly<Record<DivergenceClass, number>>
  /** What stood in the way of settling rows, in words. */
  readonly obstacles: readonly string[]
}

/** What an earlier run found of a table. */
export type EarlierTable =
  | { readonly kind: 'finished'; readonly result: TableResult; divergences(): AsyncIterable<Divergence> }
  /** Every row whose key comes before `upTo` was compared, and only those are counted. */
  | {
      readonly kind: 'begun'
      readonly upTo: Key
      readonly tally: TallySnapshot
      divergences(): AsyncIterable<Divergence>
    }

/**
 * Where an audit writes down how far it came, to go on from there another time. Calls come one after the other, each
 * awaited. Only `begin` rejects: progress that cannot be saved must not end the audit.
 */
export interface Checkpoint {
  /**
   * First, once. Returns the header to report: that of the earlier run where there was one.
   * @param servers by the name of the master, what tells its server from every other.
   * @throws MmauditError `usage` when the earlier run compared other servers.
   */
  begin(header: AuditHeader, servers: Readonly<Record<string, string>>): Promise<AuditHeader>
  /** What an earlier run found of a table that still has this shape; `null` when nothing of use. */
  earlier(ref: TableRef, shape: string): EarlierTable | null
  /**
   * What follows belongs to this table.
   * @param goesOn whether it adds to what an earlier run found of the table, or takes its place.
   */
  table(ref: TableRef, shape: string, goesOn: boolean): Promise<void>
  /** May be none. */
  divergences(divergences: readonly Divergence[]): Promise<void>
  /** Every row below `upTo` has been compared, and what differs there told. */
  reached(upTo: Key, tally: TallySnapshot): Promise<void>
  finished(result: TableResult): Promise<void>
}

/** Remembers nothing. */
export const NO_CHECKPOINT: Checkpoint = {
  begin: (header) => Promise.resolve(header),
  earlier: () => null,
  table: () => Promise.resolve(),
  divergences: () => Promise.resolve(),
  reached: () => Promise.resolve(),
  finished: () => Promise.resolve()
}
