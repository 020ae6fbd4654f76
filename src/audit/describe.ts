import type { Divergence } from '../model/divergence.js'
import type { RowValues } from '../model/value.js'
import { classify, type Evidence, type Lane, type Version } from './classify.js'
import type { ConfirmedRow } from './confirm.js'
import type { TableContext } from './context.js'
import { narrowedColumns } from './narrow-type.js'
import type { AuditTable } from './table-plan.js'

/** Makes divergences of confirmed differences of one table. */
export class Describer {
  readonly #table: AuditTable
  readonly #masters: readonly string[]
  readonly #evidence: Evidence

  constructor({ masters, table }: TableContext) {
    this.#table = table
    this.#masters = masters.map((master) => master.name)
    this.#evidence = {
      keyColumns: table.keyColumns,
      columns: table.tableColumns,
      alternateKeys: table.alternateKeys,
      identity: table.identity,
      lanes: masters.map((master): Lane => ({ master: master.name, ...master.lane }))
    }
  }

  /** A divergence: its class and the reason, and what each master holds. */
  describe({ key, versions }: ConfirmedRow): Divergence {
    const { ref, keyColumns, drift } = this.#table
    const values = versions.map((version) => version?.values ?? null)
    const lacking = this.#masters.filter((_, at) => values[at] === null)
    const classification = classify(key, this.#distinctVersions(versions, values), lacking, this.#evidence)
    const rows = Object.fromEntries(this.#masters.map((name, at) => [name, values[at] ?? null]))
    const narrowed = drift.length === 0 ? [] : narrowedColumns(classification.columns, rows, drift)
    return {
      database: ref.database,
      table: ref.table,
      key: Object.fromEntries(keyColumns.map((column, at) => [column.name, key[at] ?? null])),
      class: classification.class,
      columns: classification.columns,
      reason: [classification.reason, ...narrowed].filter((part) => part !== '').join('; '),
      rows,
      decision: null,
      evidence: null
    }
  }

  #distinctVersions(versions: ConfirmedRow['versions'], values: readonly (RowValues | null)[]): readonly Version[] {
    const byHash = new Map<bigint, { values: RowValues; masters: string[] }>()
    for (const [at, version] of versions.entries()) {
      const [name, own] = [this.#masters[at], values[at] ?? null]
      if (version === null || own === null || name === undefined) continue
      const { hash } = version
      const known = byHash.get(hash)
      if (known === undefined) byHash.set(hash, { values: own, masters: [name] })
      else known.masters.push(name)
    }
    return [...byHash.values()]
  }
}
