import { addCosts, type Costs } from '../model/costs.js'

/** Adds up what the parts of a run cost the masters. */
export class Bill {
  #total: Costs | null = null

  add(costs: Costs | undefined): void {
    if (costs !== undefined) this.#total = this.#total === null ? costs : addCosts(this.#total, costs)
  }

  /** `null` while nothing is known. */
  get total(): Costs | null {
    return this.#total
  }
}
