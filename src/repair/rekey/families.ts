import { type TableRef, tableName } from '../../model/table.js'
import type { Ruled } from '../plan/plan-rows.js'
import { planRepairTables, type RepairTable, type TablePlans } from '../plan/repair-table.js'
import { begunPlaces, undoneBy, unfinished } from './begun.js'
import { draftOf } from './draft.js'
import { exploreFamilies, type Seed } from './explore.js'
import type { PlannedFamily } from './family-rows.js'
import { type Kinship, readKinship } from './kinship.js'
import { knowWriters } from './know-writers.js'
import { type Located, locate, seedsOf } from './located.js'
import { NewIds } from './new-ids.js'
import { planFamily } from './plan-family.js'
import type { FamilyRequest } from './rekeying.js'
import { RelativeReader } from './relatives.js'
import { Twins } from './twins.js'

const NONE: PlannedFamily = { rows: new Map(), warnings: [] }

/** Finds the families of all collisions that are to be re-keyed, and plans each as a whole. */
export async function planFamilies(
  request: FamilyRequest,
  ruled: readonly Ruled[],
  tables: TablePlans,
  nextId: () => number
): Promise<PlannedFamily> {
  const located = locate(ruled, tables)
  const { begun } = request.rekeying
  const known = begun.length === 0 ? tables : await withBegun(request, tables)
  const seeds = seedsOf(located, begun, (ref) => repairable(known, ref))
  if (seeds.length === 0) return NONE
  const kinship = await readKinship(request.masters, request.audit, rootsOf(seeds, known), request.repair.references)
  const planned = await planAll(seeds, located, kinship, request, nextId)
  return {
    rows: new Map([...unfinished(located, request.rekeying), ...planned.flatMap(({ rows }) => [...rows])]),
    warnings: [...new Set(planned.flatMap(({ warnings }) => warnings))]
  }
}

async function planAll(
  seeds: readonly Seed[],
  located: ReadonlyMap<string, Located>,
  kinship: Kinship,
  request: FamilyRequest,
  nextId: () => number
): Promise<readonly PlannedFamily[]> {
  const { masters, rekeying } = request
  const undone = undoneBy(rekeying)
  const clans = await exploreFamilies(masters, kinship, { seeds, together: begunPlaces(rekeying, kinship) }, undone)
  const twins = new Twins(located.values())
  const drafts = clans.map((clan) => draftOf(clan, { ...request, kinship, located, begun: rekeying.begun, twins }))
  const writers = await knowWriters(drafts, kinship, request)
  const ids = new NewIds(request, kinship, writers)
  const context = { kinship, located, writers, ids, reader: new RelativeReader(masters, kinship, undone), nextId }
  const planned: PlannedFamily[] = []
  try {
    for (const draft of drafts) planned.push(await planFamily(draft, context))
  } finally {
    await ids.close()
  }
  return planned
}

/** The tables of families that were begun may hold no row any more that differs. */
async function withBegun({ masters, audit, rekeying }: FamilyRequest, tables: TablePlans): Promise<TablePlans> {
  return new Map([...tables, ...(await planRepairTables(masters, audit, rekeying.begun))])
}

function repairable(tables: TablePlans, ref: TableRef): RepairTable | null {
  const plan = tables.get(tableName(ref))
  return plan === undefined || 'refused' in plan ? null : plan.table
}

function rootsOf(seeds: readonly Seed[], tables: TablePlans): readonly RepairTable[] {
  const named = new Set(seeds.map(({ table }) => table))
  const plans = [...tables.values()].flatMap((plan) => ('table' in plan ? plan.table : []))
  return [...new Map(plans.map((table) => [tableName(table.reading.ref), table])).values()].filter(({ reading }) =>
    named.has(tableName(reading.ref))
  )
}
