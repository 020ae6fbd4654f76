import type { RepairLimits, RowChange } from '../../model/repair.js'
import type { TableResult } from '../../model/report.js'
import { tableName } from '../../model/table.js'
import { BY_HAND } from '../decide/decide.js'
import { changesOf, type PlannedRow } from '../plan/planned-row.js'

/** Changes that no share of a table stops: of a small table, a few rows are soon a large part. */
const ALWAYS_ALLOWED = 100
/** Below this, a table may well hold few rows on one master and none on another. */
const SMALL_TABLE = 20
/** A master with less than this part of the rows that another one has looks emptied. */
const EMPTIED = 0.5

/**
 * Why a plan is too much to be carried out, or `null`. Nothing of it is written then. Deleting rows that somebody decided one
 * by one was asked for.
 */
export function tooMuch(
  rows: readonly PlannedRow[],
  results: readonly TableResult[],
  limits: RepairLimits
): string | null {
  const changes = changesOf(rows)
  const deletes = changesOf(rows.filter((row) => row.ruling.rule !== BY_HAND.rule)).filter(isLoss).length
  if (changes.length > limits.maxRows) {
    return `${changes.length} row changes are more than --max-rows ${limits.maxRows}`
  }
  if (limits.maxDeletes !== null && deletes > limits.maxDeletes) {
    return `${deletes} rows would be deleted, more than --max-deletes ${limits.maxDeletes}`
  }
  return emptied(changes, results, limits) ?? tooLargeShare(changes, results, limits)
}

function emptied(changes: readonly RowChange[], results: readonly TableResult[], limits: RepairLimits): string | null {
  if (limits.allowEmptied) return null
  const touched = new Set(changes.map((change) => tableName(change.table.ref)))
  for (const result of results.filter((each) => touched.has(tableName(each)))) {
    const counts = Object.entries(result.rows)
    const most = Math.max(...counts.map(([, rows]) => rows))
    const poor = counts.find(([, rows]) => most >= SMALL_TABLE && rows < most * EMPTIED)
    if (poor === undefined) continue
    return (
      `${tableName(result)} looks emptied on ${poor[0]}: ${poor[1]} rows there, ${most} elsewhere; ` +
      'find out why, or say --allow-emptied'
    )
  }
  return null
}

function tooLargeShare(
  changes: readonly RowChange[],
  results: readonly TableResult[],
  { maxPercent }: RepairLimits
): string | null {
  const counts = new Map<string, number>()
  for (const { table, master } of changes) {
    const place = JSON.stringify([tableName(table.ref), master])
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  for (const [place, count] of counts) {
    const [name, master] = JSON.parse(place) as [string, string]
    const rows = results.find((result) => tableName(result) === name)?.rows
    const total = Math.max(0, ...Object.values(rows ?? {}))
    if (count <= ALWAYS_ALLOWED || rows === undefined || count <= (total * maxPercent) / 100) continue
    return `${count} of about ${total} rows of ${name} would change on ${master}, more than --max-percent ${maxPercent}`
  }
  return null
}

/** A row of a family that is deleted lives on under another key. */
function isLoss({ after, family }: RowChange): boolean {
  return after === null && family === undefined
}
