import type { Master } from '../../masters/master.js'
import { groupBy } from '../../model/group-by.js'
import { tableName } from '../../model/table.js'
import { planRows, type Ruled, type Written } from './plan-rows.js'
import type { PlannedRow } from './planned-row.js'
import type { TablePlans } from './repair-table.js'

/** Reads the rows that something was decided of, table by table; results are in the order of `ruled`. */
export async function readRuled(
  masters: readonly Master[],
  ruled: readonly Ruled[],
  tables: TablePlans,
  written: Written,
  nextId: () => number
): Promise<readonly PlannedRow[]> {
  const planned = new Map<Ruled, PlannedRow>()
  for (const [name, rows] of groupBy(
    ruled.filter((each) => each.ruling.wanted.kind !== 'manual'),
    (each) => tableName(each.divergence)
  )) {
    const plan = tables.get(name)
    if (plan === undefined || 'refused' in plan) {
      const reason = plan?.refused ?? 'the table is not there any more'
      for (const each of rows) planned.set(each, { ...each, fate: { kind: 'refused', reason } })
      continue
    }
    const read = await planRows(masters, plan.table, rows, written, nextId)
    rows.forEach((each, at) => {
      const row = read[at]
      if (row !== undefined) planned.set(each, row)
    })
  }
  return ruled.map((each) => planned.get(each) ?? { ...each, fate: { kind: 'manual', reason: each.ruling.because } })
}
