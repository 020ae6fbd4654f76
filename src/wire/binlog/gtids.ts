import { type GtidSet, gtidSet, hasGtid } from '../../model/gtid-set.js'

/** Which transactions stand in the binlogs before the first one that was read. */
export interface EarlierGtids {
  /** Whether there are none. */
  readonly none: boolean
  /** Of MariaDB all numbers up to the last of a source; `null` when it cannot be told. */
  readonly set: GtidSet | null
  has(gtid: string): boolean
}

/** It cannot be told. */
export const ANY_GTID: EarlierGtids = { none: false, set: null, has: () => true }

const UUID_BYTES = 16
/** The first byte of the other format, in which GTIDs may have tags. */
const TAGGED_FORMAT = 1

/** MySQL's Previous_gtids event: for each server its uuid, and half-open intervals of numbers. */
export function readPreviousGtids(body: Buffer): EarlierGtids {
  if (body[7] === TAGGED_FORMAT) return ANY_GTID
  const intervals: (readonly [source: string, interval: readonly [bigint, bigint]])[] = []
  let at = 8
  for (let servers = Number(body.readBigUInt64LE(0)); servers > 0; servers--) {
    const uuid = uuidText(body.subarray(at, at + UUID_BYTES))
    const count = Number(body.readBigUInt64LE(at + UUID_BYTES))
    at += UUID_BYTES + 8
    for (const end = at + 16 * count; at < end; at += 16) {
      intervals.push([uuid, [body.readBigUInt64LE(at), body.readBigUInt64LE(at + 8) - 1n]])
    }
  }
  return earlier(gtidSet(intervals))
}

/** MariaDB's Gtid_list event: the last number of each server in each domain. Numbers of one server only grow. */
export function readGtidList(body: Buffer): EarlierGtids {
  const intervals: (readonly [source: string, interval: readonly [bigint, bigint]])[] = []
  const count = body.readUInt32LE(0) & 0xfffffff
  for (let at = 4; at < 4 + 16 * count; at += 16) {
    intervals.push([`${body.readUInt32LE(at)}-${body.readUInt32LE(at + 4)}`, [0n, body.readBigUInt64LE(at + 8)]])
  }
  return earlier(gtidSet(intervals))
}

function earlier(set: GtidSet): EarlierGtids {
  return { none: set.size === 0, set, has: (gtid) => hasGtid(set, gtid) }
}

/** A uuid as the server prints it. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
