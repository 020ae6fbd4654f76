import type { Step } from '../model/repair.js'

/** Row locks are held while a transaction is written, on all masters: short enough not to be felt. */
const MOST_STEPS = 200
/** Characters of literals: bounds the packet, the journal's line and the undo log. */
const MOST_CHARACTERS = 4_000_000

/**
 * Cuts the steps for one master into transactions, for a script as well as for writing them. A row is never left parked
 * between two of them, and a family has one to itself.
 */
export function inTransactions(steps: readonly Step[]): readonly (readonly Step[])[] {
  const transactions: Step[][] = []
  const parked = new Set<number>()
  let current: Step[] = []
  let size = 0
  for (const [at, step] of steps.entries()) {
    current.push(step)
    size += sizeOf(step)
    if (step.kind === 'park') parked.add(step.change.id)
    else parked.delete(step.change.id)
    const { family } = step.change
    const isEnd = family !== steps[at + 1]?.change.family
    const isFull = family === undefined && (current.length >= MOST_STEPS || size >= MOST_CHARACTERS)
    if (parked.size > 0 || !(isEnd || isFull)) continue
    transactions.push(current)
    current = []
    size = 0
  }
  return current.length === 0 ? transactions : [...transactions, current]
}

/** The part of what one transaction may hold that a step takes up. */
export function shareOf(step: Step): number {
  return Math.max(1 / MOST_STEPS, sizeOf(step) / MOST_CHARACTERS)
}

function sizeOf({ before, after }: Step): number {
  return [before, after].reduce(
    (sum, image) => sum + Object.values(image ?? {}).reduce((length, literal) => length + literal.length, 0),
    0
  )
}
