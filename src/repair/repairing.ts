import { type AuditEvent, foundEvents, rowsFoundIn } from '../model/events.js'
import type { PolicyChoice } from '../model/policy-choice.js'
import type { RepairSummary } from '../model/repair.js'
import type { TableResult } from '../model/report.js'
import { summarise } from '../model/summary.js'
import { tableName } from '../model/table.js'
import { Bill } from './bill.js'
import { HeldEvents } from './held-events.js'
import type { Wrong } from './plan/plan-rows.js'
import { choices, type Repaired, type RepairHooks, type RepairRequest, repair } from './repair.js'

/** What a repair needs to know before anything is found. */
export type RepairingRequest = Omit<RepairRequest, 'wrong' | 'results'> & {
  /** What was counted of the tables before, where the rows come from a report. */
  readonly counted: readonly TableResult[]
}

/** Ways to watch and to steer a repair. */
export interface RepairingHooks extends RepairHooks {
  /** Wants to see what could be chosen instead of a plan; `null` when a policy was chosen. */
  readonly onChoices: ((choices: readonly PolicyChoice[]) => Promise<void>) | null
}

/**
 * Repairs what an audit finds, once it has ended. Its divergences and table results are held back until then, and come with
 * what was decided of each row and what became of it. More divergent rows than may be changed are not held: then nothing is
 * written, and they pass through.
 */
export async function* repairing(
  source: AsyncIterable<AuditEvent>,
  request: RepairingRequest,
  hooks: RepairingHooks
): AsyncGenerator<AuditEvent, void> {
  const held = new HeldEvents(request.repair.limits.maxRows)
  const bill = new Bill()
  try {
    for await (const event of source) {
      switch (event.type) {
        case 'started':
        case 'table-started':
        case 'unlisted':
        case 'broken-off':
        case 'failover':
          yield event
          break
        case 'finished':
          bill.add(event.costs)
          yield* held.overflow === null
            ? finish(held, event, request, { ...hooks, onCosts: (costs) => bill.add(costs) }, bill)
            : stopped(held.wrong, held.overflow, event, request)
          break
        default:
          yield* held.take(event)
      }
    }
  } catch (error) {
    // What was found before is worth having, though nothing was decided of it.
    yield* held.rest()
    if (bill.total !== null) yield { type: 'broken-off', costs: bill.total }
    throw error
  }
}

type Finished = Extract<AuditEvent, { type: 'finished' }>

async function* finish(
  held: HeldEvents,
  finished: Finished,
  request: RepairingRequest,
  hooks: RepairingHooks,
  bill: Bill
): AsyncGenerator<AuditEvent, void> {
  const wrong = held.events.flatMap((event): Wrong[] =>
    rowsFoundIn(event).map(({ divergence, reported }) => ({ divergence, seen: (reported ?? divergence).rows }))
  )
  if (wrong.length === 0 || hooks.onChoices !== null) {
    if (wrong.length > 0) await hooks.onChoices?.(await choices({ ...request, wrong }, hooks))
    yield* held.rest()
    yield withCosts(finished, bill)
    return
  }
  const results = held.events.flatMap((event) => (event.type === 'table-finished' ? [event.result] : []))
  const repaired = await repair({ ...request, wrong, results: withCounts(results, request.counted) }, hooks)
  // Until here an error gives back what was found; from here on it is told with what became of it.
  held.rest()
  const after = results.map((result) => resultAfter(result, repaired))
  yield* foundEvents(repaired.divergences)
  yield* after.map((result): AuditEvent => ({ type: 'table-finished', result }))
  yield { type: 'repaired', repair: withUnlisted(repaired.summary, finished.summary.unlisted) }
  const summary = summarise(after, finished.summary.tables - after.length)
  yield {
    ...withCosts(finished, bill),
    finishedAt: new Date(),
    summary: { ...summary, complete: summary.complete && isWhole(repaired.summary) }
  }
}

function withCosts(finished: Finished, { total }: Bill): Finished {
  return total === null ? finished : { ...finished, costs: total }
}

/** Rows that were only counted were never handed to the repair. */
function withUnlisted(summary: RepairSummary, unlisted: number): RepairSummary {
  if (unlisted === 0) return summary
  const warning = `${unlisted} more divergent rows were only counted (--max-divergences) and are left as they are`
  return { ...summary, warnings: [...summary.warnings, warning] }
}

/** A repair that was stopped, or that failed somewhere, is not all that was asked for. */
function isWhole({ dryRun, stopped: reason, rows }: RepairSummary): boolean {
  return dryRun || (reason === null && rows.failed === 0 && rows.planned === 0)
}

/** Rows read again by key say nothing of how many there are. */
function withCounts(results: readonly TableResult[], counted: readonly TableResult[]): readonly TableResult[] {
  return results.map((result) => {
    const before = counted.find((each) => tableName(each) === tableName(result))
    return before === undefined || Object.keys(result.rows).length > 0 ? result : { ...result, rows: before.rows }
  })
}

/** What a table is after its repair; what was found in it stays told. */
function resultAfter(result: TableResult, { divergences, unproved }: Repaired): TableResult {
  const own = divergences.filter((divergence) => tableName(divergence) === tableName(result))
  const applied = own.filter((divergence) => divergence.decision?.status === 'applied').length
  const doubt = applied === 0 ? undefined : unproved.get(tableName(result))
  if (doubt !== undefined) return { ...result, status: 'failed', reason: joined(doubt, result.reason) }
  const isRepaired = result.status === 'divergent' && applied === own.length && applied === foundIn(result)
  return isRepaired ? { ...result, status: 'consistent' } : result
}

function foundIn({ missing, conflict, collision }: TableResult): number {
  return missing + conflict + collision
}

function joined(...reasons: readonly (string | null)[]): string {
  return reasons.filter((reason) => reason !== null).join('; ')
}

function* stopped(
  wrong: number,
  reason: string,
  finished: Finished,
  { runId, journal }: RepairingRequest
): Generator<AuditEvent, void> {
  const rows = { planned: 0, applied: 0, stale: 0, refused: wrong, failed: 0, manual: 0 }
  const summary = { runId, dryRun: journal === null, journal: null, rows, changes: {}, stopped: reason, warnings: [] }
  yield { type: 'repaired', repair: summary }
  yield { ...finished, summary: { ...finished.summary, complete: finished.summary.complete && journal === null } }
}
