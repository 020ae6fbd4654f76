import type { MasterInfo } from './master.js'

export type TableStatus = 'consistent' | 'divergent' | 'skipped' | 'failed'

/** How the rows of a range are summarised: hashed here, or on the servers. */
export type ChecksumMethod = 'xxhash' | 'pushdown'

/** In what two definitions of a table can differ. */
export type SchemaAspect =
  | 'column'
  | 'type'
  | 'nullability'
  | 'charset'
  | 'collation'
  | 'generated'
  | 'order'
  | 'index'
  | 'engine'
  | 'auto-increment'

/** One difference between the definitions of a table. */
export interface SchemaDifference {
  readonly aspect: SchemaAspect
  /** The column or index; `null` when it is the table as a whole. */
  readonly name: string | null
  /** What each master says, in words; `null` where there is no such thing. */
  readonly masters: Readonly<Record<string, string | null>>
}

/** The outcome of one table. */
export interface TableResult {
  readonly database: string
  readonly table: string
  readonly status: TableStatus
  /** Why a table was skipped or failed, or what to know about the result; `null` when there is nothing to say. */
  readonly reason: string | null
  readonly key: readonly string[]
  /** Where the definitions of the table differ between masters; empty when they are alike. */
  readonly drift: readonly SchemaDifference[]
  readonly chunks: { readonly total: number; readonly mismatched: number }
  /** Row count by master; a master that could not be read is absent. */
  readonly rows: Readonly<Record<string, number>>
  /** Sums of the exact numeric columns, by column and master, as decimal text. */
  readonly sums: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly missing: number
  readonly conflict: number
  readonly collision: number
  /** Rows that kept changing and could not be settled in the time allowed. */
  readonly unsettled: number
  /** Of the divergent rows, those that were only counted; absent when there are none. */
  readonly unlisted?: number
}

/** The report of which only the rows were read again. */
interface Rechecked {
  /** As people call it. */
  readonly report: string
  /** How many rows it names. */
  readonly rows: number
}

/** Said once, before any table. */
export interface AuditHeader {
  readonly startedAt: Date
  readonly checksum: ChecksumMethod
  readonly masters: readonly MasterInfo[]
  /** How many tables will be audited. */
  readonly tables: number
  /** What a reader must know to judge the result: links that are down, masters that do not replicate to each other, … */
  readonly notes: readonly string[]
  /** Absent for an audit of whole tables. */
  readonly rechecked?: Rechecked
}

/** The bottom line. */
export interface Summary {
  /** Every table that was compared agrees. */
  readonly consistent: boolean
  /** Every table was compared on every master, and every row settled. */
  readonly complete: boolean
  readonly tables: number
  readonly divergent: number
  readonly skipped: number
  readonly failed: number
  readonly missing: number
  readonly conflict: number
  readonly collision: number
  readonly unsettled: number
  /** Of the divergent rows, those that were only counted. */
  readonly unlisted: number
}
