import type { Divergence } from '../../src/model/divergence.js'
import type { MasterInfo } from '../../src/model/master.js'
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
