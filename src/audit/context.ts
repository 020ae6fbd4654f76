import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { Hashing } from '../wire/hasher.js'
import type { Gate } from './gate.js'
import type { AuditTable } from './table-plan.js'

/** What every phase of one table's audit works with. */
export interface TableContext {
  /** The masters that answer, in the order they were named; at least two. */
  readonly masters: readonly Master[]
  readonly table: AuditTable
  readonly config: AuditConfig
  readonly hashing: Hashing
  readonly signal: AbortSignal | undefined
  /** Passed before every reading of many rows. */
  readonly gate: Gate
}
