import type { AuditTable } from '../audit/table-plan.js'
import { ImageReader } from '../evidence/image.js'
import { messageOf } from '../model/errors.js'
import { type TableRef, tableName } from '../model/table.js'
import type { RowCells } from '../wire/binlog/cells.js'
import type { BinlogListener } from '../wire/binlog/decoder.js'
import type { LoggedStatement } from '../wire/binlog/query.js'
import type { TableMap } from '../wire/binlog/table-map.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import type { Findings } from './findings.js'
import type { Change, Side } from './written-rows.js'

/** How a table is looked at: `left-out` by the configuration, or not to be looked at for a reason. */
export type TableView =
  | { readonly kind: 'audited'; readonly table: AuditTable }
  | { readonly kind: 'left-out' }
  | { readonly kind: 'unreadable'; readonly why: string }

/** What a reading needs to know. */
export interface ListenerSetting {
  /** Whose binlog is read. */
  readonly holder: string
  readonly viewOf: (ref: TableRef) => TableView
  /** Where the transactions come from. */
  readonly side: Side
  /** The masters that lack a transaction. */
  readonly lackedBy: (transaction: Transaction) => readonly string[]
  readonly findings: Findings
  /** Called with each transaction that some master lacks. */
  readonly onTransaction: (transaction: Transaction, lackedBy: readonly string[]) => void
}

interface LoggedTable {
  readonly ref: TableRef
  readonly view: TableView
  readonly reader: ImageReader | null
}

/** Parts of a transaction, which change neither rows nor definitions. */
const PARTS = /^\s*(savepoint|release\s+savepoint)\b/i
/** Enough of a statement to know it again. */
const SHOWN_CHARACTERS = 80

/** Gathers from one master's binlog what those transactions change that some master lacks. */
export class WriteListener implements BinlogListener<LoggedTable> {
  readonly #setting: ListenerSetting
  #transaction: Transaction | null = null
  #lackedBy: readonly string[] = []
  /** Changes of the transaction that has not ended yet. */
  #open: Change[] = []
  #ended = true

  constructor(setting: ListenerSetting) {
    this.#setting = setting
  }

  /** Whether a transaction that some master lacks has begun and not ended. */
  get isOpen(): boolean {
    return !this.#ended && this.#lackedBy.length > 0
  }

  begin(transaction: Transaction): void {
    this.#open = []
    this.#ended = false
    this.#transaction = transaction
    this.#lackedBy = this.#setting.lackedBy(transaction)
    if (this.#lackedBy.length > 0) this.#setting.onTransaction(transaction, this.#lackedBy)
  }

  wants(map: TableMap): LoggedTable {
    const ref = { database: map.database, table: map.table }
    const view = this.#setting.viewOf(ref)
    if (view.kind !== 'audited') return { ref, view, reader: null }
    try {
      return { ref, view, reader: new ImageReader(view.table, this.#setting.holder, map) }
    } catch (error) {
      return { ref, view: { kind: 'unreadable', why: messageOf(error) }, reader: null }
    }
  }

  row({ ref, view, reader }: LoggedTable, before: RowCells | null, after: RowCells | null): void {
    if (this.#lackedBy.length === 0) return
    const { findings } = this.#setting
    if (view.kind === 'left-out') findings.leaveOut(ref)
    else if (view.kind === 'unreadable' || reader === null) {
      findings.addGap({ side: this.#setting.side, ref, text: `${tableName(ref)}: ${this.#why(view)}` })
    } else if (before !== null && after !== null && !reader.keepsKey(before, after)) {
      // With another key it is another row: one is gone, and one is new.
      this.#change(view.table, reader, before, null)
      this.#change(view.table, reader, null, after, before)
    } else this.#change(view.table, reader, before, after)
  }

  end(committed: boolean): void {
    const { findings, side } = this.#setting
    if (committed) for (const change of this.#open) findings.rows.add(change, side, this.#lackedBy)
    this.#open = []
    this.#ended = true
  }

  statement(kind: 'rows' | 'table', statement: LoggedStatement): void {
    this.#statement(kind === 'rows' ? 'changes rows without naming them' : 'changes what a table is', statement)
  }

  otherStatement(statement: LoggedStatement): void {
    if (!PARTS.test(statement.sql)) this.#statement('is no change of rows', statement)
  }

  unreadable(what: string, logged: LoggedTable | null): void {
    if (this.#lackedBy.length === 0) return
    const text = `${this.#setting.holder}: ${what}`
    this.#setting.findings.addGap({ side: this.#setting.side, ref: logged?.ref ?? null, text })
  }

  earlier(): void {}

  file(): void {}

  #change(
    table: AuditTable,
    reader: ImageReader,
    before: RowCells | null,
    after: RowCells | null,
    from: RowCells | null = before
  ): void {
    const cells = after ?? before
    const key = cells === null ? null : reader.key(cells, from ?? cells)
    if (key === null) {
      const text = `${tableName(table.ref)}: keys of its rows cannot be read from the binlog of ${this.#setting.holder}`
      this.#setting.findings.addGap({ side: this.#setting.side, ref: table.ref, text })
      return
    }
    const { rows } = this.#setting.findings
    // Most of what was missed is only passed over; its images are not worth reading.
    if (!rows.wants(table, key, this.#setting.side, this.#open.length)) return
    const kind = before === null ? 'insert' : after === null ? 'delete' : 'update'
    this.#open.push({ table, key, kind, after: after === null ? null : reader.image(after) })
  }

  #statement(what: string, { sql, database }: LoggedStatement): void {
    if (this.#lackedBy.length === 0) return
    const { holder, findings } = this.#setting
    const name = this.#transaction?.gtid ?? `a transaction of ${this.#transaction?.at}`
    const shown = sql.length <= SHOWN_CHARACTERS ? sql : `${sql.slice(0, SHOWN_CHARACTERS)}…`
    const text = `${holder}: ${name} ${what}: ${shown}`
    findings.addStatement({ side: this.#setting.side, text, sql, database })
  }

  #why(view: TableView): string {
    return view.kind === 'unreadable' ? view.why : 'its rows cannot be read'
  }
}
