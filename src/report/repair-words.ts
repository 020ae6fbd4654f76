import type { RepairSummary } from '../model/repair.js'
import { counted, grouped } from './numbers.js'
import { LEFT_STATUSES } from './repair-tally.js'
import { listed } from './text.js'

/** Rows that a policy looked at, whatever became of them. */
export function rowsDecided(repair: RepairSummary): number {
  return Object.values(repair.rows).reduce((sum, count) => sum + count, 0)
}

/** Whether rows were written, so that there is something to take back. */
export function hasWritten(repair: RepairSummary | null): boolean {
  return repair !== null && !repair.dryRun && (repair.rows.applied > 0 || changedRows(repair) > 0)
}

/** `17 rows on b and 3 on a`, the most first; `nothing`. */
export function changesText({ changes }: RepairSummary): string {
  const written = Object.entries(changes)
    .filter(([, count]) => count > 0)
    .toSorted(([, left], [, right]) => right - left)
  if (written.length === 0) return 'nothing'
  return listed(
    written.map(([master, count], index) => `${index === 0 ? counted(count, 'row') : grouped(count)} on ${master}`)
  )
}

/** Rows that were not repaired. */
export interface LeftRows {
  readonly count: number
  /** `3 manual, 2 refused` */
  readonly how: string
}

/** Planned rows that a real run did not write are left as well. */
export function leftRows({ rows, dryRun }: RepairSummary): LeftRows {
  const statuses = [...(dryRun ? [] : (['planned'] as const)), ...LEFT_STATUSES].filter((status) => rows[status] > 0)
  return {
    count: statuses.reduce((sum, status) => sum + rows[status], 0),
    how: statuses
      .map((status) => `${grouped(rows[status])} ${status === 'planned' ? 'not written' : status}`)
      .join(', ')
  }
}

function changedRows({ changes }: RepairSummary): number {
  return Object.values(changes).reduce((sum, count) => sum + count, 0)
}
