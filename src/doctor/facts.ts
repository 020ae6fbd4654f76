import type { Capabilities } from '../masters/capabilities.js'
import type { ChannelFacts } from '../masters/channel-facts.js'
import type { Grants } from '../masters/grants.js'
import type { TableFacts } from '../masters/table-facts.js'
import type { MasterInfo } from '../model/master.js'
import type { Replica } from '../model/repair.js'
import type { TableSchema } from '../model/table.js'
import type { ClockReading } from '../repair/decide/clocks.js'

/** Something that was read, or why it could not be. */
export type Reading<Value> = { readonly value: Value } | { readonly problem: string }

/** What was read of one master, at one time. Each part may be hidden from the account. */
export interface MasterFacts {
  readonly info: MasterInfo
  /** The same for two names of one server: see `Master.identity`. */
  readonly identity: string
  readonly capabilities: Capabilities
  /** The account that looked, for hints. */
  readonly user: string
  /** Global variables by name. */
  readonly variables: ReadonlyMap<string, string>
  readonly parts: MasterParts
}

/** The parts that may be unreadable. */
export interface MasterParts {
  readonly channels: Reading<readonly ChannelFacts[]>
  /** Servers that replicate from this one now, other audited masters too. */
  readonly followers: Reading<readonly Replica[]>
  readonly binlog: Reading<BinlogFacts>
  readonly gtids: Reading<GtidFacts>
  readonly clock: Reading<ClockReading>
  readonly grants: Reading<Grants>
  readonly cluster: Reading<ClusterFacts | null>
  readonly tables: Reading<readonly ExaminedTable[]>
}

/** What a server leaves out of its binlog; names with commas between, empty for none. */
export interface BinlogFacts {
  readonly doDb: string
  readonly ignoreDb: string
}

/** The transactions that a server has, in the words of its vendor; empty where it does not number them. */
export interface GtidFacts {
  /** MySQL: `gtid_executed`. MariaDB: `gtid_binlog_state`. */
  readonly own: string
  /** MySQL: `gtid_purged`, those of them that it cannot send any more. */
  readonly purged: string
  /** MariaDB: `gtid_slave_pos`. */
  readonly applied: string
}

/** The cluster that a server is a part of. */
export interface ClusterFacts {
  readonly kind: 'galera' | 'group-replication'
  /** What the node says of itself, such as `Synced` or `ONLINE`; `null` when it does not tell. */
  readonly state: string | null
  /** Whether it belongs to the part of the cluster that takes writes; `null` when it does not tell. */
  readonly primary: boolean | null
}

/** A table as one master has it. */
export interface ExaminedTable {
  readonly schema: TableSchema
  readonly facts: TableFacts
  /** `null` for a table without automatic ids, or without rows. */
  readonly ids: IdFacts | null
}

/** How the newest automatic ids of a table lie in lanes. */
export interface IdFacts {
  readonly column: string
  readonly greatest: bigint
  /** The greatest that the column can hold; `null` where it does not count in whole numbers. */
  readonly most: bigint | null
  /** What the server would give next, read after `greatest`; `null` when it does not tell. */
  readonly next: bigint | null
  /** How many ids, by their remainder when divided by the increment of their master. */
  readonly remainders: ReadonlyMap<number, number>
}

/** What was read, or `null`. That it could not be read is a finding of its own; see `checks/unreadable.ts`. */
export function seen<Value>(reading: Reading<Value>): Value | null {
  return 'value' in reading ? reading.value : null
}

/** The first of these variables that the server has: vendors and versions call one thing by several names. */
export function variable(
  { variables }: MasterFacts,
  ...names: readonly string[]
): { readonly name: string; readonly value: string } | null {
  for (const name of names) {
    const value = variables.get(name)
    if (value !== undefined) return { name, value }
  }
  return null
}

/** Whether a value means that something is on. Newer versions of MariaDB know more values than on and off. */
export function meansOn(value: string): boolean {
  return !['', 'OFF', '0', 'NO'].includes(value)
}

/** Whether a variable of this name is on; false where the server has none. */
export function isOn(facts: MasterFacts, name: string): boolean {
  return meansOn(variable(facts, name)?.value ?? '')
}

/** Whether ordinary accounts may write there. */
export function takesWrites(facts: MasterFacts): boolean {
  return !isOn(facts, 'read_only') && !isOn(facts, 'super_read_only') && !isOn(facts, 'innodb_read_only')
}
