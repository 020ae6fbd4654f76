import type { Divergence } from '../../model/divergence.js'
import type { Key } from '../../model/range.js'
import type { RepairTable } from './repair-table.js'

/** A row that no audit has reported, as one that was: to be looked at again, or looked up in the binlogs. */
export function namedRow({ reading }: RepairTable, key: Key, rows: Divergence['rows'] = {}): Divergence {
  return {
    database: reading.ref.database,
    table: reading.ref.table,
    key: Object.fromEntries(reading.keyColumns.map(({ name }, at) => [name, key[at] ?? null])),
    class: 'missing',
    reason: '',
    columns: [],
    rows,
    decision: null,
    evidence: null
  }
}
