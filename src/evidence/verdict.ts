import type { EvidenceVerdict } from '../model/evidence.js'
import type { RowValues } from '../model/value.js'
import type { RowHistory } from './history.js'
import type { Write, Writes } from './writes.js'

/** What is known of a row before anything is concluded. */
export interface Past {
  readonly history: RowHistory
  readonly writes: Writes
  /** The changes that no other one is known to have been made in knowledge of. */
  readonly last: readonly Write[]
}

/** What is concluded. */
export interface Verdict {
  readonly verdict: EvidenceVerdict
  readonly because: string
  readonly base: RowValues | null
  /** The class that the row is proven to belong to; `null` where that is no matter of proof. */
  readonly class: 'conflict' | 'collision' | null
}

/** Nothing is proven, and what stands in the way. */
export function unknown(because: string): Verdict {
  return { verdict: 'unknown', because, base: null, class: null }
}
