import { onEveryMaster } from '../audit/on-every-master.js'
import type { Master } from '../masters/master.js'
import { MmauditError } from '../model/errors.js'
import type { RowImage } from '../model/repair.js'
import { tableName } from '../model/table.js'
import { applyPlan } from './apply/apply-plan.js'
import { Journal, readJournal } from './apply/journal.js'
import type { JournalContents } from './apply/journal-records.js'
import { reconcile } from './apply/reconcile.js'
import { outcomeOf } from './apply/summary.js'
import { type Deed, deedsOf } from './deeds.js'
import { readHeldRows, sameImages } from './plan/held-rows.js'
import { finishPlan, type RepairPlan } from './plan/plan.js'
import type { PlannedRow, RowFate } from './plan/planned-row.js'
import { planRepairTables, type RepairTable, type TablePlans, writableOn } from './plan/repair-table.js'
import type { Repaired, RepairHooks, RepairRequest } from './repair.js'
import { withMasters } from './with-masters.js'

/** What is to be taken back. */
export type UndoRequest = Pick<RepairRequest, 'runId' | 'audit' | 'repair'> & {
  readonly journal: string
  readonly dryRun: boolean
}

/**
 * Brings every row that a journal has changed back to what it was, where it still is as the journal left it. What is written
 * goes to the same journal, so that doing it twice changes nothing.
 *
 * @throws MmauditError `usage` when the journal cannot be read, `config` when it names masters that are not configured.
 */
export async function undo(request: UndoRequest, hooks: RepairHooks): Promise<Repaired> {
  const contents = await readJournal(request.journal)
  const audit = { ...request.audit, masters: mastersOf(contents, request) }
  return withMasters(audit, hooks, async (masters) => {
    if (request.dryRun) {
      const note = async () => undefined
      const found = await reconcile({ earlier: contents, committed: note, abandoned: note }, masters, audit)
      const plan = await undoPlan(deedsOf([...contents.committed, ...found]), masters, request)
      await hooks.onPlan(plan)
      return { ...outcomeOf(plan, { kind: 'dry-run' }, { ...request, journal: null }), unproved: new Map() }
    }
    const infos = masters.map((master) => master.info)
    const journal = await Journal.open(request.journal, request.runId, infos)
    return takeBack({ ...request, audit }, masters, journal, hooks).finally(() => journal.close())
  })
}

async function takeBack(
  request: UndoRequest,
  masters: readonly Master[],
  journal: Journal,
  hooks: RepairHooks
): Promise<Repaired> {
  const found = await reconcile(journal, masters, request.audit)
  const plan = await undoPlan(deedsOf([...journal.earlier.committed, ...found]), masters, request)
  const agreed = await hooks.onPlan(plan)
  const stopped = plan.stopped ?? (agreed || plan.scripts.length === 0 ? null : 'it was not confirmed')
  if (stopped !== null) {
    return { ...outcomeOf(plan, { kind: 'stopped', reason: stopped }, request), unproved: new Map() }
  }
  // The rows differ between the masters again, as they did before: there is nothing to prove but that they were written.
  return applyPlan(plan, masters, request, journal, hooks, async () => ({ differing: new Map(), unproved: new Map() }))
}

/** All masters of the journal take part, so that what is on its way between them is waited for. */
function mastersOf(contents: JournalContents, { audit, journal }: UndoRequest) {
  const names = contents.masters.map((master) => master.name)
  const unknown = names.filter((name) => !audit.masters.some((master) => master.name === name))
  if (names.length === 0) return audit.masters
  if (unknown.length === 0) return audit.masters.filter((master) => names.includes(master.name))
  throw new MmauditError(
    'config',
    `the journal ${journal} names masters that are not configured: ${unknown.join(', ')}`,
    {
      hint: 'name the same masters as the repair did'
    }
  )
}

async function undoPlan(
  deeds: readonly Deed[],
  masters: readonly Master[],
  { audit, repair, dryRun }: UndoRequest
): Promise<RepairPlan> {
  const changes = deeds.map((deed) => deed.change)
  const tables = await planRepairTables(masters, audit, changes)
  const held = await readDeeds(deeds, masters, tables)
  let lastId = 0
  const rows = deeds.flatMap((deed): TakenBack[] => {
    const fate = fateOf(deed, tables, held.get(deed) ?? null, () => ++lastId)
    return fate === null ? [] : [{ deed, row: { ...plannedAs(deed), fate } }]
  })
  return finishPlan({ masters, repair, writes: !dryRun, standstill: [] }, wholeFamilies(rows), () => null)
}

