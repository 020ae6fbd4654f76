import type { DecisionStatus, Divergence } from '../../model/divergence.js'
import type { RepairSummary } from '../../model/repair.js'
import type { RepairPlan } from '../plan/plan.js'
import { changesOf } from '../plan/planned-row.js'
import type { RepairRequest } from '../repair.js'
import { decided, type Ending } from './decision.js'

/** What became of a plan: every row with its decision, and the bottom line. */
export function outcomeOf(
  plan: RepairPlan,
  ending: Ending,
  { runId, journal }: Pick<RepairRequest, 'runId' | 'journal'>
): { readonly divergences: readonly Divergence[]; readonly summary: RepairSummary } {
  const divergences = plan.rows.map((row) => decided(row, ending))
  const rows: Record<DecisionStatus, number> = { planned: 0, applied: 0, stale: 0, refused: 0, failed: 0, manual: 0 }
  for (const { decision } of divergences) if (decision !== null) rows[decision.status]++
  const summary = {
    runId,
    dryRun: journal === null,
    journal: ending.kind === 'applied' && plan.scripts.length > 0 ? journal : null,
    rows,
    changes: changesByMaster(plan, ending),
    stopped: ending.kind === 'stopped' ? ending.reason : null,
    warnings: plan.warnings
  }
  return { divergences, summary }
}

function changesByMaster(plan: RepairPlan, ending: Ending): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { id, master } of changesOf(plan.rows)) {
    if (isMade(id, ending)) counts[master] = (counts[master] ?? 0) + 1
  }
  return counts
}

/** A dry run counts what it would change. */
function isMade(id: number, ending: Ending): boolean {
  switch (ending.kind) {
    case 'dry-run':
      return true
    case 'stopped':
      return false
    case 'applied':
      return ending.outcomes.get(id)?.status === 'applied'
  }
}
