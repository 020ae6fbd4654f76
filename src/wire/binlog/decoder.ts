import { type RowCells, UnknownCell } from './cells.js'
import { EventType } from './codes.js'
import { HEADER_BYTES, readHeader } from './event.js'
import { type EarlierGtids, readGtidList, readPreviousGtids } from './gtids.js'
import { type LoggedStatement, readQuery, statementKind } from './query.js'
import { type Cutters, cuttersFor, isRowsEvent, readRows, TABLE_HEAD, tableId } from './rows-event.js'
import { readTableMap, type TableMap } from './table-map.js'
import { bodyOf, readGtidEvent, secondsText, type Transaction } from './transaction.js'

/** Takes what a binlog says of the tables that somebody wants to know of. */
export interface BinlogListener<Wanted> {
  /** The events up to the next call are of this transaction. */
  begin?(transaction: Transaction): void
  /** What the listener knows a table by; `null` when its rows are not wanted. */
  wants(map: TableMap): Wanted | null
  /** One changed row; the cells are only valid during the call. */
  row(wanted: Wanted, before: RowCells | null, after: RowCells | null, transaction: Transaction): void
  /** The rows since the last end are there for good, or never were. */
  end(committed: boolean): void
  /** A statement that changed rows without naming them, or what a table is. */
  statement(kind: 'rows' | 'table', statement: LoggedStatement, at: string): void
  /** Any other statement, such as CREATE or GRANT; savepoints come here too. */
  otherStatement?(statement: LoggedStatement): void
  /** Something that cannot be read, in words; what it changed is not known. `null` for any table. */
  unreadable(what: string, wanted: Wanted | null): void
  /** Which transactions came before the first event. */
  earlier(gtids: EarlierGtids): void
  /** When a file begins; UTC, ISO 8601. */
  file(begunAt: string): void
}

const nothing = () => {}
/** Wants to know of nothing, for those that want little. */
export const DEAF: BinlogListener<never> = {
  wants: () => null,
  row: nothing,
  end: nothing,
  statement: nothing,
  unreadable: nothing,
  earlier: nothing,
  file: nothing
}

/** A table map as it was last seen, and whether anybody wants its rows. */
interface KnownMap<Wanted> {
  readonly bytes: Buffer
  readonly cutters: Cutters
  readonly wanted: Wanted | null
}

const UNREADABLE: ReadonlyMap<number, string> = new Map([
  [EventType.transactionPayload, 'transactions are compressed (binlog_transaction_compression)'],
  [EventType.taggedGtid, 'transactions have tagged GTIDs'],
  [EventType.beginLoadQuery, 'LOAD DATA was logged as a statement'],
  [EventType.executeLoadQuery, 'LOAD DATA was logged as a statement'],
  [EventType.xaPrepare, 'XA transactions were prepared'],
  [EventType.incident, 'the server logged that events were lost']
])

/** Reads the events of a binlog in their order, and tells the listener what concerns it. */
export class BinlogDecoder<Wanted> {
  readonly #listener: BinlogListener<Wanted>
  readonly #maps = new Map<number, KnownMap<Wanted>>()
  #transaction: Transaction = { gtid: null, serverId: 0, at: secondsText(0) }
  /** The transaction is one event, and no other ends it. */
  #standalone = false
  /** Bytes behind each event of this file. */
  #checksum = 0

  constructor(listener: BinlogListener<Wanted>) {
    this.#listener = listener
  }

