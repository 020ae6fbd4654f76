import { splitGtid } from '../model/gtid-set.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import { Findings } from './findings.js'

/** What was read of the transactions that some master lacks. */
export interface ReadTransactions {
  readonly findings: Findings
  /** How many each master lacks; masters that lack none are left out. */
  readonly counts: ReadonlyMap<string, number>
  /** How many of those only the returned master has. */
  readonly unsent: number
  /** Where those that a master lacks were read. */
  readonly readOn: ReadonlyMap<string, ReadonlySet<string>>
  /** The number of the first one of each source, by the master that lacks it. */
  readonly firsts: ReadonlyMap<string, ReadonlyMap<string, bigint>>
  /** When the earliest of them was committed: UTC, ISO 8601; `null` when there are none. */
  readonly since: string | null
}

/** Counts transactions as they are read. */
export class Tally implements ReadTransactions {
  readonly findings = new Findings()
  readonly counts = new Map<string, number>()
  readonly readOn = new Map<string, Set<string>>()
  readonly firsts = new Map<string, Map<string, bigint>>()
  unsent = 0
  since: string | null = null
  readonly #isUnsent: (transaction: Transaction) => boolean

  constructor(isUnsent: (transaction: Transaction) => boolean) {
    this.#isUnsent = isUnsent
  }

  /** @param holder on which it was read. */
  add(holder: string, transaction: Transaction, lackedBy: readonly string[]): void {
    const { gtid, at } = transaction
    if (this.#isUnsent(transaction)) this.unsent++
    if (this.since === null || at < this.since) this.since = at
    for (const master of lackedBy) {
      this.counts.set(master, (this.counts.get(master) ?? 0) + 1)
      this.readOn.set(master, (this.readOn.get(master) ?? new Set()).add(holder))
      if (gtid !== null) this.#first(master, gtid)
    }
  }

  #first(master: string, gtid: string): void {
    const { source, number } = splitGtid(gtid)
    const own = this.firsts.get(master) ?? new Map<string, bigint>()
    if (!own.has(source)) own.set(source, number)
    this.firsts.set(master, own)
  }
}
