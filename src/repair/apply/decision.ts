import type { Decision, Divergence } from '../../model/divergence.js'
import type { ChangeOutcome, RowChange } from '../../model/repair.js'
import { changesIn, type PlannedRow } from '../plan/planned-row.js'
import type { Outcomes } from './outcomes.js'

/** How a repair ended, as far as it says what became of rows. */
export type Ending =
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'applied'; readonly outcomes: Outcomes }

/** Worst first: what a row with several changes is said to have become. */
const WORST = ['failed', 'refused', 'stale'] as const

/** The divergence with what was decided, and what became of it. */
export function decided({ divergence, ruling, fate }: PlannedRow, ending: Ending): Divergence {
  const said = { policy: ruling.policy, rule: ruling.rule, winner: ruling.winner }
  if (fate.kind !== 'change') {
    return { ...divergence, decision: { ...said, action: 'none', status: fate.kind, reason: fate.reason } }
  }
  const { status, reason } = fateOfChanges(changesIn(fate), ending, ruling.because)
  const moves = ruling.wanted.kind === 'family' && ruling.wanted.moves
  const action = moves ? 'rekey' : actionOf(fate.changes)
  return { ...divergence, decision: { ...said, action, status, reason } }
}

function fateOfChanges(
  changes: readonly RowChange[],
  ending: Ending,
  because: string
): Pick<Decision, 'status' | 'reason'> {
  switch (ending.kind) {
    case 'dry-run':
      return { status: 'planned', reason: because }
    case 'stopped':
      return { status: 'refused', reason: ending.reason }
    case 'applied':
      return together(changes, ending.outcomes, because)
  }
}

function together(
  changes: readonly RowChange[],
  outcomes: Outcomes,
  because: string
): Pick<Decision, 'status' | 'reason'> {
  if (changes.some((change) => !outcomes.has(change.id))) return NOT_REACHED
  const all = changes.map((change) => ({ master: change.master, outcome: outcomeOf(change, outcomes) }))
  const status = WORST.find((each) => all.some(({ outcome }) => outcome.status === each))
  if (status === undefined) return { status: 'applied', reason: because }
  const parts = all.map(({ master, outcome }) =>
    outcome.status === 'applied' ? `applied on ${master}` : `on ${master}: ${outcome.reason}`
  )
  return { status, reason: parts.join('; ') }
}

const NOT_REACHED = { status: 'planned', reason: 'the repair ended before it' } as const

function outcomeOf(change: RowChange, outcomes: Outcomes): ChangeOutcome {
  const outcome = outcomes.get(change.id)
  if (outcome === undefined) throw new Error(`change ${change.id} has no outcome`)
  return outcome
}

function actionOf(changes: readonly RowChange[]): Decision['action'] {
  if (changes.some((change) => change.after === null)) return 'delete'
  return changes.some((change) => change.before !== null) ? 'update' : 'insert'
}
