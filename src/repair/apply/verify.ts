import { recheck } from '../../audit/recheck.js'
import { type Standstill, stoppedDirections, unexpected } from '../../masters/catch-up.js'
import type { Master } from '../../masters/master.js'
import type { AuditConfig } from '../../model/config.js'
import type { Divergence } from '../../model/divergence.js'
import { rowsFoundIn } from '../../model/events.js'
import type { SavedReport } from '../../model/saved-report.js'
import { summarise } from '../../model/summary.js'
import { type TableRef, tableName } from '../../model/table.js'
import type { RepairHooks } from '../repair.js'

/** What reading the repaired rows again has shown. */
export interface Verified {
  /** Rows that differ again or still, with what they are now. */
  readonly differing: ReadonlyMap<string, Divergence>
  /** Tables of which not every row could be read, or did not settle; and why. */
  readonly unproved: ReadonlyMap<string, string>
}

/** Audits rows again, after every master has applied what the others had: exactly as the audit does. */
export async function verify(
  config: AuditConfig,
  masters: readonly Master[],
  rows: readonly Divergence[],
  { signal, onCosts }: Pick<RepairHooks, 'signal' | 'onCosts'>
): Promise<Verified> {
  const differing = new Map<string, Divergence>()
  const unproved = new Map<string, string>()
  if (rows.length === 0) return { differing, unproved }
  const report = reportOf('the repair', rows, masters)
  for await (const event of recheck(config, report, signal === undefined ? {} : { signal })) {
    if ('costs' in event && event.costs !== undefined) onCosts?.(event.costs)
    for (const { divergence, reported } of rowsFoundIn(event))
      differing.set(rowName(reported ?? divergence), divergence)
    if (event.type === 'table-finished' && event.result.status === 'failed') {
      unproved.set(tableName(event.result), event.result.reason ?? 'it could not be read again')
    }
  }
  return { differing, unproved }
}

/** The same for one row, however often it is read. */
export function rowName({ database, table, key }: Divergence): string {
  return JSON.stringify([database, table, Object.entries(key)])
}

/** Why replication does not run any more, in some direction; `null` when it does. */
export async function whyReplicationStopped(
  masters: readonly Master[],
  standstill: Standstill
): Promise<string | null> {
  const obstacles = unexpected(await stoppedDirections(masters), standstill)
  const stopped = obstacles.find((obstacle) => obstacle.kind === 'stopped')
  return stopped === undefined ? null : `after the repair, ${stopped.reason}`
}

/** A report that names these rows, to be read again. */
export function reportOf(
  name: string,
  rows: readonly Divergence[],
  masters: readonly Pick<Master, 'info'>[]
): SavedReport {
  const byTable = new Map<string, { ref: TableRef; rows: Divergence[] }>()
  for (const row of rows) {
    const known = byTable.get(tableName(row))
    if (known === undefined) {
      byTable.set(tableName(row), { ref: { database: row.database, table: row.table }, rows: [row] })
    } else known.rows.push(row)
  }
  return {
    name,
    startedAt: new Date().toISOString(),
    masters: masters.map((master) => master.info),
    tables: [],
    summary: summarise([]),
    named: [...byTable.values()].map(({ ref, rows: { length } }) => ({ ref, rows: length })),
    async *divergences(ref) {
      yield* byTable.get(tableName(ref))?.rows ?? []
    }
  }
}
