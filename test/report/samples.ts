import type { Decision, Divergence } from '../../src/model/divergence.js'
import type { MasterInfo } from '../../src/model/master.js'
import type { RepairSummary } from '../../src/model/repair.js'
import type { AuditHeader, TableResult } from '../../src/model/report.js'

/** A master of the reference set-up. */
export function master(name: string, over: Partial<MasterInfo> = {}): MasterInfo {
  const serverId = name.charCodeAt(0) - 96
  return {
    name,
    host: `10.0.0.${serverId}`,
    port: 3306,
    vendor: 'mysql',
    serverVersion: '8.4.3',
    serverId,
    position: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77',
    ...over
  }
}

export function header(over: Partial<AuditHeader> = {}): AuditHeader {
  return {
    startedAt: new Date('2026-01-02T03:04:05Z'),
    checksum: 'xxhash',
    masters: [master('a'), master('b', { vendor: 'mariadb', serverVersion: '10.11.6-MariaDB', position: '0-2-1881' })],
    tables: 1,
    notes: [],
    ...over
  }
}

export function result(table: string, over: Partial<TableResult> = {}): TableResult {
  return {
    database: 'retail_db',
    table,
    status: 'consistent',
    reason: null,
    drift: [],
    key: ['order_id'],
    chunks: { total: 8, mismatched: 0 },
    rows: { a: 50_000, b: 50_000 },
    sums: {},
    missing: 0,
    conflict: 0,
    collision: 0,
    unsettled: 0,
    unlisted: 0,
    ...over
  }
}

export function divergence(over: Partial<Divergence> = {}): Divergence {
  return {
    database: 'retail_db',
    table: 'orders',
    key: { order_id: '40009' },
    class: 'conflict',
    reason: 'created_at is the same',
    columns: ['amount'],
    rows: {
      a: { order_id: '40009', region: 'north', amount: '402.79' },
      b: { order_id: '40009', region: 'north', amount: '403.79' }
    },
    decision: null,
    evidence: null,
    ...over
  }
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    policy: 'newest:updated_at',
    winner: 'a',
    action: 'update',
    status: 'applied',
    rule: 'rule 2',
    reason: 'updated_at is latest on a',
    ...over
  }
}

export function repair(
  over: Partial<Omit<RepairSummary, 'rows'>> & Partial<RepairSummary['rows']> = {}
): RepairSummary {
  const { planned = 0, applied = 0, stale = 0, refused = 0, failed = 0, manual = 0, ...rest } = over
  return {
    runId: '20260102T030405Z-7f3a',
    dryRun: false,
    journal: null,
    rows: { planned, applied, stale, refused, failed, manual },
    changes: {},
    stopped: null,
    warnings: [],
    ...rest
  }
}

/** What an audit found in a table where two rows differ. */
export const FOUND = { rows: { a: 5000, b: 4999 }, missing: 1, conflict: 1 }

/** A row that `b` lacks, and got. */
export const insertedRow = divergence({
  class: 'missing',
  columns: [],
  key: { order_id: '40011' },
  reason: 'present on a; not on b',
  rows: { a: { order_id: '40011', amount: '1.00' }, b: null },
  decision: decision({ policy: 'union', action: 'insert', rule: 'rule 1', reason: 'only a has the row' })
})

/** A row that was not repaired. */
export function leftRow(status: 'manual' | 'stale' | 'refused' | 'failed', id: number, reason: string): Divergence {
  const undecided = { policy: 'manual', winner: null, action: 'none', rule: null } as const
  return divergence({
    key: { order_id: String(id) },
    decision: decision({ ...(status === 'manual' ? undecided : {}), status, reason })
  })
}
