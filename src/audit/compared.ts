import type { Obstacle } from '../masters/catch-up.js'
import type { Digest } from '../model/chunk.js'
import type { ConfirmedRow } from './confirm.js'
import { together } from './digest.js'
import type { Part } from './sections.js'

/** What comparing a part row by row found. */
export interface Compared {
  readonly differing: readonly ConfirmedRow[]
  readonly unsettled: number
  readonly obstacles: readonly Obstacle[]
  /** What each master holds in the part, as far as it could be told at one time. */
  readonly digests: readonly Digest[]
}

/** Of a part in which nothing differs. */
export function agreed({ digests }: Part): Compared {
  return { differing: [], unsettled: 0, obstacles: [], digests }
}

/** Of parts that lie behind each other. */
export function joined(results: readonly Compared[], parts: readonly Part[]): Compared {
  return {
    differing: results.flatMap((result) => result.differing),
    unsettled: results.reduce((sum, result) => sum + result.unsettled, 0),
    obstacles: results.flatMap((result) => result.obstacles),
    digests: together(parts.map((part, at) => ({ ...part, ...results[at] })))
  }
}
