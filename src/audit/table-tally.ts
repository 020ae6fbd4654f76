import type { Obstacle } from '../masters/catch-up.js'
import type { TallySnapshot } from '../model/checkpoint.js'
import { addDigests, type Digest, emptyDigest } from '../model/chunk.js'
import type { Divergence } from '../model/divergence.js'
import type { TableResult } from '../model/report.js'
import { sumText } from '../wire/sums.js'
import type { Compared } from './compared.js'
import type { AuditTable, TablePlan } from './table-plan.js'

/** Adds up what the phases of one table's audit found. */
export class TableTally {
  readonly #table: AuditTable
  readonly #masters: readonly string[]
  readonly #obstacles = new Set<string>()
  readonly #classes = { missing: 0, conflict: 0, collision: 0 }
  readonly #remarks: string[] = []
  #digests: readonly Digest[]
  /** Whether rows were counted, and not only looked at one by one. */
  #counted = false
  #chunks = 0
  #mismatched = 0
  #unsettled = 0
  #rowsRead = 0

  constructor(table: AuditTable, masters: readonly string[]) {
    this.#table = table
    this.#masters = masters
    this.#digests = masters.map(() => emptyDigest(table.summed.length))
  }

  /** Goes on where an earlier run was; the masters must be the same. */
  static from(table: AuditTable, snapshot: TallySnapshot): TableTally {
    const tally = new TableTally(table, snapshot.masters)
    tally.#digests = snapshot.masters.map((_, at) => ({
      rows: snapshot.rows[at] ?? 0,
      bytes: snapshot.bytes[at] ?? 0,
      checksum: 0n,
      weight: 1n,
      sums: (snapshot.sums[at] ?? []).map(BigInt)
    }))
    tally.#counted = true
    tally.#chunks = snapshot.chunks
    tally.#mismatched = snapshot.mismatched
    tally.#rowsRead = snapshot.rowsRead
    tally.#unsettled = snapshot.unsettled
    Object.assign(tally.#classes, snapshot.classes)
    for (const reason of snapshot.obstacles) tally.#obstacles.add(reason)
    return tally
  }

  /** What was counted so far, to go on from another time. */
  snapshot(): TallySnapshot {
    return {
      masters: this.#masters,
      rows: this.#digests.map((digest) => digest.rows),
      bytes: this.#digests.map((digest) => digest.bytes),
      sums: this.#digests.map((digest) => digest.sums.map(String)),
      chunks: this.#chunks,
      mismatched: this.#mismatched,
      rowsRead: this.#rowsRead,
      unsettled: this.#unsettled,
      classes: { ...this.#classes },
      obstacles: [...this.#obstacles]
    }
  }

  get chunks(): number {
    return this.#chunks
  }

  get mismatched(): number {
    return this.#mismatched
  }

  /** Rows read so far, on the master with the most. */
  get rowsRead(): number {
    return this.#rowsRead
  }

  addChunk(digests: readonly Digest[], agrees: boolean): void {
    this.#chunks++
    this.#rowsRead += Math.max(...digests.map((digest) => digest.rows))
    if (!agrees) this.#mismatched++
  }

  addPart(part: Compared): void {
    this.#counted = true
    this.#digests = this.#digests.map((sum, at) => {
      const digest = part.digests[at]
      return digest === undefined ? sum : addDigests(sum, digest)
    })
    this.#addOpen(part.unsettled, part.obstacles)
  }

  /** Rows that were read by their keys. */
  addRows(rows: number, unsettled: number, obstacles: readonly Obstacle[]): void {
    this.#rowsRead += rows
    this.#addOpen(unsettled, obstacles)
  }

  /** What else a reader must know of the result. */
  remark(text: string): void {
    this.#remarks.push(text)
  }

  addDivergence(divergence: Divergence): void {
    this.#classes[divergence.class]++
  }

  /** @param failure why the table was not compared on every master; `null` when it was. */
  result(failure: string | null): TableResult {
    const divergent = Object.values(this.#classes).some((count) => count > 0)
    return {
      ...this.#table.ref,
      status: failure !== null ? 'failed' : divergent ? 'divergent' : this.#unsettled > 0 ? 'failed' : 'consistent',
      reason: this.#reason(failure),
      key: this.#table.keyColumns.map((column) => column.name),
      drift: this.#table.drift,
      chunks: { total: this.#chunks, mismatched: this.#mismatched },
      rows: this.#counted ? this.#byMaster((digest) => digest.rows) : {},
      sums: this.#counted ? this.#sums() : {},
      ...this.#classes,
      unsettled: this.#unsettled
    }
  }

  /** The result of a table that was not read to its end: counts of a part would be taken for those of the whole. */
  cutShort(failure: string): TableResult {
    return { ...this.result(failure), rows: {}, sums: {} }
  }

  #addOpen(unsettled: number, obstacles: readonly Obstacle[]): void {
    this.#unsettled += unsettled
    for (const { reason } of obstacles) this.#obstacles.add(reason)
  }

  #reason(failure: string | null): string | null {
    const unsettled = this.#unsettled === 0 ? [] : [`${this.#unsettled} rows could not be settled in the time allowed`]
    const reasons = [
      ...(failure === null ? [] : [failure]),
      ...this.#remarks,
      ...unsettled,
      ...this.#table.notes,
      ...this.#obstacles
    ]
    return reasons.length === 0 ? null : reasons.join('; ')
  }

  #sums(): TableResult['sums'] {
    return Object.fromEntries(
      this.#table.summed.flatMap((at, slot) => {
        const column = this.#table.columns[at]
        if (column === undefined) return []
        return [[column.name, this.#byMaster((digest) => sumText(digest.sums[slot] ?? 0n, column.scale ?? 0))]]
      })
    )
  }

  #byMaster<Value>(pick: (digest: Digest) => Value): Readonly<Record<string, Value>> {
    return Object.fromEntries(
      this.#masters.flatMap((name, at) => {
        const digest = this.#digests[at]
        return digest === undefined ? [] : [[name, pick(digest)]]
      })
    )
  }
}

/** The result of a table of which nothing was read. */
export function notCompared(plan: Exclude<TablePlan, { kind: 'compare' }>): TableResult {
  return {
    ...plan.ref,
    status: 'failed',
    reason: plan.reason,
    key: [],
    drift: plan.drift,
    chunks: { total: 0, mismatched: 0 },
    rows: {},
    sums: {},
    missing: 0,
    conflict: 0,
    collision: 0,
    unsettled: 0
  }
}
