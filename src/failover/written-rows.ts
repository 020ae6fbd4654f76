import type { AuditTable } from '../audit/table-plan.js'
import type { EventKind } from '../model/evidence.js'
import { tableName } from '../model/table.js'
import type { RowValues, SqlValue } from '../model/value.js'

/** What transactions that a master lacks will do to one row there. */
export interface LackedChange {
  readonly first: EventKind
  /** The row as the last of them leaves it; `null` for none. May lack columns. */
  readonly after: RowValues | null
}

/** Where transactions come from: the lost or returned master, or the others. */
export type Side = 'own' | 'others'

/** A row that transactions change which some master lacks. */
export interface WrittenRow {
  readonly table: AuditTable
  readonly key: readonly SqlValue[]
  /** By the master that lacks them. */
  readonly lacked: ReadonlyMap<string, LackedChange>
  readonly sides: ReadonlySet<Side>
}

/** One change of one row. */
export interface Change {
  readonly table: AuditTable
  readonly key: readonly SqlValue[]
  readonly kind: EventKind
  readonly after: RowValues | null
}

/** Rows that are held at most; beyond that, comparing the tables is quicker than naming their rows. */
export const MOST_ROWS = 100_000
/** Of them, rows that only others have written: they are looked at for what would stop an applier, and are not the matter. */
export const MOST_MISSED = 20_000
/** Rows may be of megabytes: then fewer are held. */
const MOST_CHARACTERS = 64_000_000

/** A row while it is gathered. */
interface OpenRow extends WrittenRow {
  readonly lacked: Map<string, LackedChange>
  readonly sides: Set<Side>
}

/** Gathers what transactions do to rows, in the order in which they do it. */
export class WrittenRows {
  readonly #rows = new Map<string, OpenRow>()
  #characters = 0
  #missed = 0
  #leftOut = false

  /** Whether rows were left out for want of room. */
  get leftOut(): boolean {
    return this.#leftOut
  }

  get all(): readonly WrittenRow[] {
    return [...this.#rows.values()]
  }

  /**
   * Whether a change of this row is to be kept: it is known, or there is room.
   * @param open changes that are to be kept already, and not added yet.
   */
  wants(table: AuditTable, key: readonly SqlValue[], side: Side, open: number): boolean {
    if (this.#rows.has(nameOf(table, key))) return true
    const isFull = this.#characters >= MOST_CHARACTERS || this.#rows.size + open >= MOST_ROWS
    const hasRoom = !isFull && (side === 'own' || this.#missed + open < MOST_MISSED)
    if (!hasRoom) this.#leftOut = true
    return hasRoom
  }

  /** @param lackedBy the masters that lack it. */
  add({ table, key, kind, after }: Change, side: Side, lackedBy: readonly string[]): void {
    const row = this.#row(table, key, side)
    row.sides.add(side)
    for (const master of lackedBy) {
      const before = row.lacked.get(master)
      const whole = before?.after == null || after === null ? after : { ...before.after, ...after }
      this.#characters += charactersIn(whole) - charactersIn(before?.after ?? null)
      row.lacked.set(master, { first: before?.first ?? kind, after: whole })
    }
  }

  #row(table: AuditTable, key: readonly SqlValue[], side: Side): OpenRow {
    const name = nameOf(table, key)
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const row = { table, key, lacked: new Map<string, LackedChange>(), sides: new Set<Side>() }
    this.#rows.set(name, row)
    this.#characters += name.length
    if (side === 'others') this.#missed++
    return row
  }
}

/** The same for one row, however often it is changed. */
function nameOf({ ref }: AuditTable, key: readonly SqlValue[]): string {
  return JSON.stringify([tableName(ref), key])
}

function charactersIn(row: RowValues | null): number {
  if (row === null) return 0
  return Object.values(row).reduce(
    (sum, value) => sum + (typeof value === 'string' ? value.length : (value?.hex.length ?? 0)),
    0
  )
}
