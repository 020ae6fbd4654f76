import type { DivergenceClass } from '../model/divergence.js'
import type { Evidence } from '../model/evidence.js'
import { judgeConcurrentWrites } from './concurrent-writes.js'
import { eventsOf } from './events.js'
import type { RowHistory } from './history.js'
import { judgeLastWrite } from './last-write.js'
import { obstacle } from './obstacle.js'
import { type Past, unknown, type Verdict } from './verdict.js'
import { orderWrites } from './writes.js'

/** What the binlogs tell of a row, and the class that it has by them. */
export interface Conclusion {
  readonly class: DivergenceClass
  readonly evidence: Evidence
}

/**
 * Concludes from its past what made a row differ. Nothing is concluded unless every master's row is what the binlogs say it
 * should be.
 *
 * @param gaps what could not be read of this row's past, in words; then its events are told and nothing is concluded.
 */
export function conclude(history: RowHistory, gaps: readonly string[]): Conclusion {
  const writes = orderWrites(history)
  const last = writes.all.filter((write) => !writes.all.some((other) => writes.precedes(write, other)))
  const past = { history, writes, last }
  const { verdict, because, base, class: proven } = gaps.length > 0 ? unknown(gaps.join('; ')) : judge(past)
  return {
    class: history.class === 'missing' ? 'missing' : (proven ?? history.class),
    evidence: { verdict, because, events: eventsOf(past), base }
  }
}

function judge(past: Past): Verdict {
  const why = obstacle(past)
  if (why !== null) return unknown(why)
  const [only, ...others] = past.last
  return only !== undefined && others.length === 0 ? judgeLastWrite(only, past) : judgeConcurrentWrites(past)
}
