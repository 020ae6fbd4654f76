import type { Costs } from './costs.js'
import type { Divergence, DivergenceClass } from './divergence.js'
import type { FailoverReport } from './failover.js'
import { inPortions } from './portions.js'
import type { RepairSummary } from './repair.js'
import type { AuditHeader, Summary, TableResult } from './report.js'
import type { TableRef } from './table.js'

/** One divergent row. */
export interface Found {
  readonly divergence: Divergence
  /** The same row as the report has it, when one is rechecked. */
  readonly reported?: Divergence
}

/** Divergent rows in key order, a few at a time: an event for each would take longer than to write it down. */
export interface FoundEvent {
  readonly type: 'divergences'
  /** At least one. */
  readonly found: readonly Found[]
}

/** So many rows are told at once, at most. */
export const FOUND_AT_ONCE = 64

/** Tells of divergent rows; no event when there are none. */
export function* foundEvents(divergences: readonly Divergence[]): Generator<FoundEvent, void> {
  for (const portion of inPortions(divergences, FOUND_AT_ONCE)) {
    yield { type: 'divergences', found: portion.map((divergence) => ({ divergence })) }
  }
}

/** What an audit finds, in order; the consumer's pace holds the audit back, so nothing piles up in memory. */
export type AuditEvent =
  | { readonly type: 'started'; readonly header: AuditHeader }
  | { readonly type: 'table-started'; readonly ref: TableRef }
  | FoundEvent
  /** More divergent rows, beyond those that are to be told in full. */
  | { readonly type: 'unlisted'; readonly classes: readonly DivergenceClass[] }
  | { readonly type: 'table-finished'; readonly result: TableResult }
  /** Only with a repair: after the last table. */
  | { readonly type: 'repaired'; readonly repair: RepairSummary }
  /** Only after a failover: last but the end. */
  | { readonly type: 'failover'; readonly failover: FailoverReport }
  /** The audit ends before its end; the error follows. */
  | { readonly type: 'broken-off'; readonly costs: Costs }
  /** `costs`: what the audit, and a repair after it, cost the masters. */
  | { readonly type: 'finished'; readonly finishedAt: Date; readonly summary: Summary; readonly costs?: Costs }

/** The divergent rows that an event tells of. */
export function rowsFoundIn(event: AuditEvent): readonly Found[] {
  return event.type === 'divergences' ? event.found : []
}

/** How far the audit is; may be dropped or coalesced without loss. */
export interface Progress {
  readonly ref: TableRef
  /** Rows read so far of this table, on the master where most were read. */
  readonly rows: number
  /** The server's estimate for the whole table; may be off by half. */
  readonly estimatedRows: number
  readonly chunks: number
  readonly mismatched: number
  /** Tables finished before this one, and tables in all. */
  readonly tablesDone: number
  readonly tables: number
}

/** One reason why an audit waits before it asks the servers for more. */
export interface WaitReason {
  /** The name of a status variable, `lag` or `pause-file`. */
  readonly kind: string
  /** The master it is about; `null` when it is about none. */
  readonly master: string | null
  /** In words, with what was seen. */
  readonly text: string
}
