import type { Ruling } from '../../model/repair.js'

/** A ruling, before it is said by which rule. */
export type Verdict = Omit<Ruling, 'rule' | 'policy'>

/** Nobody wins. */
export function manual(because: string): Verdict {
  return { because, winner: null, wanted: { kind: 'manual' } }
}

/** The version that this master holds. */
export function versionOf(master: string, because: string): Verdict {
  return { because, winner: master, wanted: { kind: 'version', master } }
}

/** This master wins, and has no such row. */
export function absentAsOn(master: string | null, because: string): Verdict {
  return { because, winner: master, wanted: { kind: 'absent' } }
}

/** `a`, or `a, b`; `[]` never. */
export function list(names: readonly string[]): string {
  return names.join(', ')
}
