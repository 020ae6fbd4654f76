import type { FactsOf, ForeignKey } from '../../masters/table-facts.js'
import type { RowChange, RowImage } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { keyOf } from '../../sql/guard.js'
import { lockOneRow } from '../../sql/lookups.js'
import { imageNames } from './transitions.js'

/**
 * Statements to run in the transaction of a change, right before it deletes a row or changes what other rows know it by. Each
 * must find no row: one that came since the plan was made would be taken along, unlogged. What they read stays locked, so
 * that none can come any more.
 */
export function childrenGuards(change: RowChange, facts: FactsOf): readonly string[] {
  const { before, after, table } = change
  if (before === null) return []
  return facts(table.ref).children.flatMap((key) => {
    const literals = literalsOf(change, key, before)
    if (literals === null || literals.includes('NULL')) return []
    if (after !== null && sameLiterals(literals, literalsOf(change, key, { ...before, ...after }))) return []
    const isOwnTable = tableName(key.table) === tableName(table.ref)
    const wanted = { ref: key.table, columns: key.columns, literals }
    return [lockOneRow(wanted, isOwnTable ? keyOf(table, before) : null)]
  })
}

/** `null` when a column is in no image. */
function literalsOf({ table }: RowChange, key: ForeignKey, image: RowImage): readonly string[] | null {
  const names = imageNames(table)
  const literals = key.parentColumns.map((column) => image[names.get(column.toLowerCase()) ?? ''])
  return literals.every((literal) => literal !== undefined) ? literals : null
}

function sameLiterals(left: readonly string[], right: readonly string[] | null): boolean {
  return right !== null && left.every((literal, at) => literal === right[at])
}
