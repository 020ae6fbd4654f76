import type { DivergenceClass } from './divergence.js'

/** Statements that would run on one master. */
export interface ChangeCounts {
  readonly insert: number
  readonly update: number
  readonly delete: number
}

/** What one policy would do with the rows of one class in one table. */
export interface PolicyChoice {
  readonly database: string
  readonly table: string
  readonly class: DivergenceClass
  /** Divergent rows of this class in this table. */
  readonly rows: number
  /** As it is written after `--policy`: `newest:updated_at`. */
  readonly policy: string
  /** By master; one without an entry is not written to. */
  readonly changes: Readonly<Record<string, ChangeCounts>>
  /** Rows that this policy leaves undecided. */
  readonly manual: number
}
