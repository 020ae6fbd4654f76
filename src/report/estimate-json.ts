import type { Estimate, MasterLoad, TableEstimate } from '../model/estimate.js'
import type { TableRef } from '../model/table.js'
import { jsonText } from './json-text.js'

/** Raised when a reader of the previous version would misread it. */
const ESTIMATE_VERSION = 1

/** An estimate for programs; docs/reference/diff.md has its fields. */
export function estimateJson(estimate: Estimate, toolVersion: string): string {
  const { startedAt, finishedAt, checksum, concurrency, bottleneck, masters, tables, total } = estimate
  const fields = {
    version: ESTIMATE_VERSION,
    kind: 'estimate',
    tool: { name: 'mmaudit', version: toolVersion },
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    checksum,
    concurrency,
    bottleneck,
    total,
    masters: masters.map(masterFields),
    tables: tables.map(tableFields),
    notComparable: estimate.notComparable.map(reasonFields),
    failed: estimate.failed.map(reasonFields)
  }
  const lines = Object.entries(fields).map(([name, value]) => `"${name}":${jsonText(value)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

function masterFields({ info, perSecond, roundTrip, linkBytesPerSecond }: MasterLoad) {
  const { name, host, port, vendor, serverVersion, serverId, position } = info
  const { queries, rows, bytes } = perSecond
  const load = { perSecond: { queries, rows, bytes }, roundTrip, linkBytesPerSecond }
  return { name, host, port, vendor, serverVersion, serverId, position, ...load }
}

function tableFields({ ref: { database, table }, basis, rows, bytes, seconds }: TableEstimate) {
  return { database, table, basis, rows, bytes, seconds }
}

function reasonFields({ ref: { database, table }, reason }: { readonly ref: TableRef; readonly reason: string }) {
  return { database, table, reason }
}
