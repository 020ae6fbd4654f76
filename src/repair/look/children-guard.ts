import type { FactsOf, ForeignKey } from '../../masters/table-facts.js'
import type { RowChange, RowImage } from '../../model/repair.js'
import { tableName } from '../../model/table.js'
import { keyOf } from '../../sql/guard.js'
import { oneRow } from '../../sql/lookups.js'
import { imageNames } from './transitions.js'

/**
 * Queries for rows that point to one that a change deletes, or of which it changes what other rows know it by. Those that
 * were there when the plan was made were looked at; one that came since would be taken along, unlogged.
 */
export function childrenQueries(change: RowChange, facts: FactsOf): readonly string[] {
  const { before, after, table } = change
  if (before === null) return []
  return facts(table.ref).children.flatMap((key) => {
    const literals = literalsOf(change, key, before)
    if (literals === null || literals.includes('NULL')) return []
    if (after !== null && sameLiterals(literals, literalsOf(change, key, { ...before, ...after }))) return []
    const isOwnTable = tableName(key.table) === tableName(table.ref)
    const wanted = { ref: key.table, columns: key.columns, literals }
    return [oneRow(wanted, isOwnTable ? keyOf(table, before) : null)]
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
