import type { Divergence } from '../model/divergence.js'
import { MmauditError, messageOf } from '../model/errors.js'
import type { Key } from '../model/range.js'
import { literal } from '../sql/literal.js'
import type { TableContext } from './context.js'
import { readingOn } from './table-plan.js'

/** Enough of a key to find it in the report. */
const SHOWN_CHARACTERS = 100

/**
 * The key of a reported row, in the order of the key columns that the table has now. It comes from a file, so it is tried
 * on every master's columns before it goes into a statement.
 *
 * @throws {MmauditError} `incomplete` when it does not fit the table as it is now.
 */
export function keyOfReported({ key }: Divergence, { masters, table }: TableContext): Key {
  const names = table.keyColumns.map((column) => column.name)
  const values = new Map(Object.entries(key).map(([name, value]) => [name.toLowerCase(), value]))
  const found = names.map((name) => values.get(name.toLowerCase()))
  if (values.size !== names.length || found.includes(undefined)) {
    throw misfit(
      `the report names rows by ${Object.keys(key).join(', ')}, and the key of the table is ${names.join(', ')}`
    )
  }
  const present = found.map((value) => value ?? null)
  for (const { name } of masters) {
    for (const [at, column] of readingOn(table, name).keyColumns.entries()) {
      const value = present[at] ?? null
      if (value === null) throw misfit(`the key ${shown(key)} of the report has no value for ${column.name}`)
      try {
        literal(column, value)
      } catch (cause) {
        throw misfit(`the key ${shown(key)} of the report does not fit the table: ${messageOf(cause)}`, cause)
      }
    }
  }
  return present
}

function misfit(problem: string, cause?: unknown): MmauditError {
  return new MmauditError('incomplete', problem, { hint: 'audit the table again', cause })
}

function shown(key: Divergence['key']): string {
  const text = JSON.stringify(key)
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`
}