interface TakenBack {
  readonly deed: Deed
  readonly row: PlannedRow
}

/** A family of which one row cannot be taken back stays as it is: with two rows under one key again, the others would be lost. */
function wholeFamilies(rows: readonly TakenBack[]): readonly PlannedRow[] {
  const kept = new Map(
    rows.flatMap(({ deed: { change }, row: { fate } }) =>
      change.family === undefined || fate.kind === 'change' ? [] : [[change.family, fate.reason] as const]
    )
  )
  return rows.map(({ deed, row }) => {
    const reason = kept.get(deed.change.family ?? '')
    if (reason === undefined || row.fate.kind !== 'change') return row
    return {
      ...row,
      fate: { kind: 'refused', reason: `another row of ${deed.change.family} cannot be taken back: ${reason}` }
    }
  })
}

/** The rows as they are now. */
async function readDeeds(
  deeds: readonly Deed[],
  masters: readonly Master[],
  tables: TablePlans
): Promise<ReadonlyMap<Deed, RowImage | null>> {
  const held = new Map<Deed, RowImage | null>()
  await onEveryMaster(masters, 'reading the rows to take back', async (master) => {
    for (const [name, plan] of tables) {
      if ('refused' in plan) continue
      const own = deeds.filter(({ change }) => change.master === master.name && tableName(change) === name)
      const keys = own.map((deed) => keyOf(plan.table, deed))
      const rows = await master.withSession((session) => readHeldRows(session, plan.table, keys, 'none'))
      for (const [at, deed] of own.entries()) held.set(deed, rows[at]?.image ?? null)
    }
  })
  return held
}

/** `null` when there is nothing to take back, or when it was taken back before. */
function fateOf(deed: Deed, tables: TablePlans, now: RowImage | null, nextId: () => number): RowFate | null {
  const plan = tables.get(tableName(deed.change))
  if (plan === undefined || 'refused' in plan) {
    return { kind: 'refused', reason: plan?.refused ?? 'the table is not there any more' }
  }
  const { master } = deed.change
  const writable = writableOn(plan.table, master)
  if (sameImages(writable, now, deed.before)) return null
  if (!sameImages(writable, now, deed.after)) {
    return { kind: 'stale', reason: `the row is not as the repair left it on ${master}` }
  }
  const why = `undo of change ${deed.change.change}: ${deed.change.why}`
  const { family, guards } = deed.change
  return {
    kind: 'change',
    table: plan.table,
    key: keyOf(plan.table, deed),
    held: new Map([[master, now]]),
    changes: [
      {
        id: nextId(),
        ...{ master, table: writable, before: now, after: backTo(deed, now), why },
        ...(family === undefined ? {} : { family, guards: guards ?? [] })
      }
    ]
  }
}

/** Columns that the repair did not change stay as they are now. */
function backTo({ before, after }: Deed, now: RowImage | null): RowImage | null {
  if (before === null || after === null || now === null) return before
  const columns = Object.keys(now).map((name) => {
    const changed = before[name] !== after[name]
    return [name, (changed ? before[name] : now[name]) ?? 'NULL'] as const
  })
  return Object.fromEntries(columns)
}

function keyOf(table: RepairTable, { change }: Deed) {
  return table.reading.keyColumns.map(({ name }) => change.key[name] ?? null)
}

/** As a row that reports can show. */
function plannedAs({ change }: Deed): Omit<PlannedRow, 'fate'> {
  const { database, table, key, why } = change
  return {
    divergence: {
      database,
      table,
      key,
      class: 'conflict',
      reason: `changed by the repair: ${why}`,
      columns: [],
      rows: {},
      decision: null,
      evidence: null
    },
    seen: {},
    ruling: {
      rule: null,
      policy: 'undo',
      because: `as it was before change ${change.change}`,
      winner: null,
      wanted: { kind: 'manual' }
    }
  }
}
