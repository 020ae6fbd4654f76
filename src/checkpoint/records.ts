import type { TallySnapshot } from '../model/checkpoint.js'
import type { Divergence } from '../model/divergence.js'
import type { Key } from '../model/range.js'
import type { AuditHeader, TableResult } from '../model/report.js'
import type { TableRef } from '../model/table.js'
import { divergenceText } from '../report/divergence-text.js'
import type { Settings } from './settings.js'

/** Raised when an earlier version would misread the file, or this one a file of an earlier version. */
export const CHECKPOINT_VERSION = 1

/** The first line: which audit it is. */
export interface HeadRecord {
  readonly checkpoint: number
  readonly settings: Settings
  /** By master, what tells its server from every other. */
  readonly servers: Readonly<Record<string, string>>
  readonly header: Omit<AuditHeader, 'startedAt'> & { readonly startedAt: string }
}

/** What follows belongs to this table. Unless it goes on, what was written of the table before is void. */
interface TableRecord {
  readonly table: TableRef
  readonly shape: string
  readonly goesOn: boolean
}

/** A divergence counts once a `reached` or a `result` of its table comes after it. */
interface DivergenceRecord {
  readonly divergence: Divergence
}

/** Every row below the key was compared. */
export interface ReachedRecord {
  readonly reached: Key
  readonly tally: TallySnapshot
}

/** The table is done. */
interface ResultRecord {
  readonly result: TableResult
}

export type CheckpointRecord = HeadRecord | TableRecord | DivergenceRecord | ReachedRecord | ResultRecord

const KINDS = ['checkpoint', 'table', 'divergence', 'reached', 'result']

/** A record as a line of the file. */
export function lineOf(record: CheckpointRecord): string {
  if ('divergence' in record) return `{"divergence":${divergenceText(record.divergence)}}\n`
  return `${JSON.stringify(record)}\n`
}

/** Reads a line back; `null` for what is no whole record, as a crash may leave behind. */
export function parseRecord(line: string): CheckpointRecord | null {
  try {
    const value: unknown = JSON.parse(line)
    const [kind] = typeof value === 'object' && value !== null ? Object.keys(value) : []
    return kind !== undefined && KINDS.includes(kind) ? (value as CheckpointRecord) : null
  } catch {
    return null
  }
}
