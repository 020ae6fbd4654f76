import { isPending, type Obstacle } from '../masters/catch-up.js'

/**
 * What a reading of one row on all masters proves, after a wait, beside the reading before that wait. `moving`: nothing yet;
 * `late`: nothing, and reading again does not help until the masters that were too slow have caught up.
 */
export type Verdict = 'same' | 'differs' | 'moving' | 'late'

/**
 * Judges a row by what each master held before the wait (`before`) and after it (`now`), in the order of the masters.
 *
 * A master is *settled* when it has applied, of every other master, all that was there when the wait began; what cannot
 * arrive at all, because replication has stopped or was never set up, is not asked for. Where the row differs between two
 * settled masters, and both hold what they held before the wait, they differ for good:
 *
 * - Every write of the row was made on some master. One made before the first reading was in that master's binlog when the
 *   wait began, so both have applied it, or never will. By whatever way it travels, round a ring or over several hops: a
 *   direction stands for the writes of its source, not for a channel.
 * - One made or applied after the first reading changed the row under our eyes, and then it was not the same twice.
 *
 * So nothing is left that could make these two equal, whatever the other masters hold or have yet to apply. The other way
 * round, a write may be on its way to each master that is not settled, and make it equal to the others. If the settled
 * ones agree, or there is but one of them, the row is `late`: it says nothing of the masters that are not settled.
 *
 * It does not matter that a master which is not settled has yet to *pass on* writes: those are in the binlog of the master
 * that made them, and whoever waits for them through it is not settled either.
 */
export function judge<Version>(
  now: readonly Version[],
  before: readonly Version[],
  settled: readonly boolean[]
): Verdict {
  if (allEqual(now)) return 'same'
  const known = now.map((_, at) => at).filter((at) => settled[at] === true)
  if (allEqual(known.map((at) => now[at]))) return 'late'
  return known.every((at) => before.length === now.length && before[at] === now[at]) ? 'differs' : 'moving'
}

/** Which masters have nothing to come, as far as the others had written when the wait began. */
export function settledMasters(masters: readonly string[], obstacles: readonly Obstacle[]): readonly boolean[] {
  const waiting = new Set(obstacles.filter(isPending).map(({ follower }) => follower))
  return masters.map((master) => !waiting.has(master))
}

export function allEqual(values: readonly unknown[]): boolean {
  return values.every((value) => value === values[0])
}
