import type { Bottleneck, EstimateTotal, MasterLoad, TableEstimate } from '../model/estimate.js'
import type { TableRef } from '../model/table.js'

/** What was seen of a table in a short while. */
export interface Sample {
  /** Rows to compare, on the master that has most of them. */
  readonly rows: number
  /** What the master that sent most has sent. */
  readonly bytes: number
  /** Keys that were passed: more than `rows` where a condition leaves some out. */
  readonly keys: number
  readonly seconds: number
  /** It was read to its end. */
  readonly whole: boolean
}

/** A table as the servers describe it. */
export interface SizedTable {
  readonly ref: TableRef
  readonly estimatedRows: number
  readonly averageRowBytes: number
}

/** How fast tables are read that are like those sampled. */
export interface Pace {
  readonly bytesPerSecond: number
  /** Bytes sent for each byte that the servers say they store. */
  readonly sentOfStored: number
  /** What a table costs however small it is. */
  readonly secondsPerTable: number
}

/** Statements that a table of one chunk takes on each master, one after the other. */
const STATEMENTS_PER_TABLE = 6

/** Above this share of the time, whoever is busy sets the pace. */
const BUSY = 0.85
/** A connection that carries more than this share of what it can is the narrow place. */
const FULL = 0.7

/** Less than this, in seconds, is over before all lanes read. */
const LEAST_SLICE = 0.1

/** The pace of all that was sampled; `null` when that was nothing. */
export function paceOf(
  sampled: readonly { readonly table: SizedTable; readonly sample: Sample }[],
  roundTrip: number
): Pace | null {
  const seconds = sum(sampled.map(({ sample }) => sample.seconds))
  const sent = sum(sampled.map(({ sample }) => sample.bytes))
  const stored = sum(sampled.map(({ table, sample }) => table.averageRowBytes * sample.keys))
  if (sent === 0 || seconds === 0) return null
  const small = sampled.filter(({ sample }) => sample.whole).map(({ sample }) => sample.seconds)
  return {
    bytesPerSecond: sent / seconds,
    sentOfStored: stored === 0 ? 1 : sent / stored,
    secondsPerTable: small.length > 0 ? Math.min(...small) : STATEMENTS_PER_TABLE * roundTrip
  }
}

/** What an audit of a table would take, from as much as is known of it. */
export function expect(table: SizedTable, sample: Sample | null, pace: Pace | null): TableEstimate {
  const { ref } = table
  if (sample?.whole === true) {
    return { ref, basis: 'read', rows: sample.rows, bytes: sample.bytes, seconds: sample.seconds }
  }
  if (sample !== null && sample.keys > 0) {
    const basis = table.estimatedRows > sample.keys ? 'sampled' : 'at least'
    const times = Math.max(1, table.estimatedRows / sample.keys)
    const rows = Math.round(sample.rows * times)
    return { ref, basis, rows, bytes: Math.round(sample.bytes * times), seconds: sample.seconds * times }
  }
  const bytes = Math.round(table.estimatedRows * table.averageRowBytes * (pace?.sentOfStored ?? 1))
  const seconds = pace === null ? null : pace.secondsPerTable + bytes / pace.bytesPerSecond
  return { ref, basis: 'unread', rows: table.estimatedRows, bytes, seconds }
}

/** @param before seconds that pass before the first table. */
export function totalOf(tables: readonly TableEstimate[], before: number): EstimateTotal {
  return {
    tables: tables.length,
    rows: sum(tables.map((table) => table.rows)),
    bytes: sum(tables.map((table) => table.bytes)),
    seconds: before + sum(tables.map((table) => table.seconds ?? 0)),
    unknown: tables.filter((table) => table.seconds === null).length
  }
}

/**
 * What the pace depends on: this process when it is hardly ever idle, the link when it carries nearly all it can, and else
 * the servers.
 *
 * @param clientBusy the share of the time in which this process was at work.
 */
export function bottleneckOf(
  clientBusy: number,
  masters: readonly Pick<MasterLoad, 'perSecond' | 'linkBytesPerSecond'>[]
): Bottleneck {
  if (masters.some(({ perSecond, linkBytesPerSecond }) => perSecond.bytes > FULL * linkBytesPerSecond)) return 'link'
  return clientBusy > BUSY ? 'client' : 'servers'
}

/** Bytes of a table, as the servers tell. */
export function storedBytes({ estimatedRows, averageRowBytes }: SizedTable): number {
  return estimatedRows * averageRowBytes
}

/**
 * How many seconds a table may be sampled for: its share of the budget by size, but no shorter than tells anything; 0 when
 * so much is not left.
 *
 * @param share of the bytes of all tables.
 */
export function sliceOf(share: number, budget: number, left: number): number {
  return left < LEAST_SLICE ? 0 : Math.min(left, Math.max(LEAST_SLICE, budget * share))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
