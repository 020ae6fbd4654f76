import { type Standstill, stoppedDirections, unexpected } from '../../masters/catch-up.js'
import type { Master } from '../../masters/master.js'
import { writeSettings } from '../../masters/write-session.js'
import type { AuditConfig } from '../../model/config.js'
import type { Divergence } from '../../model/divergence.js'
import type { MasterScript, RepairConfig, Ruling } from '../../model/repair.js'
import type { TableResult } from '../../model/report.js'
import { unauditedReplicas } from '../look/impact.js'
import { tooMuch } from '../look/limits.js'
import { lookBeforeWriting } from '../look/look.js'
import { readLooked } from '../look/looked.js'
import { planFamilies } from '../rekey/families.js'
import type { Rekeying } from '../rekey/rekeying.js'
import type { Ruled, Written, Wrong } from './plan-rows.js'
import { changesOf, type PlannedRow } from './planned-row.js'
import { readRuled } from './read-ruled.js'
import { planRepairTables, type TablePlans } from './repair-table.js'

/** What a repair is going to do: printed by a dry run, written as scripts, or applied; always this same plan. */
export interface RepairPlan {
  /** In the order of the audit. */
  readonly rows: readonly PlannedRow[]
  /** One for each master that will be written to, in the order the masters were named. */
  readonly scripts: readonly MasterScript[]
  /** Why nothing of it may be carried out; `null` when it may. */
  readonly stopped: string | null
  /** What a reader must know before saying yes. */
  readonly warnings: readonly string[]
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly masters: readonly Master[]
  readonly audit: AuditConfig
  readonly repair: RepairConfig
  readonly wrong: readonly Wrong[]
  /** What the audit counted, for the limits. */
  readonly results: readonly TableResult[]
  readonly rule: (divergences: readonly Divergence[], tables: TablePlans) => Promise<readonly Ruling[]>
  readonly written: Written
  readonly rekeying: Rekeying
  /** False for a plan that is only shown. */
  readonly writes: boolean
  /** Where an applier has stopped whose next transaction is known. */
  readonly standstill: Standstill
}

/** Rules on every divergence, reads the rows again, and looks at everything that writing them would touch. */
export async function planRepair(request: PlanRequest): Promise<RepairPlan> {
  const { masters, audit, repair, wrong } = request
  const divergences = wrong.map((each) => each.divergence)
  const tables = await planRepairTables(masters, audit, divergences)
  const rulings = await request.rule(divergences, tables)
  const ruled = wrong.map((each, at): Ruled => ({ ...each, ruling: rulingAt(rulings, at) }))
  let lastId = 0
  const nextId = () => ++lastId
  const families = await planFamilies(request, ruled, tables, nextId)
  const alone = ruled.filter((each) => !families.rows.has(each))
  const read = await readRuled(masters, alone, tables, request.written, nextId)
  const planned = new Map([...families.rows, ...read.map((row, at) => [alone[at] ?? row, row] as const)])
  const rows = ruled.flatMap((each) => planned.get(each) ?? [])
  const plan = await finishPlan(request, rows, (found) => tooMuch(found, request.results, repair.limits))
  return { ...plan, warnings: [...families.warnings, ...plan.warnings] }
}

/** Looks at everything that writing these rows would touch, and puts what is left in order. */
export async function finishPlan(
  { masters, repair, writes, standstill }: Pick<PlanRequest, 'masters' | 'repair' | 'writes' | 'standstill'>,
  rows: readonly PlannedRow[],
  whyTooMuch: (rows: readonly PlannedRow[]) => string | null
): Promise<RepairPlan> {
  const looked = await readLooked(masters, changesOf(rows))
  const found = await lookBeforeWriting(masters, rows, looked, repair, writes)
  const scripts = masters.flatMap((master): MasterScript[] => {
    const steps = found.steps.get(master.name) ?? []
    if (steps.length === 0) return []
    const settings = writeSettings(master.capabilities, repair.viaReplication)
    const replicas = unauditedReplicas(looked.access(master.name), serverIds(masters))
    return [{ master: master.name, settings, steps, replicas }]
  })
  return {
    rows: found.rows,
    scripts,
    stopped: whyTooMuch(found.rows) ?? (await whyHalted(masters, scripts, standstill)),
    warnings: found.warnings
  }
}

/** An event that waits in a stopped channel may concern just these rows, and what the repair must be. */
async function whyHalted(
  masters: readonly Master[],
  scripts: readonly MasterScript[],
  standstill: Standstill
): Promise<string | null> {
  if (scripts.length === 0) return null
  const obstacles = unexpected(await stoppedDirections(masters), standstill)
  const stopped = obstacles.find((obstacle) => obstacle.kind === 'stopped')
  return stopped === undefined
    ? null
    : `${stopped.reason}; what waits there may concern these rows: get replication to run first, or leave it out of its configuration`
}

function serverIds(masters: readonly Master[]): ReadonlySet<number> {
  return new Set(masters.map((master) => master.info.serverId))
}

function rulingAt(rulings: readonly Ruling[], at: number): Ruling {
  const ruling = rulings[at]
  if (ruling === undefined) throw new Error('a divergence without a ruling')
  return ruling
}
