import { onEveryMaster } from '../../audit/on-every-master.js'
import { type Obstacle, stoppedDirections } from '../../masters/catch-up.js'
import type { Master } from '../../masters/master.js'
import { groupBy } from '../../model/group-by.js'
import type { RepairConfig, RowChange, Step } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { checkedSteps } from '../order/checked-steps.js'
import { changesIn, changesOf, type PlannedRow } from '../plan/planned-row.js'
import { masterObstacles, tableObstacles, verbOf } from './impact.js'
import { whyNotLogged } from './logged-writes.js'
import type { Looked } from './looked.js'
import { readWriteRights } from './write-rights.js'

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
 *
 * @param writes false for a plan that is only shown.
 */
export async function lookBeforeWriting(
  masters: readonly Master[],
  planned: readonly PlannedRow[],
  looked: Looked,
  config: RepairConfig,
  writes: boolean
): Promise<Found> {
  const apart = config.viaReplication ? await stoppedDirections(masters) : []
  const context = { masters, looked, config, apart, writes }
  const warnings = new Set<string>()
  let rows = planned
  for (;;) {
    const found = await onEveryMaster(targetsOf(masters, rows), 'looking at what a repair would touch', (master) =>
      lookOn(master, changesOn(rows, master.name), context, warnings)
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
  return changesOf(rows).filter((change) => change.master === master)
}

/** What looking at a master goes by. */
interface LookContext {
  readonly masters: readonly Master[]
  readonly looked: Looked
  readonly config: RepairConfig
  /** The directions in which nothing is replicated; only known where writes are to be logged. */
  readonly apart: readonly Obstacle[]
  /** False when nothing will be written: then what the account may not do is only said. */
  readonly writes: boolean
}

async function lookOn(
  master: Master,
  changes: readonly RowChange[],
  context: LookContext,
  warnings: Set<string>
): Promise<{ readonly master: string; readonly steps: readonly Step[]; readonly refused: Refused }> {
  const facts = context.looked.facts(master.name)
  const refused = new Map<number, string>()
  const server = serverRefusal(master, context, warnings)
  for (const [name, own] of groupBy(changes, (change) => tableName(change.table.ref))) {
    const [first] = own
    if (first === undefined) continue
    const table = tableObstacles(facts(first.table.ref), new Set(own.map(verbOf)), context.config, context.writes)
    for (const warning of table.warnings) warnings.add(`${name} on ${master.name}: ${warning}`)
    const reason = server ?? table.refused
    if (reason !== null) for (const change of own) refused.set(change.id, reason)
  }
  if (refused.size > 0) return { master: master.name, steps: [], refused }
  const forbidden = await forbiddenChanges(master, changes, context, warnings)
  if (forbidden.size > 0) return { master: master.name, steps: [], refused: forbidden }
  const checked = await master.withSession((session) => checkedSteps(session, changes, facts))
  return { master: master.name, ...checked }
}

function serverRefusal(
  { name }: Master,
  { masters, looked, config, apart }: LookContext,
  warnings: Set<string>
): string | null {
  const audited = new Set(masters.map((each) => each.info.serverId))
  const access = looked.access(name)
  const server = masterObstacles(name, access, audited, config)
  for (const warning of server.warnings) warnings.add(warning)
  if (server.refused !== null || !config.viaReplication) return server.refused
  const others = masters.map((each) => each.name).filter((each) => each !== name)
  return whyNotLogged(name, others, apart, access, audited)
}

/** A plan that is only shown may be carried out by somebody else. */
async function forbiddenChanges(
  master: Master,
  changes: readonly RowChange[],
  { config, writes }: LookContext,
  warnings: Set<string>
): Promise<Refused> {
  const rights = await readWriteRights(master, changes, config.viaReplication)
  const forbidden = new Map(
    changes.flatMap((change) => {
      const reason = rights.local ?? rights.refused(change)
      return reason === null ? [] : [[change.id, reason] as const]
    })
  )
  if (writes) return forbidden
  for (const reason of forbidden.values()) warnings.add(`${master.name}: ${reason}`)
  return new Map()
}

function withRefused(rows: readonly PlannedRow[], refused: Refused): readonly PlannedRow[] {
  const ofFamilies = new Map(
    changesOf(rows).flatMap(({ id, master, family }) => {
      const reason = refused.get(id)
      return family === undefined || reason === undefined ? [] : [[family, `on ${master}: ${reason}`] as const]
    })
  )
  return rows.map((row) => {
    const changes = changesIn(row.fate)
    const reasons = changes.flatMap(({ id, master }) => {
      const reason = refused.get(id)
      return reason === undefined ? [] : [`on ${master}: ${reason}`]
    })
    const family = changes.flatMap((change) => ofFamilies.get(change.family ?? '') ?? [])[0]
    if (reasons.length > 0) return { ...row, fate: { kind: 'refused', reason: reasons.join('; ') } }
    if (family === undefined) return row
    return { ...row, fate: { kind: 'refused', reason: `another row of its family cannot be written: ${family}` } }
  })
}
