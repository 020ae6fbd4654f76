import { tableName } from '../model/table.js'
import type { SchemaOf } from './schema-drift.js'

/** One table on the masters that have it. */
export interface KnownTable {
  readonly name: string
  readonly schemas: readonly SchemaOf[]
}

/** Where one server keeps names in lower case, names that differ only in case are one table to all of them. */
export function joinByName(schemas: readonly SchemaOf[], foldCase: boolean): readonly KnownTable[] {
  const tables = new Map<string, SchemaOf[]>()
  for (const each of schemas) {
    const name = tableName(each.schema.ref)
    const folded = foldCase ? name.toLowerCase() : name
    const found = tables.get(folded)
    if (found === undefined) tables.set(folded, [each])
    else found.push(each)
  }
  return [...tables.values()]
    .flatMap(apart)
    .flatMap((found) => (found[0] === undefined ? [] : [{ name: tableName(found[0].schema.ref), schemas: found }]))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** A master that tells case apart may have two such tables: then which one the others mean cannot be known. */
function apart(found: readonly SchemaOf[]): readonly (readonly SchemaOf[])[] {
  const masters = new Set(found.map(({ master }) => master))
  if (masters.size === found.length) return [found]
  const names = new Set(found.map(({ schema }) => tableName(schema.ref)))
  return [...names].map((name) => found.filter(({ schema }) => tableName(schema.ref) === name))
}
