import { type MasterFacts, variable } from '../facts.js'

/** How a master numbers new rows. */
interface Lane {
  readonly increment: number
  readonly offset: number
  /** What its ids leave when they are divided by the increment. */
  readonly remainder: number
}

/** The lane of a master, as its global variables say. */
export function laneOf(facts: MasterFacts): Lane {
  const increment = Number(variable(facts, 'auto_increment_increment')?.value ?? 1)
  const offset = Number(variable(facts, 'auto_increment_offset')?.value ?? 1)
  // An offset beyond the increment counts as 1.
  return { increment, offset, remainder: (offset > increment ? 1 : offset) % increment }
}
