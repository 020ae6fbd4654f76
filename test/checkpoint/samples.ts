import type { TallySnapshot } from '../../src/model/checkpoint.js'
import type { AuditConfig } from '../../src/model/config.js'
import type { AuditHeader, TableResult } from '../../src/model/report.js'
import { divergence, header, result } from '../report/samples.js'

export const SERVERS = { a: 'uuid-1', b: 'uuid-2' }
export const ORDERS = { database: 'retail_db', table: 'orders' }
export const ITEMS = { database: 'retail_db', table: 'items' }

/** A configuration of two masters, with everything else as it comes but for what is said. */
export function configOf(other: Partial<AuditConfig> = {}): AuditConfig {
  const master = {
    host: 'h',
    port: 3306,
    socketPath: null,
    user: 'u',
    password: 'secret',
    sslMode: 'DISABLED'
  } as const
  const files = { sslCa: null, sslCert: null, sslKey: null }
  return {
    masters: [
      { name: 'a', ...master, ...files },
      { name: 'b', ...master, ...files }
    ],
    include: ['retail_db.*'],
    includeOrigin: 'config',
    exclude: [],
    tables: [],
    ignoreColumns: [],
    where: null,
    strictSchema: false,
    checksum: 'xxhash',
    chunkRows: null,
    chunkTime: 1,
    concurrency: 2,
    confirm: true,
    confirmTimeout: 1,
    silenceTimeout: 30,
    maxLoad: [],
    maxLag: null,
    pauseFile: null,
    runTime: null,
    maxDivergences: null,
    evidence: 'off',
    evidenceWindow: 86_400,
    evidenceSince: null,
    ...other
  }
}

export function headerAt(time: string): AuditHeader {
  return { ...header(), startedAt: new Date(time), notes: [`noted ${time}`] }
}

export function tallyOf(chunks: number): TallySnapshot {
  return {
    masters: ['a', 'b'],
    rows: [chunks, chunks],
    bytes: [1, 1],
    sums: [['12345678901234567890'], ['-1']],
    chunks,
    mismatched: 0,
    rowsRead: chunks,
    unsettled: 0,
    classes: { missing: 0, conflict: 0, collision: 0 },
    obstacles: []
  }
}

export function rowOf(id: string) {
  return { ...divergence(), ...ORDERS, key: { order_id: id } }
}

export function resultOf(table: string, other: Partial<TableResult> = {}): TableResult {
  return result(table, other)
}
