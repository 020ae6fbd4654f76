import type { Evidence } from './evidence.js'
import type { RowValues } from './value.js'

export type DivergenceClass = 'missing' | 'conflict' | 'collision'

export type DecisionStatus = 'planned' | 'applied' | 'stale' | 'refused' | 'failed' | 'manual'

/** What a repair policy makes of a divergence. */
export interface Decision {
  readonly policy: string
  /** The master whose version wins, or `null` where nobody does. */
  readonly winner: string | null
  readonly action: 'insert' | 'update' | 'delete' | 'rekey' | 'none'
  readonly status: DecisionStatus
  /** The rule that decided, as reports call it: `rule 2`; `null` when none matched. */
  readonly rule: string | null
  /** Why this winner and this status, in words. */
  readonly reason: string
}

/** One logical row that the masters do not agree on, confirmed. */
export interface Divergence {
  readonly database: string
  readonly table: string
  readonly key: RowValues
  readonly class: DivergenceClass
  /** The evidence that put it in its class, in words. */
  readonly reason: string
  /** The columns that differ between the versions; empty for `missing`. */
  readonly columns: readonly string[]
  /** The row on each master that was read, `null` where it was looked for and is not there. */
  readonly rows: Readonly<Record<string, RowValues | null>>
  /** `null` without a repair. */
  readonly decision: Decision | null
  /** What the binlogs tell; `null` when they were not asked. */
  readonly evidence: Evidence | null
}
