import { inspectNamed } from '../audit/inspect.js'
import type { AuditTable } from '../audit/table-plan.js'
import type { Master } from '../masters/master.js'
import type { AuditConfig } from '../model/config.js'
import type { Divergence } from '../model/divergence.js'
import { groupBy } from '../model/group-by.js'
import { type TableRef, tableName } from '../model/table.js'
import type { WantedTable } from './collector.js'
import { type Conclusion, conclude } from './conclude.js'
import { type MasterLog, readMasterLog } from './read-master.js'
import { lateBegin, rowHistory } from './row-history.js'
import { WantedRows } from './wanted-rows.js'

/** What the binlogs of all masters tell of a batch of divergent rows. */
export interface Gathered {
  /** In the order of the rows. */
  readonly conclusions: readonly Conclusion[]
  /** What could not be looked at, by the name of the table. */
  readonly gaps: ReadonlyMap<string, readonly string[]>
  /** What a reader should know of how far the binlogs go. */
  readonly notes: readonly string[]
}

/** Reads every master's binlog once, for all these rows. @throws MmauditError when the tables cannot be looked at. */
export async function gatherEvidence(
  masters: readonly Master[],
  config: AuditConfig,
  divergences: readonly Divergence[]
): Promise<Gathered> {
  const tables = await wantedTables(masters, config, divergences)
  const readable = [...tables.values()].filter(({ table }) => table.keyColumns.length > 0)
  const logs =
    readable.length === 0
      ? []
      : await Promise.all(masters.map((master) => readMasterLog(master, readable, config.evidenceWindow)))
  return {
    conclusions: divergences.map((divergence, row) =>
      concludeRow(divergence, row, tables.get(tableName(divergence))?.table, logs)
    ),
    gaps: new Map(
      [...tables.keys()].map((name) => [name, logs.flatMap(({ collected }) => collected.gaps.ofTable(name))])
    ),
    notes: logs.flatMap((log) => notesOn(log, config.evidenceWindow))
  }
}

async function wantedTables(
  masters: readonly Master[],
  config: AuditConfig,
  divergences: readonly Divergence[]
): Promise<ReadonlyMap<string, WantedTable>> {
  const numbered = divergences.map((divergence, row) => [row, divergence] as const)
  const groups = [...groupBy(numbered, ([, divergence]) => tableName(divergence)).entries()]
  const refs = groups.map(([, [first]]): TableRef => first?.[1] ?? { database: '', table: '' })
  const plans = await inspectNamed(masters, config, refs)
  return new Map(
    groups.flatMap(([name, rows], at) => {
      const plan = plans[at]
      return plan?.kind === 'compare' ? [[name, { table: plan.table, rows: new WantedRows(plan.table, rows) }]] : []
    })
  )
}

function concludeRow(
  divergence: Divergence,
  row: number,
  table: AuditTable | undefined,
  logs: readonly MasterLog[]
): Conclusion {
  const name = tableName(divergence)
  return conclude(rowHistory(divergence, row, table, logs), [
    ...whyNoKey(table),
    ...logs.flatMap(({ master }) => (divergence.rows[master.name] === undefined ? `${master.name} was not read` : [])),
    ...logs.flatMap(({ collected }) => collected.gaps.ofRow(name, row))
  ])
}

function whyNoKey(table: AuditTable | undefined): readonly string[] {
  if (table === undefined) return ['the table is not there any more']
  return table.keyColumns.length === 0 ? ['no key names the rows of this table'] : []
}

/** The oldest file may be younger than what was to be read, and the binlog may be of one master's own changes only. */
function notesOn(log: MasterLog, windowSeconds: number): readonly string[] {
  const { name } = log.master
  const begin = lateBegin(log, Date.now() - windowSeconds * 1000)
  return [
    ...(begin === null ? [] : [`the binlog of ${name} begins at ${begin}; what came before is not known`]),
    ...(log.logsApplied || log.collected.from === null
      ? []
      : [`${name} does not log what it applies (log_slave_updates)`])
  ]
}
