import type { EarlierTable } from '../model/checkpoint.js'
import type { Divergence } from '../model/divergence.js'
import type { TableResult } from '../model/report.js'
import type { TableRef } from '../model/table.js'
import { type FilePart, linesOf } from '../report/file-lines.js'
import { type CheckpointRecord, type HeadRecord, parseRecord, type ReachedRecord } from './records.js'

/** What an earlier run left in a log. Divergences stay in the file, where they are read from when they are wanted. */
export interface LogContents {
  /** `null` when not even the first line is there. */
  readonly head: HeadRecord | null
  /** Bytes up to which the log is of use: what comes after was not finished, and is done again. */
  readonly end: number
  earlier(ref: TableRef, shape: string): EarlierTable | null
}

interface LoggedTable {
  readonly shape: string
  /** Where its divergences are: in one piece for each run that went on with it. */
  readonly parts: FilePart[]
  reached: ReachedRecord | null
  result: TableResult | null
}

/** Reads a log up to its end, or up to the first line that is not whole. */
export async function readLog(path: string): Promise<LogContents> {
  const index = new LogIndex(path)
  try {
    for await (const line of linesOf(path)) {
      const record = parseRecord(line.text)
      const isWhole = line.end - line.start > Buffer.byteLength(line.text)
      if (record === null || !isWhole || !index.add(record, line.end)) break
    }
  } catch (error) {
    // A line too long to be read is where the readable part ends.
    if (!(error instanceof RangeError)) throw error
  }
  return index
}

class LogIndex implements LogContents {
  head: HeadRecord | null = null
  end = 0
  readonly #path: string
  readonly #tables = new Map<string, LoggedTable>()
  #current: LoggedTable | null = null

  constructor(path: string) {
    this.#path = path
  }

  /** Returns false for a record that has no place here. */
  add(record: CheckpointRecord, end: number): boolean {
    if (this.head === null || 'checkpoint' in record) return this.#begin(record, end)
    if ('divergence' in record) return this.#current !== null
    if ('table' in record) return this.#enter(nameOf(record.table), record.shape, record.goesOn, end)
    if (this.#current === null) return false
    if ('reached' in record) this.#current.reached = record
    else this.#current.result = record.result
    this.#counts(this.#current, end)
    return true
  }

  earlier(ref: TableRef, shape: string): EarlierTable | null {
    const table = this.#tables.get(nameOf(ref))
    if (table === undefined || table.shape !== shape) return null
    const { result, reached, parts } = table
    const divergences = () => divergencesIn(this.#path, parts)
    // What failed may go well this time, and is begun anew.
    if (result !== null) return result.status === 'failed' ? null : { kind: 'finished', result, divergences }
    return reached === null ? null : { kind: 'begun', upTo: reached.reached, tally: reached.tally, divergences }
  }

  #begin(record: CheckpointRecord, end: number): boolean {
    if (this.head !== null || !('checkpoint' in record)) return false
    this.head = record
    this.end = end
    return true
  }

  #enter(name: string, shape: string, goesOn: boolean, end: number): boolean {
    const earlier = goesOn ? this.#tables.get(name) : undefined
    const table = earlier ?? { shape, parts: [], reached: null, result: null }
    table.parts.push({ start: end, end })
    this.#tables.set(name, table)
    this.#current = table
    this.end = end
    return true
  }

  /** Divergences before here belong to the table for good. */
  #counts(table: LoggedTable, end: number): void {
    const part = table.parts.pop()
    if (part !== undefined) table.parts.push({ start: part.start, end })
    this.end = end
  }
}

async function* divergencesIn(path: string, parts: readonly FilePart[]): AsyncGenerator<Divergence, void> {
  for (const part of parts) {
    for await (const { text } of linesOf(path, part)) {
      const record = parseRecord(text)
      if (record !== null && 'divergence' in record) yield record.divergence
    }
  }
}

function nameOf({ database, table }: TableRef): string {
  return JSON.stringify([database, table])
}
