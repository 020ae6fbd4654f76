import { EventType } from './codes.js'
import { type EventHeader, HEADER_BYTES } from './event.js'
import { uuidText } from './gtids.js'

/** One transaction, as far as the event at its head tells. */
export interface Transaction {
  /** As the server prints it; `null` when it is not numbered. */
  readonly gtid: string | null
  /** The server on which it was made. */
  readonly serverId: number
  /**
   * When it was committed there: UTC, ISO 8601, with microseconds where the server logs them (MySQL), else to the second.
   * Servers that apply it keep this time.
   */
  readonly at: string
}

/** The commit time on the applying server is followed by that on the first one when they differ. */
const ORIGINAL_FOLLOWS = 1n << 55n
/** Flags and UUID come first, then the number, a type, and two logical timestamps. */
const COMMIT_TIME = 1 + 16 + 8 + 1 + 16
const STANDALONE = 0x01

/** How a transaction begins. @param body the event without its header. */
export function readGtidEvent(header: EventHeader, body: Buffer): Transaction & { readonly standalone: boolean } {
  if (header.type === EventType.mariadbGtid) return mariadb(header, body)
  const numbered = header.type === EventType.gtid
  return {
    gtid: numbered ? `${uuidText(body.subarray(1, 17))}:${body.readBigInt64LE(17)}` : null,
    serverId: header.serverId,
    at: body.length >= COMMIT_TIME + 7 ? microsText(originalCommit(body)) : secondsText(header.timestamp),
    standalone: false
  }
}

function mariadb({ serverId, timestamp }: EventHeader, body: Buffer) {
  const gtid = `${body.readUInt32LE(8)}-${serverId}-${body.readBigUInt64LE(0)}`
  return { gtid, serverId, at: secondsText(timestamp), standalone: ((body[12] ?? 0) & STANDALONE) !== 0 }
}

function originalCommit(body: Buffer): bigint {
  const own = sevenBytes(body, COMMIT_TIME)
  return (own & ORIGINAL_FOLLOWS) === 0n ? own : sevenBytes(body, COMMIT_TIME + 7)
}

function sevenBytes(body: Buffer, at: number): bigint {
  return BigInt(body.readUIntLE(at, 6)) | (BigInt(body[at + 6] ?? 0) << 48n)
}

/** Seconds since 1970 as a time of a report. */
export function secondsText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

function microsText(micros: bigint): string {
  const fraction = String(micros % 1_000_000n).padStart(6, '0')
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, 19)}.${fraction}Z`
}

/** The event without its header. */
export function bodyOf(buffer: Buffer, start: number, end: number): Buffer {
  return buffer.subarray(start + HEADER_BYTES, end)
}
