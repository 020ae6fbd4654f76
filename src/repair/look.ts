import { onEveryMaster } from '../audit/on-every-master.js'
import type { Master } from '../masters/master.js'
import type { RepairConfig, RowChange, Step } from '../model/repair.js'
import { tableName } from '../model/table.js'
import { checkedSteps } from './checked-steps.js'
import { masterObstacles, tableObstacles, verbOf } from './impact.js'
import type { Looked } from './looked.js'
import type { PlannedRow } from './planned-row.js'

/** What looking at the targets of a plan leaves of it. */
export interface Found {
  readonly rows: readonly PlannedRow[]
  /** By master. */
  readonly steps: ReadonlyMap<string, readonly Step[]>
  readonly warnings: readonly string[]
}

type Refused = ReadonlyMap<number, string>

/**
 * Looks at what each change would hit on its master, and refuses the rows that cannot be written without harm. A row is
 * repaired on all masters or on none, so what is refused on one may leave something out on another, which is then looked
 * at again.
 */
export async function lookBeforeWriting(
  masters: readonly Master[],
  planned: readonly PlannedRow[],
  looked: Looked,
  config: RepairConfig
): Promise<Found> {
  const warnings = new Set<string>()
  let rows = planned
  for (;;) {
    const found = await onEveryMaster(targetsOf(masters, rows), 'looking at what a repair would touch', (master) =>
      lookOn(master, changesOn(rows, master.name), masters, looked, config, warnings)
    )
    const refused = new Map(found.flatMap((each) => [...each.refused]))
    if (refused.size === 0) {
      return {
        rows,
        steps: new Map(found.map(({ master, steps }) => [master, steps])),
        warnings: [...warnings]
      }
    }
    rows = withRefused(rows, refused)
  }
}

function targetsOf(masters: readonly Master[], rows: readonly PlannedRow[]): readonly Master[] {
  return masters.filter((master) => changesOn(rows, master.name).length > 0)
}

function changesOn(rows: readonly PlannedRow[], master: string): readonly RowChange[] {
  return rows.flatMap(({ fate }) =>
    fate.kind === 'change' ? fate.changes.filter((change) => change.master === master) : []
  )
}

async function lookOn(
  master: Master,
  changes: readonly RowChange[],
  masters: readonly Master[],
  looked: Looked,
  config: RepairConfig,
  warnings: Set<string>
): Promise<{ readonly master: string; readonly steps: readonly Step[]; readonly refused: Refused }> {
  const audited = new Set(masters.map((each) => each.info.serverId))
  const server = masterObstacles(master.name, looked.access(master.name), audited, config)
  for (const warning of server.warnings) warnings.add(warning)
  const refused = new Map<number, string>()
  const facts = looked.facts(master.name)
  for (const [name, own] of byTable(changes)) {
    const [first] = own
    if (first === undefined) continue
    const table = tableObstacles(facts(first.table.ref), new Set(own.map(verbOf)), config)
    for (const warning of table.warnings) warnings.add(`${name} on ${master.name}: ${warning}`)
    const reason = server.refused ?? table.refused
    if (reason !== null) for (const change of own) refused.set(change.id, reason)
  }
  if (refused.size > 0) return { master: master.name, steps: [], refused }
  const checked = await master.withSession((session) => checkedSteps(session, changes, facts))
  return { master: master.name, ...checked }
}

function byTable(changes: readonly RowChange[]): ReadonlyMap<string, readonly RowChange[]> {
  const tables = new Map<string, RowChange[]>()
  for (const change of changes) {
    const name = tableName(change.table.ref)
    const known = tables.get(name)
    if (known === undefined) tables.set(name, [change])
    else known.push(change)
  }
  return tables
}

function withRefused(rows: readonly PlannedRow[], refused: Refused): readonly PlannedRow[] {
  return rows.map((row) => {
    if (row.fate.kind !== 'change') return row
    const reasons = row.fate.changes.flatMap(({ id, master }) => {
      const reason = refused.get(id)
      return reason === undefined ? [] : [`on ${master}: ${reason}`]
    })
    return reasons.length === 0 ? row : { ...row, fate: { kind: 'refused', reason: reasons.join('; ') } }
  })
}
