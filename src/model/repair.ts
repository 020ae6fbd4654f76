import type { DecisionStatus, DivergenceClass } from './divergence.js'
import type { Column, TableRef } from './table.js'

/** Who wins where masters do not agree; see docs/reference/policies.md. */
export type Policy =
  | { readonly name: 'prefer'; readonly master: string }
  | { readonly name: 'newest' | 'oldest' | 'greatest' | 'least'; readonly column: string }
  /** `keep`: the master whose row keeps the key where no lane says it; `null` when that was not said. */
  | { readonly name: 'rekey'; readonly keep: string | null }
  | { readonly name: SimplePolicy }

/** Policies that say everything by their name. */
export type SimplePolicy = 'union' | 'majority' | 'coalesce' | 'lane-owner' | 'evidence' | 'origin' | 'merge' | 'manual'

/** The policy as it is written: `newest:updated_at`. */
export function policyText(policy: Policy): string {
  switch (policy.name) {
    case 'prefer':
      return `prefer:${policy.master}`
    case 'newest':
    case 'oldest':
    case 'greatest':
    case 'least':
      return `${policy.name}:${policy.column}`
    case 'rekey':
      return policy.keep === null ? 'rekey' : `rekey:${policy.keep}`
    default:
      return policy.name
  }
}

/** One rule of a repair. The first that matches a divergence decides it. */
export interface RepairRule {
  /** How reports call it: `rule 2`, `--policy conflict=newest:updated_at`. */
  readonly name: string
  /** Globs over `db.table`; `null` for every table. */
  readonly tables: readonly string[] | null
  /** `null` for every class. */
  readonly classes: readonly DivergenceClass[] | null
  /** Matches only when no other columns than these differ; `null` for any. */
  readonly columns: readonly string[] | null
  /**
   * A condition in SQL over the versions of the row, judged by a server: every master is a table alias, and the columns of
   * one that lacks the row are NULL. `a.status = 'PAID' AND b.status <> 'PAID'`. `null` for always.
   */
  readonly when: string | null
  readonly policy: Policy
}

/** What the user says of one row by hand, in the `winner` column of an edited CSV report. */
export type Override = { readonly winner: string } | 'delete' | 'skip'

/** How much a plan may change before it is refused as a whole. */
export interface RepairLimits {
  /** Row changes in all, over all masters. */
  readonly maxRows: number
  /** Rows deleted in all; `null` sets no limit of its own. */
  readonly maxDeletes: number | null
  /** Per cent of the rows of one table on one master that may change. */
  readonly maxPercent: number
  /** Go on although a master looks emptied. */
  readonly allowEmptied: boolean
}

/** Everything a repair needs to know beside the masters. */
export interface RepairConfig {
  readonly rules: readonly RepairRule[]
  readonly limits: RepairLimits
  /** Log the writes, for accounts that cannot set `sql_log_bin`; refused where they could travel to another master. */
  readonly viaReplication: boolean
  /** Write to tables with triggers; a row that reads back otherwise than wanted is rolled back. */
  readonly allowTriggers: boolean
  /** Write to a master that is `read_only`. */
  readonly allowReadOnly: boolean
  /** References that no foreign key declares: followed where rows get new keys. */
  readonly references: readonly SoftReference[]
}

/** Rows of `from` point by `columns` to rows of `to` with the same values in `key`, although no foreign key says so. */
export interface SoftReference {
  readonly from: TableRef
  readonly columns: readonly string[]
  readonly to: TableRef
  readonly key: readonly string[]
}

/**
 * A row as SQL literals by column name, without generated columns. A literal is canonical for its column: equal literals
 * are equal values down to the last byte, and writing it stores that value under any `sql_mode` and character set.
 */
export type RowImage = Readonly<Record<string, string>>

/** A column as a repair of one master reads and writes it. */
export interface WritableColumn {
  /** As this master spells it. */
  readonly name: string
  /** What is read, as SQL: the form that is alike on all masters. */
  readonly expression: string
  /** The column in that form; literals of an image are literals of it. */
  readonly form: Column
  /** False for columns that the audit was told to ignore: they are carried along with new rows and otherwise left alone. */
  readonly compared: boolean
  /** An UPDATE that does not name it would set it to the current time. */
  readonly onUpdateNow: boolean
}

