import type { Divergence, DivergenceClass } from '../model/divergence.js'

/** The order in which classes are told. */
export const CLASSES: readonly DivergenceClass[] = ['missing', 'conflict', 'collision']

/** Keeps the first divergences of each class and forgets the rest. */
export class Samples {
  readonly #limit: number
  readonly #kept: Record<DivergenceClass, Divergence[]> = { missing: [], conflict: [], collision: [] }

  /** @param limit how many to show in all. */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(divergence: Divergence): void {
    const kept = this.#kept[divergence.class]
    if (kept.length < this.#limit) kept.push(divergence)
  }

  /** The first of each class, as evenly as their numbers allow, so that a flood of one does not hide the others. */
  pick(): Readonly<Record<DivergenceClass, readonly Divergence[]>> {
    const share: Record<DivergenceClass, number> = { missing: 0, conflict: 0, collision: 0 }
    let left = this.#limit
    for (let gave = true; gave && left > 0; ) {
      gave = false
      for (const name of CLASSES) {
        if (left === 0 || share[name] >= this.#kept[name].length) continue
        share[name]++
        left--
        gave = true
      }
    }
    return {
      missing: this.#kept.missing.slice(0, share.missing),
      conflict: this.#kept.conflict.slice(0, share.conflict),
      collision: this.#kept.collision.slice(0, share.collision)
    }
  }
}
