import { type GtidSet, gtidSet, splitGtid, withoutGtids } from '../model/gtid-set.js'
import type { Vendor } from '../model/master.js'

/** Keeps account of transactions that are looked for in a binlog. */
export class SeenGtids {
  readonly #vendor: Vendor
  readonly #wanted: GtidSet
  /** The last number of each interval that is not over. */
  readonly #due: Map<string, bigint>
  readonly #intervals: [source: string, interval: [bigint, bigint]][] = []
  readonly #open = new Map<string, [bigint, bigint]>()

  constructor(vendor: Vendor, wanted: GtidSet) {
    this.#vendor = vendor
    this.#wanted = wanted
    this.#due = new Map([...wanted].map(([source, intervals]) => [source, intervals.at(-1)?.[1] ?? 0n]))
  }

  add(gtid: string): void {
    const { source, number } = splitGtid(gtid)
    if (this.#due.get(source) === number) this.#due.delete(source)
    const open = this.#open.get(source)
    if (open !== undefined && open[1] + 1n === number) {
      open[1] = number
      return
    }
    const interval: [bigint, bigint] = [number, number]
    this.#open.set(source, interval)
    this.#intervals.push([source, interval])
  }

  /** Whether all was seen. MySQL may log the transactions of one source in another order than that of their numbers. */
  get isDone(): boolean {
    return this.#due.size === 0 && this.lacking.size === 0
  }

  /**
   * What was not seen. MariaDB numbers a domain for all of its servers together, so the numbers of one have holes: there the
   * last one stands for all.
   */
  get lacking(): GtidSet {
    if (this.#vendor === 'mysql') return withoutGtids(this.#wanted, gtidSet(this.#intervals))
    return new Map([...this.#wanted].filter(([source]) => this.#due.has(source)))
  }
}
