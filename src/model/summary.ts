import type { Summary, TableResult } from './report.js'

/** Draws the bottom line under the results of all tables that were to be audited. */
export function summarise(results: readonly TableResult[]): Summary {
  const count = (status: TableResult['status']) => results.filter((result) => result.status === status).length
  const total = (field: 'missing' | 'conflict' | 'collision' | 'unsettled') =>
    results.reduce((sum, result) => sum + result[field], 0)
  const classes = { missing: total('missing'), conflict: total('conflict'), collision: total('collision') }
  const [divergent, skipped, failed, unsettled] = [
    count('divergent'),
    count('skipped'),
    count('failed'),
    total('unsettled')
  ]
  return {
    // A table that failed half-way may have shown divergence before; its rows count although its status says failed.
    consistent: divergent === 0 && classes.missing + classes.conflict + classes.collision === 0,
    complete: skipped + failed + unsettled === 0,
    tables: results.length,
    divergent,
    skipped,
    failed,
    ...classes,
    unsettled
  }
}
