import type { SoftReference } from '../model/repair.js'
import type { TableRef } from '../model/table.js'
import { tablePatternProblem } from './names.js'
import { checked, closed, listOf, text } from './schema-parts.js'

const table = checked(
  (name) => tablePatternProblem(name) ?? (/[*?]/.test(name) ? 'names one table, without * or ?' : null)
)

/** One entry of `repair.references`, checked. */
export const softReference = closed({ from: table, columns: listOf(text), to: table, key: listOf(text) }).superRefine(
  ({ columns, key }, context) => {
    if (columns.length === 0) context.addIssue({ code: 'custom', path: ['columns'], message: 'names no column' })
    if (columns.length === key.length) return
    const message = `names ${key.length} columns, and columns names ${columns.length}: each points to one`
    context.addIssue({ code: 'custom', path: ['key'], message })
  }
)

/** What the file says of a reference, as a repair takes it. */
export function toSoftReference(written: {
  readonly from: string
  readonly columns: readonly string[]
  readonly to: string
  readonly key: readonly string[]
}): SoftReference {
  return { from: refOf(written.from), columns: written.columns, to: refOf(written.to), key: written.key }
}

/** The first dot parts the database from the table. */
function refOf(name: string): TableRef {
  const dot = name.indexOf('.')
  return { database: name.slice(0, dot), table: name.slice(dot + 1) }
}
