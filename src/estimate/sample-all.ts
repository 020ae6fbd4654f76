import type { Run } from '../audit/run.js'
import type { AuditTable } from '../audit/table-plan.js'
import type { Master } from '../masters/master.js'
import type { ServerCost } from '../model/costs.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { type Sample, sliceOf, storedBytes } from './model.js'
import { sampleTable } from './sample.js'

/** Seconds in which rows are read, of all tables together. */
const BUDGET = 2

/** What became of sampling one table. */
export interface Seen {
  readonly table: AuditTable
  /** `null` for a table that was not read: no time was left, or it has no key to read a part by. */
  readonly sample: Sample | null
  readonly failure: string | null
}

/** What was asked of the servers meanwhile, and of this process. */
export interface Sampling {
  readonly seen: readonly Seen[]
  /** For each master, in each second. */
  readonly loads: readonly ServerCost[]
  /** The share of the time in which this process was at work. */
  readonly clientBusy: number
}

/** Samples the largest tables: what they take is most of the whole. */
export async function sampleAll(run: Run, tables: readonly AuditTable[]): Promise<Sampling> {
  const before = run.masters.map((master) => master.cost)
  const idle = performance.eventLoopUtilization()
  const started = performance.now()
  const seen = await sampleEach(run, tables)
  const seconds = (performance.now() - started) / 1000
  const { utilization } = performance.eventLoopUtilization(idle)
  return { seen, loads: run.masters.map((master, at) => rateOf(master, before[at], seconds)), clientBusy: utilization }
}

function rateOf({ cost }: Master, before: ServerCost | undefined, seconds: number): ServerCost {
  const rate = (of: keyof ServerCost) => (cost[of] - (before?.[of] ?? 0)) / seconds
  return { queries: rate('queries'), rows: rate('rows'), bytes: rate('bytes') }
}

async function sampleEach(run: Run, tables: readonly AuditTable[]): Promise<readonly Seen[]> {
  const largestFirst = [...tables].sort((left, right) => storedBytes(right) - storedBytes(left))
  const all = tables.reduce((sum, table) => sum + storedBytes(table), 0)
  const seen: Seen[] = []
  let left = BUDGET
  for (const table of largestFirst) {
    const slice = sliceOf(all === 0 ? 0 : storedBytes(table) / all, BUDGET, left)
    const one = await sampleOne(run, table, slice)
    left -= one.sample?.seconds ?? 0
    seen.push(one)
  }
  return seen
}

async function sampleOne(run: Run, table: AuditTable, slice: number): Promise<Seen> {
  if (slice === 0 || table.keyColumns.length === 0) return { table, sample: null, failure: null }
  try {
    const sample = await sampleTable({ ...run, table, signal: run.hooks.signal }, slice)
    return { table, sample, failure: null }
  } catch (error) {
    run.hooks.signal?.throwIfAborted()
    if (error instanceof MmauditError && error.code === 'interrupted') throw error
    return { table, sample: null, failure: messageOf(error) }
  }
}