/** A table as a repair of one master sees it. Images name columns as `columns[].form.name`, the same on all masters. */
export interface WritableTable {
  /** As this master spells it. */
  readonly ref: TableRef
  /** Every column that can be written, in table order. */
  readonly columns: readonly WritableColumn[]
  /** Names (as in images) of the columns of the key that names rows on all masters. */
  readonly key: readonly string[]
  /** Columns that not every master has, and that an UPDATE which does not name them would set to the current time. */
  readonly moving: readonly string[]
}

/** One row on one master, to be brought from one state to another. `null` is no row. */
export interface RowChange {
  /** Counted from 1 through the whole plan, in the order of writing on its master. */
  readonly id: number
  readonly master: string
  readonly table: WritableTable
  readonly before: RowImage | null
  readonly after: RowImage | null
  /** Why, for the comment before the statement: class, rule, winner. */
  readonly why: string
  /** Changes with the same one are all made or none is: a collision, named as people do, with all that points to it. */
  readonly family?: string
  /** Queries for rows that would point to another row after this change: each must find none when it is made. */
  readonly guards?: readonly string[]
}

/** One statement of a script. A row is parked first when another row has to give up a unique value that it needs in turn. */
export interface Step {
  readonly kind: 'write' | 'park'
  readonly change: RowChange
  /** The state of the row that this step leaves behind; that of the change, except for a parked row. */
  readonly before: RowImage | null
  readonly after: RowImage | null
  /** Ids of changes that must have been made before this one can be. */
  readonly needs: readonly number[]
  /** Queries for rows that point to this one: each must find none, for the server would take them along, unlogged. */
  readonly children: readonly string[]
}

/** What a policy makes of one divergence. */
export interface Ruling {
  /** The rule that decided; `null` when none matched. */
  readonly rule: string | null
  /** `manual` when no rule matched. */
  readonly policy: string
  /** Why, in words: `updated_at is latest on a`. */
  readonly because: string
  /** The master whose version wins; `null` where nobody does, or where the row is merged from several. */
  readonly winner: string | null
  readonly wanted: Wanted
}

/** What a row shall be on every master. */
export type Wanted =
  /** As this master has it. */
  | { readonly kind: 'version'; readonly master: string }
  /** Each column as the named master has it. */
  | { readonly kind: 'merged'; readonly from: Readonly<Record<string, string>> }
  /** On no master. */
  | { readonly kind: 'absent' }
  /** Both rows live, the one of `keeper` under this key. `null`: nothing tells which, so its family is left alone. */
  | { readonly kind: 'rekeyed'; readonly keeper: string | null }
  /** As the family of a collision needs it; `moves`: under another key. */
  | { readonly kind: 'family'; readonly moves: boolean }
  /** Nothing is decided. */
  | { readonly kind: 'manual' }

/** Everything that will be written on one master, in order. */
export interface MasterScript {
  readonly master: string
  /** Statements that make the session fit to write, in order; the first keeps the writes out of the binlog. */
  readonly settings: readonly string[]
  readonly steps: readonly Step[]
  /** Servers below this master that will not see local writes, as `host:port (server id 7)`. */
  readonly replicas: readonly Replica[]
}

/** A server that replicates from a master and takes no part in the audit. */
export interface Replica {
  readonly serverId: number
  /** Empty when it does not tell. */
  readonly host: string
  readonly port: number
}

/** What became of one change. */
export type ChangeOutcome =
  | { readonly status: 'applied' }
  | { readonly status: 'stale' | 'refused'; readonly reason: string }
  /** `busy`: others use just this row all the time; its table can be gone on with. */
  | { readonly status: 'failed'; readonly reason: string; readonly busy?: boolean }

/** The bottom line of a repair. */
export interface RepairSummary {
  readonly runId: string
  /** True when nothing was written. */
  readonly dryRun: boolean
  /** Where the journal is; `null` for a dry run and when there was nothing to write. */
  readonly journal: string | null
  /** Divergent rows by what became of them. */
  readonly rows: Readonly<Record<DecisionStatus, number>>
  /** Row changes planned (dry run) or made, by master. */
  readonly changes: Readonly<Record<string, number>>
  /** Why the plan as a whole was not carried out; `null` when it was. */
  readonly stopped: string | null
  readonly warnings: readonly string[]
}
