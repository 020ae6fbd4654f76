import type { AuditTable } from '../audit/table-plan.js'
import { messageOf } from '../model/errors.js'
import { tableName } from '../model/table.js'
import type { RowValues } from '../model/value.js'
import type { RowCells } from '../wire/binlog/cells.js'
import type { BinlogListener } from '../wire/binlog/decoder.js'
import { ANY_GTID, type EarlierGtids } from '../wire/binlog/gtids.js'
import type { LoggedStatement } from '../wire/binlog/query.js'
import type { TableMap } from '../wire/binlog/table-map.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import { Gaps } from './gaps.js'
import { type Entry, sameImage } from './history.js'
import { ImageReader } from './image.js'
import type { FoundRow, WantedRows } from './wanted-rows.js'

/** A table with divergent rows. */
export interface WantedTable {
  readonly table: AuditTable
  readonly rows: WantedRows
}

/** A wanted table as its rows are logged now. */
interface LoggedTable {
  readonly wanted: WantedTable
  readonly reader: ImageReader
  readonly columns: readonly string[]
}

/** What one transaction made of a row so far. */
interface Pending {
  readonly entry: Entry
  readonly columns: readonly string[]
}

/** Changes of one row that are kept: the last ones decide, and a row that is written all day must not fill the memory. */
const MOST_ENTRIES = 16

/** Gathers from one master's binlog the changes of divergent rows. */
export class Collector implements BinlogListener<LoggedTable> {
  readonly gaps = new Gaps()
  readonly #master: string
  readonly #tables: readonly WantedTable[]
  readonly #logs = new Map<number, Entry[]>()
  readonly #cut = new Set<number>()
  readonly #pending = new Map<number, Pending>()
  #earlier: EarlierGtids | null = null
  #from: string | null = null

  constructor(master: string, tables: readonly WantedTable[]) {
    this.#master = master
    this.#tables = tables
  }

  /** The transactions before the first file that was read. */
  get before(): EarlierGtids {
    return this.#earlier ?? ANY_GTID
  }

  /** When the first file that was read was begun; UTC, ISO 8601. `null` before anything was read. */
  get from(): string | null {
    return this.#from
  }

  /** The changes of a row, the oldest first. */
  log(row: number): readonly Entry[] {
    return this.#logs.get(row) ?? []
  }

  /** Whether there were more changes of a row than are kept. */
  isCut(row: number): boolean {
    return this.#cut.has(row)
  }

  wants(map: TableMap): LoggedTable | null {
    const wanted = this.#tables.find(({ table }) => {
      const ref = table.schemas.get(this.#master)?.ref
      return ref?.table === map.table && ref.database === map.database
    })
    if (wanted === undefined) return null
    try {
      const columns = wanted.table.tableColumns.map((column) => column.name)
      return { wanted, columns, reader: new ImageReader(wanted.table, this.#master, map) }
    } catch (error) {
      this.#note(messageOf(error), wanted)
      return null
    }
  }

  row(logged: LoggedTable, before: RowCells | null, after: RowCells | null, by: Transaction): void {
    if (before === null || after === null || logged.reader.keepsKey(before, after)) {
      this.#find(logged, before, after, by)
      return
    }
    // With another key it is another row: one is gone, and one is new.
    this.#find(logged, before, null, by)
    this.#find(logged, null, after, by, before)
  }

  end(committed: boolean): void {
    if (this.#pending.size === 0) return
    for (const [row, { entry, columns }] of this.#pending) {
      if (committed && !sameImage(entry.before, entry.after, columns)) this.#keep(row, entry)
    }
    this.#pending.clear()
  }

  statement(kind: 'rows' | 'table', { database, sql }: LoggedStatement, at: string): void {
    if (kind === 'rows') {
      this.gaps.add(`${this.#master} logs changes as statements, which do not tell of which rows`, null)
      return
    }
    for (const wanted of this.#tables) {
      const ref = wanted.table.schemas.get(this.#master)?.ref
      if (ref === undefined || !names(sql, ref.table, ref.database, database)) continue
      this.#note(`the table was altered, emptied or made anew at ${at}`, wanted)
    }
  }

  unreadable(what: string, logged: LoggedTable | null): void {
    if (logged === null) this.gaps.add(`${this.#master}: ${what}`, null)
    else this.#note(what, logged.wanted)
  }

  earlier(gtids: EarlierGtids): void {
    this.#earlier ??= gtids
  }

  file(begunAt: string): void {
    this.#from ??= begunAt
  }

  #note(text: string, { table }: WantedTable): void {
    this.gaps.add(`${this.#master}: ${text}`, tableName(table.ref))
  }

  /** @param from the row that had another key before. */
  #find(
    { wanted, reader, columns }: LoggedTable,
    before: RowCells | null,
    after: RowCells | null,
    by: Transaction,
    from: RowCells | null = null
  ): void {
    const cells = before ?? after
    const key = cells === null ? null : reader.key(cells, from ?? cells)
    if (key === null) {
      this.#note('keys of its rows cannot be read from the binlog', wanted)
      return
    }
    const found = wanted.rows.find(key)
    if (found === null) return
    const image = (each: RowCells | null) => (each === null ? null : reader.image(each))
    this.#change(found, image(before), image(after), by, columns)
  }

  #change(
    { row, respelled }: FoundRow,
    before: RowValues | null,
    after: RowValues | null,
    by: Transaction,
    columns: readonly string[]
  ): void {
    if (respelled) this.gaps.addRow(`${this.#master}: its binlog has another spelling of the key`, row)
    const earlier = this.#pending.get(row)?.entry
    const write = by.gtid ?? `${by.serverId} ${by.at}`
    // An image may hold only what was changed, so that two of them make up one.
    const result = earlier?.after != null && after !== null ? { ...earlier.after, ...after } : after
    const entry = { write, ...by, before: earlier === undefined ? before : earlier.before, after: result }
    this.#pending.set(row, { entry, columns })
  }

  #keep(row: number, entry: Entry): void {
    const log = this.#logs.get(row) ?? []
    log.push(entry)
    this.#logs.set(row, log)
    if (log.length <= MOST_ENTRIES) return
    log.shift()
    this.#cut.add(row)
  }
}

/** Whether a statement may be about a table. Names in it may be quoted, or stand in comments; that does no harm. */
function names(sql: string, table: string, database: string, current: string): boolean {
  const text = sql.toLowerCase()
  if (/^\s*drop\s+(database|schema)/i.test(sql)) return text.includes(database.toLowerCase())
  const isHere = current.toLowerCase() === database.toLowerCase() || text.includes(database.toLowerCase())
  return isHere && text.includes(table.toLowerCase().replaceAll('`', '``'))
}
