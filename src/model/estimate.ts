import type { ServerCost } from './costs.js'
import type { MasterInfo } from './master.js'
import type { ChecksumMethod } from './report.js'
import type { TableRef } from './table.js'

/**
 * What an estimate of a table rests on: `read`, it was read to its end; `sampled`, a part of it was read, and the rest
 * reckoned by the servers' own estimate of its rows; `at least`, that estimate is below what was read, and the end was not
 * reached; `unread`, it is reckoned by its size as the servers tell it, and by the pace of the other tables.
 */
export type EstimateBasis = 'read' | 'sampled' | 'at least' | 'unread'

/** What an audit of one table would take. */
export interface TableEstimate {
  readonly ref: TableRef
  readonly basis: EstimateBasis
  /** Rows on the master that has most of them. */
  readonly rows: number
  /** Bytes of rows that each master sends. */
  readonly bytes: number
  /** `null` when nothing like it could be read. */
  readonly seconds: number | null
}

/** What is asked of one master while the audit runs. */
export interface MasterLoad {
  readonly info: MasterInfo
  /** On average. */
  readonly perSecond: ServerCost
  /** Seconds from a question to its answer. */
  readonly roundTrip: number
  /** What the connection carries when the server has nothing to do but to send. */
  readonly linkBytesPerSecond: number
}

/** What the pace depends on. */
export type Bottleneck = 'servers' | 'link' | 'client'

/** What an audit would take, as a short sample tells. Nothing was compared. */
export interface Estimate {
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly checksum: ChecksumMethod
  /** Chunks read at once on each master. */
  readonly concurrency: number
  readonly masters: readonly MasterLoad[]
  readonly bottleneck: Bottleneck
  /** Largest first. */
  readonly tables: readonly TableEstimate[]
  /** Tables that an audit could not compare, as their definitions tell. */
  readonly notComparable: readonly { readonly ref: TableRef; readonly reason: string }[]
  /** Tables that could not be sampled on every master. */
  readonly failed: readonly { readonly ref: TableRef; readonly reason: string }[]
  readonly total: EstimateTotal
}

/** All tables together. */
export interface EstimateTotal {
  readonly tables: number
  readonly rows: number
  readonly bytes: number
  /** With what is done before the first table. Tables of unknown time are left out. */
  readonly seconds: number
  /** Tables whose time is unknown. */
  readonly unknown: number
}
