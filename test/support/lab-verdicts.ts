import type { How } from '../../src/lab/truth.js'
import type { EvidenceVerdict } from '../../src/model/evidence.js'

/** What the binlogs prove of each way in which the lab makes masters differ; a family of collisions has rows of several kinds. */
export const VERDICTS: Readonly<Record<Exclude<How, 'collision-family'>, EvidenceVerdict>> &
  Readonly<Partial<Record<How, EvidenceVerdict>>> = {
  'lost-insert': 'never-arrived',
  'lost-delete': 'deleted',
  'lost-update': 'never-arrived',
  'even-update': 'never-arrived',
  swap: 'never-arrived',
  'crossing-updates': 'crosswise',
  'same-id': 'double-insert',
  'collision-family': 'double-insert'
}
