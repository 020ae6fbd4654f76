import type { Summary, TableResult } from './report.js'

/**
 * Draws the bottom line under the results of all tables that were to be audited.
 * @param unreached tables without a result, of which nothing is known; they count as failed.
 */
export function summarise(results: readonly TableResult[], unreached = 0): Summary {
  const count = (status: TableResult['status']) => results.filter((result) => result.status === status).length
  const total = (field: 'missing' | 'conflict' | 'collision' | 'unsettled') =>
    results.reduce((sum, result) => sum + result[field], 0)
  const classes = { missing: total('missing'), conflict: total('conflict'), collision: total('collision') }
  const [divergent, skipped, failed, unsettled] = [
    count('divergent'),
    count('skipped'),
    count('failed') + unreached,
    total('unsettled')
  ]
  return {
    // A table that failed half-way may have shown divergence before, and one that was repaired shows what was found.
    consistent: results.every((result) => result.status === 'consistent' || isFreeOfDivergence(result)),
    complete: skipped + failed + unsettled === 0,
    tables: results.length + unreached,
    divergent,
    skipped,
    failed,
    ...classes,
    unsettled,
    unlisted: results.reduce((sum, result) => sum + (result.unlisted ?? 0), 0)
  }
}

function isFreeOfDivergence({ status, missing, conflict, collision }: TableResult): boolean {
  return status !== 'divergent' && missing + conflict + collision === 0
}
