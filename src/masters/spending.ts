import type { ServerCost } from '../model/costs.js'

/** Adds up what the sessions of one master cost it. */
export class Spending {
  #queries = 0
  #rows = 0
  #bytes = 0

  get cost(): ServerCost {
    return { queries: this.#queries, rows: this.#rows, bytes: this.#bytes }
  }

  /** One more statement is sent. */
  addQuery(): void {
    this.#queries++
  }

  /** What a streamed statement brought. */
  addStream(rows: number, bytes: number): void {
    this.#rows += rows
    this.#bytes += bytes
  }

  /** One value of a small result. */
  addValue(bytes: number): void {
    this.#bytes += bytes
  }
}