  /** Takes one event, `buffer[start, end)`. The buffer is not kept. */
  event(buffer: Buffer, start: number, end: number): void {
    const type = buffer[start + 4] ?? 0
    if (type === EventType.formatDescription) this.#checksum = checksumBytes(bodyOf(buffer, start, end))
    const body = bodyOf(buffer, start, end - this.#checksum)
    if (isRowsEvent(type)) this.#rows(type, body)
    else if (type === EventType.tableMap) this.#tableMap(body)
    else this.#other(buffer, start, body)
  }

  #other(buffer: Buffer, start: number, body: Buffer): void {
    const header = readHeader(buffer, start)
    switch (header.type) {
      case EventType.gtid:
      case EventType.anonymousGtid:
      case EventType.mariadbGtid: {
        const { standalone, ...transaction } = readGtidEvent(header, body)
        this.#transaction = transaction
        this.#standalone = standalone
        this.#listener.begin?.(transaction)
        break
      }
      case EventType.xid:
        this.#listener.end(true)
        break
      case EventType.query:
      case EventType.compressedQuery:
        this.#statement(readQuery(header.type, body))
        break
      case EventType.formatDescription:
        if (!header.artificial && header.timestamp > 0) this.#listener.file(secondsText(header.timestamp))
        break
      case EventType.previousGtids:
        this.#listener.earlier(readPreviousGtids(body))
        break
      case EventType.mariadbGtidList:
        this.#listener.earlier(readGtidList(body))
        break
      default:
        this.#unreadable(header.type, body)
    }
  }

  #unreadable(type: number, body: Buffer): void {
    if (type === EventType.partialUpdateRows) {
      const known = this.#maps.get(tableId(body))
      if (known?.wanted != null) {
        this.#listener.unreadable('updates of JSON were logged in part (binlog_row_value_options)', known.wanted)
      }
      return
    }
    // Whatever follows is not of the transaction before.
    if (type === EventType.taggedGtid) this.#listener.begin?.({ gtid: null, serverId: 0, at: secondsText(0) })
    const what = UNREADABLE.get(type)
    if (what !== undefined) this.#listener.unreadable(what, null)
  }

  #statement(statement: LoggedStatement): void {
    const kind = statementKind(statement.sql)
    if (kind === 'rows' || kind === 'table') this.#listener.statement(kind, statement, this.#transaction.at)
    if (kind === 'other') this.#listener.otherStatement?.(statement)
    if (kind === 'commit' || kind === 'rollback') this.#listener.end(kind === 'commit')
    else if (this.#standalone) this.#listener.end(true)
  }

  /** Every transaction tells again what its tables are, nearly always the same. */
  #tableMap(body: Buffer): void {
    const id = tableId(body)
    const known = this.#maps.get(id)
    if (known?.bytes.equals(body) === true) return
    const map = readTableMap(body, TABLE_HEAD)
    const wanted = this.#listener.wants(map)
    this.#maps.set(id, { bytes: Buffer.from(body), cutters: cuttersFor(map), wanted })
  }

  #rows(type: number, body: Buffer): void {
    const known = this.#maps.get(tableId(body))
    if (known === undefined) {
      this.#listener.unreadable('rows of a table that was not named before', null)
      return
    }
    const { cutters, wanted } = known
    if (wanted === null) return
    try {
      const transaction = this.#transaction
      readRows(type, body, cutters, (before, after) => this.#listener.row(wanted, before, after, transaction))
    } catch (error) {
      if (!(error instanceof UnknownCell) && !(error instanceof RangeError)) throw error
      this.#listener.unreadable(error.message, wanted)
    }
  }
}

/**
 * Bytes of the checksum behind each event from this format description on. It ends with the kind of checksum and, whatever
 * that is, room for one.
 * @param formatDescription without its header.
 */
export function checksumBytes(formatDescription: Buffer): number {
  return formatDescription.at(-1 - CHECKSUM_BYTES) === CRC32 ? CHECKSUM_BYTES : 0
}

const CHECKSUM_BYTES = 4
const CRC32 = 1

/** When the file was begun whose first event this is; `null` for any other event. Seconds since 1970. */
export function fileBegin(buffer: Buffer, start: number): number | null {
  if (buffer.length < start + HEADER_BYTES) return null
  const { type, timestamp, artificial } = readHeader(buffer, start)
  return type === EventType.formatDescription && !artificial && timestamp > 0 ? timestamp : null
}
