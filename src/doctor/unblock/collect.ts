import type { FilePosition } from '../../masters/position.js'
import { EventType } from '../../wire/binlog/codes.js'
import { checksumBytes } from '../../wire/binlog/decoder.js'
import { type EventHeader, readHeader } from '../../wire/binlog/event.js'
import { readQuery, statementKind } from '../../wire/binlog/query.js'
import { bodyOf, readGtidEvent } from '../../wire/binlog/transaction.js'

/** Bytes of one transaction that are kept; a larger one is no case for a plan row by row. */
const MOST_BYTES = 64 * 1024 ** 2

/** One transaction of a binlog, whole. */
export interface LoggedTransaction {
  /** `null` when it is not numbered. */
  readonly gtid: string | null
  /** Where its first event begins. */
  readonly begin: FilePosition
  /** Where its last event ends, in the same file. */
  readonly end: number
  /** Its events in their order, after the description of their format. */
  readonly events: readonly Buffer[]
}

/** What is looked for: the transaction with this GTID, or else the first one, at or behind a position. */
export interface Wanted {
  readonly from: FilePosition
  readonly gtid: string | null
}

/** Picks one transaction out of the events of a binlog. */
export class TransactionCollector {
  readonly #wanted: Wanted
  #file: string
  /** Where the event that comes next begins. */
  #at = 0
  #checksum = 0
  #format: Buffer = Buffer.alloc(0)
  #open: OpenTransaction | null = null
  #found: LoggedTransaction | null = null

  /** The events begin in the file of `wanted.from`, at its beginning or somewhere before what is wanted. */
  constructor(wanted: Wanted) {
    this.#wanted = wanted
    this.#file = wanted.from.file
  }

  /** The transaction, once it was seen to its end. */
  get found(): LoggedTransaction | null {
    return this.#found
  }

  /** Takes one event; false when nothing more is needed. @throws RangeError for a transaction that is too large. */
  take(buffer: Buffer, start: number, end: number): boolean {
    const header = readHeader(buffer, start)
    if (header.type === EventType.formatDescription) this.#describe(buffer, start, end)
    const body = bodyOf(buffer, start, end - this.#checksum)
    if (header.type === EventType.rotate) this.#rotate(body)
    if (header.artificial || header.type === EventType.rotate) return true
    const begin = this.#at
    // Before what begins in the middle of a file, the description of its format comes without a place.
    this.#at = buffer.readUInt32LE(start + NEXT_POSITION) || begin
    if (BEGINS.has(header.type)) this.#begin(header, body, begin)
    this.#keep(buffer.subarray(start, end))
    if (this.#endsWith(header, body)) this.#close()
    return this.#found === null
  }

  #describe(buffer: Buffer, start: number, end: number): void {
    this.#format = Buffer.from(buffer.subarray(start, end))
    this.#checksum = checksumBytes(bodyOf(buffer, start, end))
  }

  /** A position and the name of the next file. */
  #rotate(body: Buffer): void {
    this.#file = body.toString('utf8', ROTATE_NAME)
    this.#at = Number(body.readBigUInt64LE(0))
  }

  #begin(header: EventHeader, body: Buffer, begin: number): void {
    const { gtid, standalone } = readGtidEvent(header, body)
    const { from } = this.#wanted
    const isBefore = this.#file === from.file && begin < from.offset
    const isOther = this.#wanted.gtid !== null && this.#wanted.gtid !== gtid
    const at = { file: this.#file, offset: begin }
    this.#open = isBefore || isOther ? null : { gtid, standalone, begin: at, events: [], bytes: 0 }
  }

  #keep(event: Buffer): void {
    if (this.#open === null) return
    this.#open.bytes += event.length
    if (this.#open.bytes > MOST_BYTES) throw new RangeError(`the transaction is larger than ${MOST_BYTES} bytes`)
    this.#open.events.push(Buffer.from(event))
  }

  #endsWith({ type }: EventHeader, body: Buffer): boolean {
    if (this.#open === null) return false
    if (ENDS.has(type)) return true
    if (type !== EventType.query && type !== EventType.compressedQuery) return false
    const kind = statementKind(readQuery(type, body).sql)
    if (kind === 'commit' || kind === 'rollback') return true
    // A statement that stands alone is a transaction of its own, with nothing but its GTID before it.
    return this.#open.standalone || (kind !== 'begin' && this.#open.events.length === 2)
  }

  #close(): void {
    if (this.#open === null) return
    const { gtid, begin, events } = this.#open
    this.#found = { gtid, begin, end: this.#at, events: [this.#format, ...events] }
    this.#open = null
  }
}

interface OpenTransaction {
  readonly gtid: string | null
  readonly standalone: boolean
  readonly begin: FilePosition
  readonly events: Buffer[]
  bytes: number
}

/** Where in an event header the position of the next event stands. */
const NEXT_POSITION = 13
const ROTATE_NAME = 8

const BEGINS: ReadonlySet<number> = new Set([
  EventType.gtid,
  EventType.anonymousGtid,
  EventType.taggedGtid,
  EventType.mariadbGtid
])
const ENDS: ReadonlySet<number> = new Set([EventType.xid, EventType.xaPrepare, EventType.transactionPayload])
