import type { Divergence } from '../model/divergence.js'
import { classify, type Lane, type Version } from './classify.js'
import type { ConfirmedRow } from './confirm.js'
import type { TableContext } from './context.js'
import type { RowVersion } from './fetch.js'
import { narrowedColumns } from './narrow-type.js'

/** Makes a confirmed difference a divergence: its class and the reason, and what each master holds. */
export function describe(row: ConfirmedRow, { masters, table }: TableContext): Divergence {
  const names = masters.map((master) => master.name)
  const lacking = names.filter((_, at) => row.versions[at] === null)
  const classification = classify(row.key, distinctVersions(row, names), lacking, {
    keyColumns: table.keyColumns,
    columns: table.tableColumns,
    alternateKeys: table.alternateKeys,
    identity: table.identity,
    lanes: masters.map((master): Lane => ({ master: master.name, ...master.lane }))
  })
  const rows = Object.fromEntries(names.map((name, at) => [name, row.versions[at]?.values ?? null]))
  const narrowed = narrowedColumns(classification.columns, rows, table.drift)
  return {
    ...table.ref,
    key: Object.fromEntries(table.keyColumns.map((column, at) => [column.name, row.key[at] ?? null])),
    ...classification,
    reason: [classification.reason, ...narrowed].filter((part) => part !== '').join('; '),
    rows,
    decision: null,
    evidence: null
  }
}

function distinctVersions(row: ConfirmedRow, names: readonly string[]): readonly Version[] {
  const byHash = new Map<bigint, { version: RowVersion; masters: string[] }>()
  for (const [at, version] of row.versions.entries()) {
    const name = names[at]
    if (version === null || name === undefined) continue
    const known = byHash.get(version.hash)
    if (known === undefined) byHash.set(version.hash, { version, masters: [name] })
    else known.masters.push(name)
  }
  return [...byHash.values()].map(({ version, masters }) => ({ values: version.values, masters }))
}
